/**
 * `npm run test:simulation -- [--seeds N] [--from SEED] [--trace FILE]`: many seeds, one after the other; the first that fails is named,
 * and `--from SEED --seeds 1 --trace FILE` replays it with every line of every node.
 */
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { SIMULATION_DEFAULTS, simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    trace: { type: "string" },
  },
});
const first = Number(values.from);
const count = Number(values.seeds);
const trace = values.trace === undefined ? undefined : createWriteStream(values.trace);
let failedCount = 0;
const startMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const onLine = trace && ((line: string) => void trace.write(`${line}\n`));
  const { problems, height, lineCount } = await simulate({ ...SIMULATION_DEFAULTS, seed, ...(onLine && { onLine }) });
  if (problems.length > 0) {
    failedCount++;
    console.error(`seed ${seed} failed:\n  ${problems.join("\n  ")}`);
  }
  const doneCount = seed - first + 1;
  if (doneCount % 10 === 0 || doneCount === count || problems.length > 0) {
    const perSeed = (performance.now() - startMs) / doneCount / 1000;
    console.log(
      `${doneCount} of ${count} seeds, ${perSeed.toFixed(1)} s each; the last: height ${height}, ${lineCount} lines`,
    );
  }
}
trace?.end();
console.log(`${count - failedCount} passed, ${failedCount} failed`);
process.exitCode = failedCount === 0 ? 0 : 1;
