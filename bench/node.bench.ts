/**
 * The node as a program: cold start to the first answer, memory when idle, the time of an end, and 1,000 blocks mined by one
 * call. Run: `npm run build && npx tsx bench/node.bench.ts`. With `CORE_BITCOIND=<path of bitcoind>` Bitcoin Core runs beside
 * it, turn by turn, and the last column is ours over theirs. Ratios carry from one machine to another; times do not. Exit
 * code 1 where an idle node takes more than {@link IDLE_RSS_MB_MAX}.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../packages/node/src/network/free-port.ts";

const ROUNDS = 7;
const BLOCKS = 1000;
const IDLE_RSS_MB_MAX = 150;
/** How long a node rests before its memory is read. */
const REST_MS = 1500;
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const OURS = resolve(import.meta.dirname, "../packages/node/bin/bitcoind");

interface Measures {
  /** From the start of the process to the first answer of `getblockcount`. */
  readonly coldStartMs: number;
  /** Processor time of the whole process until then. */
  readonly coldStartCpuMs: number;
  /** Start with a chain of {@link BLOCKS} blocks. */
  readonly warmStartMs: number;
  readonly idleRssMb: number;
  readonly blocksMs: number;
  readonly rssAfterBlocksMb: number;
  readonly stopMs: number;
}

class Running {
  readonly child: ChildProcess;
  readonly #dataDir: string;
  readonly #port: number;

  private constructor(child: ChildProcess, dataDir: string, port: number) {
    this.child = child;
    this.#dataDir = dataDir;
    this.#port = port;
  }

  /** Starts a node and waits for its first answer; both times are in milliseconds. */
  static async start(program: string, dataDir: string): Promise<{ node: Running; wallMs: number; cpuMs: number }> {
    const port = await freePort();
    const args = ["-regtest", `-datadir=${dataDir}`, `-rpcport=${port}`, "-printtoconsole=0", "-listen=0"];
    const startedMs = performance.now();
    const child = spawn(program, [...args, "-listenonion=0"], { stdio: ["ignore", "ignore", "inherit"] });
    const node = new Running(child, dataDir, port);
    while ((await node.call("getblockcount").catch(() => undefined)) === undefined) {
      if (child.exitCode !== null) throw new Error(`${program} ended with code ${child.exitCode}`);
      await pause(2);
    }
    return { node, wallMs: performance.now() - startedMs, cpuMs: node.#cpuMs() };
  }

  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const cookie = readFileSync(join(this.#dataDir, "regtest/.cookie"), "utf8").trim();
    const reply = await fetch(`http://127.0.0.1:${this.#port}/`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}`, "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await reply.json()) as { result?: unknown; error?: { message: string } };
    if (error) throw new Error(error.message);
    return result;
  }

  rssMb(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  #cpuMs(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async stop(): Promise<number> {
    const startedMs = performance.now();
    await this.call("stop");
    if (this.child.exitCode === null) await once(this.child, "exit");
    return performance.now() - startedMs;
  }
}

async function measure(program: string): Promise<Measures> {
  const dataDir = mkdtempSync(join(tmpdir(), "bitfleet-bench-"));
  try {
    const cold = await Running.start(program, dataDir);
    await pause(REST_MS);
    const idleRssMb = cold.node.rssMb();
    const startedMs = performance.now();
    await cold.node.call("generatetoaddress", BLOCKS, ADDRESS);
    const blocksMs = performance.now() - startedMs;
    const rssAfterBlocksMb = cold.node.rssMb();
    const stopMs = await cold.node.stop();
    const warm = await Running.start(program, dataDir);
    await warm.node.stop();
    return {
      coldStartMs: cold.wallMs,
      coldStartCpuMs: cold.cpuMs,
      warmStartMs: warm.wallMs,
      idleRssMb,
      blocksMs,
      rssAfterBlocksMb,
      stopMs,
    };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const pause = (delayMs: number) => new Promise((resume) => setTimeout(resume, delayMs));

function medianOf(rounds: readonly Measures[], name: keyof Measures): number {
  return rounds.map((round) => round[name]).sort((a, b) => a - b)[rounds.length >> 1]!;
}

const LABELS: Readonly<Record<keyof Measures, string>> = {
  coldStartMs: "cold start to first answer, ms",
  coldStartCpuMs: "  its processor time, ms",
  warmStartMs: `start with ${BLOCKS} blocks, ms`,
  idleRssMb: "idle memory (RSS), MB",
  blocksMs: `${BLOCKS} blocks by one call, ms`,
  rssAfterBlocksMb: "memory behind them (RSS), MB",
  stopMs: "stop, ms",
};

const core = process.env.CORE_BITCOIND;
const ours: Measures[] = [];
const theirs: Measures[] = [];
for (let round = 0; round < ROUNDS; round++) {
  ours.push(await measure(OURS));
  if (core !== undefined) theirs.push(await measure(core));
}
console.log(`median of ${ROUNDS} rounds${core === undefined ? "; set CORE_BITCOIND to compare" : ""}`);
console.log(`${"".padEnd(36)}${"Bitfleet".padStart(10)}${core ? `${"Core".padStart(10)}${"ratio".padStart(8)}` : ""}`);
for (const [name, label] of Object.entries(LABELS) as [keyof Measures, string][]) {
  const own = medianOf(ours, name);
  const other = theirs.length > 0 ? medianOf(theirs, name) : undefined;
  const comparison =
    other === undefined ? "" : `${other.toFixed(0).padStart(10)}${(own / other).toFixed(2).padStart(8)}`;
  console.log(`${label.padEnd(36)}${own.toFixed(0).padStart(10)}${comparison}`);
}
if (medianOf(ours, "idleRssMb") > IDLE_RSS_MB_MAX) {
  console.error(`an idle node takes more than ${IDLE_RSS_MB_MAX} MB`);
  process.exitCode = 1;
}
