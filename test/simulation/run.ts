/**
 * `npm run test:simulation -- [--seeds N] [--from SEED] [--jobs N] [--nodes N] [--hostile N] [--seconds N] [--keep-going] [--trace FILE]`:
 * many seeds, on all cores. The first that fails ends it, with the command that replays it; `--trace` writes every line of every node.
 */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { SIMULATION_DEFAULTS } from "./defaults.ts";
import type { SeedOrder, SeedReport } from "./worker.ts";

const PROGRESS_EVERY_MS = 10_000;
/** Most objects of a simulation die young: in so much room few are ever copied. */
const NURSERY_MIB = 64;
const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: `${availableParallelism()}` },
    nodes: { type: "string", default: `${SIMULATION_DEFAULTS.nodeCount}` },
    hostile: { type: "string", default: `${SIMULATION_DEFAULTS.hostileCount}` },
    seconds: { type: "string", default: `${SIMULATION_DEFAULTS.turmoilMs / 1000}` },
    "keep-going": { type: "boolean", default: false },
    trace: { type: "string" },
  },
});
const sizes = {
  nodeCount: Number(values.nodes),
  hostileCount: Number(values.hostile),
  turmoilMs: 1000 * Number(values.seconds),
};
const first = Number(values.from);
const end = first + Number(values.seeds);

/** Seeds by process that runs them. */
const running = new Map<ChildProcess, number>();
const totals = new Map<string, number>();
const failed: number[] = [];
const startMs = performance.now();
let next = first;
let doneCount = 0;
let isStopping = false;

/** As one file, which starts sooner and runs faster than what is translated while it loads. */
async function bundleWorker(): Promise<string> {
  const outfile = join(ROOT, `node_modules/.cache/simulation-${process.pid}.mjs`);
  await build({
    entryPoints: [join(ROOT, "test/simulation/worker.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    external: ["classic-level", "koffi", "tiny-secp256k1", "tsx"],
    logLevel: "warning",
  });
  return outfile;
}

function startWorker(path: string): void {
  const child = fork(path, { execArgv: ["--enable-source-maps", `--max-semi-space-size=${NURSERY_MIB}`] });
  child.on("message", (report: SeedReport) => {
    reported(report);
    give(child);
  });
  child.on("exit", (code, signal) => {
    const seed = running.get(child);
    if (seed === undefined) return;
    running.delete(child);
    failure(seed, [`the process ended with ${signal ?? code}`]);
  });
  give(child);
}

/** The next seed for a process; without one it ends. */
function give(child: ChildProcess): void {
  running.delete(child);
  if (next >= end || isStopping) {
    child.disconnect();
    if (running.size === 0) finish();
    return;
  }
  const seed = next++;
  running.set(child, seed);
  const order: SeedOrder = { options: { ...sizes, seed }, tracePath: values.trace };
  child.send(order);
}

function reported({ seed, problems, fingerprint, height, durationMs, lineCount, counts }: SeedReport): void {
  doneCount++;
  for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count);
  if (problems.length > 0) failure(seed, problems);
  if (end - first > 1) return;
  console.log(`seed ${seed}: ${fingerprint}, height ${height}, ${durationMs / 1000} s, ${lineCount} lines`);
}

function failure(seed: number, problems: readonly string[]): void {
  failed.push(seed);
  console.error(`seed ${seed} failed:\n  ${problems.join("\n  ")}`);
  const { nodes, hostile, seconds } = values;
  const sized = `--nodes ${nodes} --hostile ${hostile} --seconds ${seconds}`;
  console.error(`replay: npm run test:simulation -- --from ${seed} --seeds 1 ${sized} --trace trace.log`);
  if (!values["keep-going"]) isStopping = true;
}

function showProgress(): void {
  const perSecond = doneCount / ((performance.now() - startMs) / 1000);
  const leftMinutes = (end - first - doneCount) / perSecond / 60;
  const rate = doneCount === 0 ? "" : `, ${perSecond.toFixed(2)} a second, ${leftMinutes.toFixed(1)} minutes left`;
  console.log(`${doneCount} of ${end - first} seeds${rate}${failed.length > 0 ? `, ${failed.length} failed` : ""}`);
}

function finish(): void {
  clearInterval(progress);
  rmSync(worker, { force: true });
  showProgress();
  for (const [name, count] of [...totals].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`  ${name}: ${count}`);
  console.log(`${doneCount - failed.length} passed, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

const progress = setInterval(showProgress, PROGRESS_EVERY_MS);
const worker = await bundleWorker();
for (let job = 0; job < Math.min(Number(values.jobs), end - first); job++) startWorker(worker);
