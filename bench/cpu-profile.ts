import { readdirSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { basename, join } from "node:path";

/** What of a V8 CPU profile is read. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Node that ran at each sample, and microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Threads that did nothing for more of their time are left out. */
const IDLE_SHARE_MAX = 0.9;

/** Prints the functions that most time was spent in, without what they called, for each thread's profile in `folder`. */
export function printProfiles(folder: string, rowCount: number): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const path = join(folder, file);
    const times = selfTimes(JSON.parse(readFileSync(path, "utf8")));
    const idleMs = times.rows.find(([name]) => name === "(idle)")?.[1] ?? 0;
    if (idleMs <= IDLE_SHARE_MAX * times.totalMs) print(path, times, rowCount);
  }
}

/** The same for this thread while `work` is done. */
export async function printProfileOf(work: () => Promise<unknown>, rowCount: number): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  print("this thread", selfTimes(profile as CpuProfile), rowCount);
}

function print(title: string, { totalMs, rows }: ReturnType<typeof selfTimes>, rowCount: number): void {
  console.log(`\n${title}: ${totalMs.toFixed(0)} ms`);
  for (const [name, ms] of rows.slice(0, rowCount)) {
    const share = ((100 * ms) / totalMs).toFixed(1);
    console.log(`  ${ms.toFixed(0).padStart(7)} ms ${share.padStart(5)} %  ${name}`);
  }
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let totalMs = 0;
  for (const [index, id] of samples.entries()) {
    const ms = (timeDeltas[index] ?? 0) / 1000;
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + ms);
    totalMs += ms;
  }
  return { totalMs, rows: [...times].sort(([, a], [, b]) => b - a) };
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const place = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
  return `${functionName === "" ? "(anonymous)" : functionName}${place}`;
}
