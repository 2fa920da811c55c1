/**
 * `npm run package:desktop`: makes dist/desktop/bitfleet-<version>-linux-<machine>, a folder that runs by itself where no Node is installed, and the same
 * as .tar.gz. It is for this kind of machine: the Node that runs this, and the native pieces that are installed, go into it.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { buildIfStale, giveUp, installIfNeeded, ROOT, say } from "./steps.mjs";

if (process.platform !== "linux") giveUp("the folder is made on Linux; docs/desktop.md says what there is elsewhere.");
installIfNeeded();
await buildIfStale();

const { files, version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
const name = `bitfleet-${version}-linux-${process.arch}`;
const target = path.join(ROOT, "dist/desktop", name);
const SOURCES = path.join(ROOT, "apps/desktop/package");
/** Of `import { startNetwork } from "bitfleet"`. */
const NOT_HERE = ["dist/network.cjs", "dist/types", "packages/node/bin/network.cjs"];

rmSync(path.join(ROOT, "dist/desktop"), { recursive: true, force: true });
mkdirSync(path.join(target, "bin"), { recursive: true });
for (const file of files.flatMap(namedBy)) copy(file);
for (const file of [...namedBy("dist/*.cache"), "apps/wallet/dist", "apps/desktop/icons", "LICENSE"]) copy(file);
for (const file of loadedFiles("koffi")) copy(file);
copyFileSync(process.execPath, path.join(target, "bin/node"));
for (const script of ["install.sh", "uninstall.sh", "README.txt"])
  copyFileSync(path.join(SOURCES, script), path.join(target, script));
const launcher = readFileSync(path.join(SOURCES, "launcher.sh"), "utf8");
writeLauncher("bitfleet", "");
for (const app of ["wallet", "admin"]) writeLauncher(`bitfleet-${app}`, app);
for (const script of ["install.sh", "uninstall.sh", "bin/node"]) chmodSync(path.join(target, script), 0o755);
execFileSync("chmod", ["-R", "a+rX,go-w", target]);
execFileSync("tar", ["-C", path.dirname(target), "--owner=0", "--group=0", "-czf", `${target}.tar.gz`, name]);
say(
  `made dist/desktop/${name} (${megabytes(sizeOf(target))} MB) and ${name}.tar.gz (${megabytes(statSync(`${target}.tar.gz`).size)} MB)`,
);

/** The files that a line of package.json means: a name, or all in a folder with an ending. @param {string} pattern */
function namedBy(pattern) {
  const { dir, base } = path.parse(pattern);
  if (!base.startsWith("*")) return [pattern];
  const names = readdirSync(path.join(ROOT, dir));
  return names.filter((one) => one.endsWith(base.slice(1))).map((one) => `${dir}/${one}`);
}

/** @param {string} file Relative to the repository's root. */
function copy(file) {
  const isWanted = (/** @type {string} */ one) => !NOT_HERE.includes(path.relative(ROOT, one));
  cpSync(path.join(ROOT, file), path.join(target, file), { recursive: true, filter: isWanted, dereference: true });
}

/** @param {string} file @param {string} app */
function writeLauncher(file, app) {
  writeFileSync(path.join(target, file), launcher.replace(" APP ", app === "" ? " " : ` ${app} `));
  chmodSync(path.join(target, file), 0o755);
}

/** What Node loads for a package here, with the manifests and licences of the packages it is of. @param {string} name @returns {readonly string[]} */
function loadedFiles(name) {
  const require = createRequire(path.join(ROOT, "dist/"));
  require(name);
  const loaded = Object.keys(require.cache).map((file) => path.relative(ROOT, file));
  const folders = new Set(loaded.map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? ""));
  folders.delete("");
  const papers = [...folders].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder))
      .filter((file) => /^(package\.json|licen[cs]e.*)$/i.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return [...loaded, ...papers];
}

/** @param {string} folder @returns {number} */
function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.reduce((sum, one) => sum + (one.isFile() ? statSync(path.join(one.parentPath, one.name)).size : 0), 0);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / 1e6);
}
