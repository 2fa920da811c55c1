/**
 * `CORE_SRC=<Bitcoin Core's source tree> npm run conformance [-- NAME…]`: runs Core's own functional tests against this
 * node. docs/conformance.md says what the names and options are and holds the results. Core's tree is only read.
 */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_SCRIPTS, listedRuns, noteOf, plannedRuns, runName, updatedPage } from "./conformance-plan.mjs";
import { buildIfStale, giveUp, installIfNeeded, ROOT, say } from "./steps.mjs";

/** @typedef {import("./conformance-plan.mjs").Run} Run @typedef {import("./conformance-plan.mjs").Outcome} Outcome */

const USAGE = `usage: CORE_SRC=<Bitcoin Core's source tree> npm run conformance -- [options] [NAME…] [-- ARGUMENT…]

NAME is a script of Core's test/functional: p2p_ping, p2p_ping.py, or with arguments "p2p_handshake --v2transport". Without
arguments it stands for every variant that Core's own runner has. Without a name the set of docs/conformance.md runs.

  --all-p2p        every p2p_* script
  --list           print what would run, and leave
  --jobs N         scripts at once (default 1)
  --timeout S      seconds for each script (default 600)
  --write          write the results into docs/conformance.md
  --keep           keep the folders of scripts that pass, too
  --no-build       take packages and executables as they are
  -- ARGUMENT…     for every script, such as --loglevel=DEBUG`;

const TIMEOUT_SECONDS_DEFAULT = 600;
const FAILURE_LINES_SHOWN = 25;
/** Exit status of a script that cannot run here. */
const SKIPPED_STATUS = 77;
const PAGE = path.join(ROOT, "docs/conformance.md");

/** Core's ports: 12 nodes a seed from 11000, of three kinds 5000 apart. */
const PORT_MIN = 11_000;
const PORT_RANGE = 5000;
const NODES_MAX = 12;
const SEED_MAX = Math.floor((PORT_RANGE - 1 - NODES_MAX) / NODES_MAX);

/** What this node has of what Core's scripts ask for; a script that needs another part counts as skipped. */
const COMPONENTS = ["ENABLE_WALLET", "ENABLE_BITCOIND", "ENABLE_CLI", "ENABLE_ZMQ"];

const { values: options, positionals } = readArguments();
if (options.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const coreSource = coreSourceOf(process.env.CORE_SRC);
const functional = path.join(coreSource, "test/functional");
const runs = chosenRuns();
if (options.list) {
  process.stdout.write(runs.map((run) => `${runName(run)}\n`).join(""));
  process.exit(0);
}
const jobCount = positiveOption("jobs", 1);
const timeoutMs = positiveOption("timeout", TIMEOUT_SECONDS_DEFAULT) * 1000;
if (!options["no-build"]) {
  installIfNeeded();
  await buildIfStale();
}

const root = mkdtempSync(path.join(tmpdir(), "bitfleet-conformance-"));
/** Process groups under way, to end with us. @type {Set<number>} */
const groups = new Set();
process.on("exit", () => groups.forEach(killGroup));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => process.exit(1));

writeFileSync(path.join(root, "config.ini"), configText());
let nextSeed = process.pid % SEED_MAX;
await makeCache();
const outcomes = await runAll();
report(outcomes);

function readArguments() {
  const args = process.argv.slice(2);
  const end = args.indexOf("--");
  try {
    return parseArgs({
      args: end < 0 ? args : args.slice(0, end),
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        list: { type: "boolean" },
        "all-p2p": { type: "boolean" },
        jobs: { type: "string" },
        timeout: { type: "string" },
        write: { type: "boolean" },
        keep: { type: "boolean" },
        "no-build": { type: "boolean" },
      },
    });
  } catch (error) {
    giveUp(`${/** @type {Error} */ (error).message}\n\n${USAGE}`);
  }
}

/** Arguments for every script. @returns {readonly string[]} */
function commonArguments() {
  const end = process.argv.indexOf("--", 2);
  return end < 0 ? [] : process.argv.slice(end + 1);
}

/** @param {string | undefined} given @returns {string} */
function coreSourceOf(given) {
  if (!given) giveUp("set CORE_SRC to a Bitcoin Core source tree, whose test/functional holds the scripts to run.");
  const tree = path.resolve(process.env.INIT_CWD ?? process.cwd(), given);
  if (!existsSync(path.join(tree, "test/functional/test_runner.py"))) {
    giveUp(`CORE_SRC=${given} is no Bitcoin Core source tree: it has no test/functional/test_runner.py.`);
  }
  return tree;
}

/** @returns {readonly Run[]} */
function chosenRuns() {
  const listed = listedRuns(readFileSync(path.join(functional, "test_runner.py"), "utf8"));
  const p2p = [...new Set(listed.map(({ script }) => script).filter((script) => script.startsWith("p2p_")))];
  const named = [...(options["all-p2p"] ? p2p : []), ...positionals];
  const chosen = plannedRuns(named.length > 0 ? named : DEFAULT_SCRIPTS, listed);
  const unknown = chosen.filter(({ script }) => !existsSync(path.join(functional, `${script}.py`)));
  if (unknown.length > 0) giveUp(`no script of Core is named ${unknown.map(({ script }) => script).join(", ")}.`);
  return chosen;
}

/** @param {"jobs" | "timeout"} name @param {number} fallback */
function positiveOption(name, fallback) {
  const text = options[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) giveUp(`--${name}=${text}: a whole number from 1 is expected.`);
  return value;
}

function configText() {
  const environment = {
    CLIENT_NAME: "Bitfleet",
    CLIENT_BUGREPORT: "the issues of this repository",
    SRCDIR: coreSource,
    BUILDDIR: root,
    EXEEXT: "",
    RPCAUTH: path.join(coreSource, "share/rpcauth/rpcauth.py"),
  };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value.replaceAll("%", "%%")}`);
  return `[environment]\n${lines.join("\n")}\n\n[components]\n${COMPONENTS.map((name) => `${name}=true`).join("\n")}\n`;
}

/** The chain that most scripts begin with, made once before any runs, as scripts at the same time would make it twice. */
async function makeCache() {
  const needed = runs.some(({ script }) => {
    return !readFileSync(path.join(functional, `${script}.py`), "utf8").includes("setup_clean_chain = True");
  });
  if (!needed) return;
  const run = { script: "create_cache", args: [] };
  const outcome = await runScript(run);
  if (outcome.result === "PASS") return;
  say("the chain that the scripts begin with cannot be made.");
  process.exit(1);
}

async function runAll() {
  /** @type {Outcome[]} */
  const finished = [];
  const waiting = [...runs];
  const worker = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const outcome = await runScript(run);
      finished.push(outcome);
      say(`${outcome.result} ${String(outcome.seconds).padStart(4)} s  ${runName(run)}`);
    }
  };
  await Promise.all(Array.from({ length: jobCount }, worker));
  return finished;
}

/** Runs one script in a folder and a process group of its own; says what its output ends with where it fails. @param {Run} run */
async function runScript(run) {
  const seed = await freeSeed();
  const folder = path.join(root, `${runName(run).replaceAll(/[^\w]+/g, "_")}_${seed}`);
  mkdirSync(folder);
  const outputFile = path.join(folder, "output.log");
  const started = Date.now();
  const status = await runPython(run, seed, folder, outputFile);
  const seconds = Math.round((Date.now() - started) / 1000);
  const output = readFileSync(outputFile, "utf8");
  const result = status === 0 ? "PASS" : status === SKIPPED_STATUS ? "SKIP" : "FAIL";
  const note = status === "timeout" ? `no end within ${timeoutMs / 1000} s` : noteOf(output, result);
  if (result !== "FAIL" && !options.keep) rmSync(folder, { recursive: true, force: true });
  if (result === "FAIL") {
    const [told = ""] = output.split(/^.*Not stopping nodes as test failed/m);
    const lines = told.trimEnd().split("\n").slice(-FAILURE_LINES_SHOWN);
    const shown = lines.map((line) => `    ${line}\n`);
    process.stdout.write(`${shown.join("")}    ${status === "timeout" ? `${note}; ` : ""}its folder is ${folder}\n`);
  }
  return /** @type {Outcome} */ ({ run, result, seconds, note });
}

/**
 * @param {Run} run @param {number} seed @param {string} folder @param {string} outputFile
 * @returns {Promise<number | "timeout">} the exit status
 */
function runPython(run, seed, folder, outputFile) {
  const args = [
    path.join(functional, `${run.script}.py`),
    ...run.args,
    `--configfile=${path.join(root, "config.ini")}`,
    `--cachedir=${path.join(root, "cache")}`,
    `--tmpdir=${path.join(folder, "run")}`,
    `--portseed=${seed}`,
    ...commonArguments(),
  ];
  const env = {
    ...process.env,
    BITCOIND: path.join(ROOT, "packages/node/bin/bitcoind"),
    BITCOINCLI: path.join(ROOT, "packages/node/bin/bitcoin-cli"),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  };
  return new Promise((resolve) => {
    // A process group of its own, so that the nodes of a script that hangs or breaks off end with it.
    const child = spawn("python3", args, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const output = createWriteStream(outputFile);
    for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
    const group = child.pid;
    if (group !== undefined) groups.add(group);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (group !== undefined) killGroup(group);
    }, timeoutMs);
    child.on("error", () => giveUp("python3 is needed to run Core's functional tests, and cannot be started."));
    child.on("exit", () => group !== undefined && killGroup(group));
    child.on("close", (code) => {
      clearTimeout(timer);
      if (group !== undefined) groups.delete(group);
      output.end(() => resolve(isLate ? "timeout" : (code ?? 1)));
    });
  });
}

/** @param {number} group */
function killGroup(group) {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

/** A seed whose ports nobody listens on now; no other script of this run has it. */
async function freeSeed() {
  for (let tried = 0; tried < SEED_MAX; tried++) {
    const seed = 1 + (nextSeed++ % SEED_MAX);
    const base = PORT_MIN + ((NODES_MAX * seed) % (PORT_RANGE - 1 - NODES_MAX));
    const ports = [0, 1, 2].flatMap((kind) =>
      [base, base + 1, base + NODES_MAX - 1].map((port) => port + kind * PORT_RANGE),
    );
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return seed;
  }
  giveUp(`no free ports from ${PORT_MIN} to ${PORT_MIN + 3 * PORT_RANGE}.`);
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** @param {readonly Outcome[]} outcomes */
function report(outcomes) {
  const count = (/** @type {string} */ result) => outcomes.filter((outcome) => outcome.result === result).length;
  const failed = count("FAIL");
  say(`${count("PASS")} passed, ${failed} failed, ${count("SKIP")} skipped`);
  if (options.write) {
    writeFileSync(PAGE, updatedPage(readFileSync(PAGE, "utf8"), outcomes, coreVersion()));
    say(`results written into ${path.relative(ROOT, PAGE)}`);
  }
  if (failed === 0 && !options.keep) rmSync(root, { recursive: true, force: true });
  process.exit(failed === 0 ? 0 : 1);
}

/** As the tree names itself, e.g. `Bitcoin Core 31.99`. */
function coreVersion() {
  const file = path.join(coreSource, "CMakeLists.txt");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const part = (/** @type {string} */ name) => new RegExp(`CLIENT_VERSION_${name} (\\d+)`).exec(text)?.[1];
  const [major, minor] = [part("MAJOR"), part("MINOR")];
  return major === undefined || minor === undefined ? "Bitcoin Core" : `Bitcoin Core ${major}.${minor}`;
}
