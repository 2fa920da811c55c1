/**
 * Gathers below the given directory what the image carries of this repository, in its place there: of what `npm pack` carries all but the parts for
 * test files, of the packages outside the bundles the files that Node loads on this machine, and the programs on the PATH.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** Of `import { startNetwork } from "bitfleet"`, which no container runs. */
const FOR_TEST_FILES = ["dist/network.cjs", "dist/types", "packages/node/bin/network.cjs"];
/** Packages that the bundles look up where they are installed, with what these read beside the files that they load. */
const OUTSIDE = { koffi: [], zeromq: ["zeromq/build/manifest.json"] };

const target = process.argv[2];
if (target === undefined) throw new Error("collect.mjs needs the directory to gather in.");
const app = path.join(target, "app");
const { files, bin } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));

copy(files.flatMap((/** @type {string} */ pattern) => globSync(pattern, { cwd: ROOT })));
copy(globSync("dist/*.cache", { cwd: ROOT }));
copy(["LICENSE"]);
for (const [name, read] of Object.entries(OUTSIDE)) {
  copy([...loadedFiles(name), ...read.map((file) => `node_modules/${file}`)]);
  // In a process of its own, from its new place: what was left behind is missed here and not by an operator.
  execFileSync(process.execPath, ["-e", `require(${JSON.stringify(path.join(app, "node_modules", name))})`]);
}
mkdirSync(path.join(target, "usr/local/bin"), { recursive: true });
for (const [name, file] of Object.entries(bin)) {
  chmodSync(path.join(app, file), 0o755);
  symlinkSync(path.join("/app", file), path.join(target, "usr/local/bin", name));
}
// Caches are written for their owner alone; the image's user is another.
execFileSync("chmod", ["-R", "a+rX,go-w", target]);

/** @param {readonly string[]} names Relative to the repository's root. */
function copy(names) {
  const isWanted = (/** @type {string} */ file) => !FOR_TEST_FILES.includes(path.relative(ROOT, file));
  for (const name of names) cpSync(path.join(ROOT, name), path.join(app, name), { recursive: true, filter: isWanted });
}

/** What Node loads for a package, with the manifests and licences of the packages it is of. @param {string} name @returns {readonly string[]} */
function loadedFiles(name) {
  const require = createRequire(path.join(ROOT, "dist/"));
  require(name);
  const loaded = Object.keys(require.cache).map((file) => path.relative(ROOT, file));
  const folders = new Set(loaded.map((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(isText));
  const papers = [...folders].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder))
      .filter((file) => /^(package\.json|licen[cs]e.*|copying.*|notice.*)$/i.test(file))
      .map((file) => `${folder}/${file}`),
  );
  return [...loaded, ...papers];
}

/** @param {string | undefined} text @returns {text is string} */
function isText(text) {
  return text !== undefined;
}
