import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { type SimulationOptions, simulate } from "./simulation.ts";

/** One process of `run.ts`: runs the seeds that it is given, one after the other. */

/** What to run. `tracePath`: where every line of every node is written. */
export interface SeedOrder {
  readonly options: SimulationOptions;
  readonly tracePath: string | undefined;
}

export interface SeedReport {
  readonly seed: number;
  readonly fingerprint: string;
  readonly height: number;
  readonly durationMs: number;
  readonly lineCount: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

process.on("message", (order: SeedOrder) => {
  void run(order).then((report) => process.send!(report));
});
process.on("disconnect", () => process.exit());

async function run({ options, tracePath }: SeedOrder): Promise<SeedReport> {
  const { seed } = options;
  const trace = tracePath === undefined ? undefined : createWriteStream(tracePath);
  const onLine = trace && ((line: string) => void trace.write(`${line}\n`));
  try {
    const { counts, ...result } = await simulate({ ...options, ...(onLine && { onLine }) });
    return { seed, ...result, counts: Object.fromEntries(counts) };
  } catch (error) {
    const problems = [error instanceof Error ? `${error.stack}` : String(error)];
    return { seed, fingerprint: "", height: -1, durationMs: 0, lineCount: 0, counts: {}, problems };
  } finally {
    trace?.end();
    if (trace !== undefined) await once(trace, "finish");
  }
}
