import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Base, makeBase, removeBase } from "./node-under-test.ts";
import { leadLife, replay, shorten, worldOf } from "./run-model.ts";
import type { Step } from "./steps.ts";

/**
 * Leads random lives of the mempool beside a slow reference and compares the two after each step.
 *
 *     npm run test:mempool-model -- [--from 1] [--seeds 20] [--steps 250] [--shorten-seconds 60] [--replay FILE --from SEED]
 *
 * A difference ends the run; its steps are made fewer as long as the difference stays, and are left in a file for --replay.
 */

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    steps: { type: "string", default: "250" },
    "shorten-seconds": { type: "string", default: "60" },
    replay: { type: "string" },
  },
});

const print = (text: string) => process.stdout.write(`${text}\n`);

async function runSeeds(base: Base): Promise<void> {
  const counts = new Map<string, number>();
  const first = Number(values.from);
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    const { steps, difference } = await leadLife(seed, Number(values.steps), base, counts);
    if (difference === undefined) continue;
    process.exitCode = 1;
    const { name } = worldOf(seed);
    print(`seed ${seed} (${name}), step ${steps.length}: ${difference.stack}`);
    const least = await shorten(
      steps,
      difference,
      worldOf(seed),
      base,
      performance.now() + 1000 * Number(values["shorten-seconds"]),
    );
    const file = join(tmpdir(), `mempool-model-${seed}.json`);
    await writeFile(file, JSON.stringify(least));
    for (const step of least) print(`  ${JSON.stringify(step)}`);
    print(`Again: npm run test:mempool-model -- --from ${seed} --replay ${file}`);
    break;
  }
  for (const [outcome, count] of [...counts].sort()) print(`${String(count).padStart(7)} × ${outcome}`);
}

async function runAgain(file: string, base: Base): Promise<void> {
  const steps = JSON.parse(await readFile(file, "utf8")) as Step[];
  const difference = await replay(steps, worldOf(Number(values.from)), base);
  print(difference?.stack ?? "No difference.");
  if (difference !== undefined) process.exitCode = 1;
}

const base = await makeBase();
try {
  await (values.replay === undefined ? runSeeds(base) : runAgain(values.replay, base));
} finally {
  await removeBase(base);
}
