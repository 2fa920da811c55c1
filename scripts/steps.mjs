/**
 * What `npm start`, `npm test` and `npm run build` have in common: install what is missing, build what is stale, and say so
 * in one line each. Runs on plain Node 20 before anything is installed.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const DIST = path.join(ROOT, "dist");
const NODE_MAJOR_MIN = 20;

/** @param {string} text */
export function say(text) {
  process.stdout.write(`bitfleet: ${text}\n`);
}

/** @param {string} text @returns {never} */
export function giveUp(text) {
  process.stderr.write(`bitfleet: ${text}\n`);
  process.exit(1);
}

/** Installs with `npm ci` where node_modules is missing or older than the lock. */
export function installIfNeeded() {
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) {
    giveUp(`Node.js ${NODE_MAJOR_MIN} or newer is needed, this is ${process.version}.`);
  }
  const lock = path.join(ROOT, "package-lock.json");
  const installed = path.join(ROOT, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("installing packages (npm ci) …");
  const started = Date.now();
  const status = runNpm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (status !== 0) giveUp("npm ci failed; its message stands above.");
  // `npm ci` keeps the times of the lock's own copy, so say that it is current.
  if (existsSync(installed)) writeFileSync(installed, readFileSync(installed));
  say(`packages installed in ${seconds(started)}`);
}

/** @param {readonly string[]} args @param {string} [cwd] @returns {number} exit status */
export function runNpm(args, cwd = ROOT) {
  const npm = process.env.npm_execpath;
  const [command, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const { status } = spawnSync(command, [...first, ...args], { cwd, stdio: ["ignore", "inherit", "inherit"] });
  return status ?? 1;
}

/** Builds the executables and the web apps where their sources changed since. `force` builds all of them. */
export async function buildIfStale({ force = false } = {}) {
  mkdirSync(DIST, { recursive: true });
  await buildPart(
    { name: "bundles", label: "the executables", outputs: ["dist/bitcoind.cjs"], sources: BUNDLE_SOURCES },
    async () => (await import("./bundle.mjs")).buildBundles(),
    force,
  );
  for (const { name, label, app, sources } of PAGES) {
    const outputs = [`${app}/dist/index.html`];
    await buildPart({ name, label, outputs, sources }, async () => buildPage(app, label), force);
  }
}

const BUNDLE_SOURCES = [
  "packages/protocol",
  "packages/wallet",
  "packages/api",
  "packages/vault",
  "packages/node",
  "apps/desktop/src",
  "scripts/bundle.mjs",
];
/** What is in both web apps. */
const PAGE_SOURCES = [
  "packages/protocol",
  "packages/wallet",
  "packages/api",
  "packages/vault",
  "packages/ui",
  "scripts/vite",
];
const PAGES = [
  { name: "page", label: "the web page", app: "apps/admin", sources: [...PAGE_SOURCES, "apps/admin"] },
  {
    name: "wallet-app",
    label: "the wallet app",
    app: "apps/wallet",
    sources: [...PAGE_SOURCES, "apps/wallet"],
  },
];

/**
 * @param {{ name: string, label: string, outputs: readonly string[], sources: readonly string[] }} part
 * @param {() => Promise<void>} build
 * @param {boolean} force
 */
async function buildPart(part, build, force) {
  const stamp = path.join(DIST, `.${part.name}-sources`);
  const fingerprint = fingerprintOf([...part.sources, "package-lock.json"]);
  const isBuilt = part.outputs.every((file) => existsSync(path.join(ROOT, file)));
  if (!force && isBuilt && existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint) return;
  say(`building ${part.label} …`);
  const started = Date.now();
  await build();
  writeFileSync(stamp, fingerprint);
  say(`${part.label} built in ${seconds(started)}`);
}

/** @param {string} app @param {string} label */
function buildPage(app, label) {
  if (!existsSync(path.join(ROOT, app, "vite.config.ts"))) return;
  const vite = path.join(ROOT, "node_modules/vite/bin/vite.js");
  const { status } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], {
    cwd: path.join(ROOT, app),
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) giveUp(`building ${label} failed; the message stands above.`);
}

/** Paths, sizes and times of all source files, as one hash. @param {readonly string[]} sources */
function fingerprintOf(sources) {
  const hash = createHash("sha256").update(process.version);
  for (const source of sources) addToFingerprint(hash, source);
  return hash.digest("hex");
}

const NOT_SOURCE = /^(node_modules|dist|.*\.test\.tsx?)$/;

/** @param {import("node:crypto").Hash} hash @param {string} relative */
function addToFingerprint(hash, relative) {
  const stat = statSync(path.join(ROOT, relative), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    hash.update(`${relative}\0${stat.size}\0${Math.floor(stat.mtimeMs)}\n`);
    return;
  }
  for (const name of readdirSync(path.join(ROOT, relative)).sort()) {
    if (!NOT_SOURCE.test(name)) addToFingerprint(hash, `${relative}/${name}`);
  }
}

/** @param {number} startedMs */
export function seconds(startedMs) {
  return `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * Runs a program in the place of this one: its signals, its output, its exit code.
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env]
 */
export function become(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: process.env.INIT_CWD ?? process.cwd(), stdio: "inherit", env });
  // Ctrl-C reaches the program by itself; one that only we were sent is passed on, and the program takes both for one.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  // `npm start` that is ended by a signal leaves its shell's child behind: without our parent nobody wants the network any more.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, PARENT_CHECK_MS);
  child.on("error", (error) => giveUp(`cannot run ${command}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
}

const PARENT_CHECK_MS = 500;

/** @type {Readonly<Record<string, number>>} */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
