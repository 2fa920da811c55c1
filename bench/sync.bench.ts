/**
 * A fresh node fetches 2,000 blocks with 100,000 signed inputs from a peer: time from the start of its process to the tip, and
 * its processor time. Run: `npm run build && npx tsx bench/sync.bench.ts`. With `CORE_BITCOIND=<path of bitcoind>` Bitcoin
 * Core serves the blocks, and fetches them turn by turn with us; else our node serves them. `--profile` prints where our
 * node's time goes instead. The chain is kept for the next run in the folder that BENCH_CACHE names (default: the system's
 * temporary folder). Ratios carry from one machine to another; times do not.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchNode, CORE, OURS, type Program, profiled } from "./bench-node.ts";
import { printProfiles } from "./cpu-profile.ts";
import { type SyncChain, syncChain } from "./sync-chain.ts";

const ROUNDS = 3;
const BLOCK_COUNT = 2000;
/** MiB for coins: enough for all of them, so that nobody writes any before the end. */
const COINS_CACHE_MIB = 300;
const PROFILE_ROWS = 30;

interface Measures {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
}

async function startServer({ path, blockCount }: SyncChain): Promise<BenchNode> {
  const server = await BenchNode.spawn(CORE ?? OURS, ["-connect=0", `-loadblock=${path}`]);
  await server.reach(blockCount);
  return server;
}

async function measure(program: Program, server: BenchNode, chain: SyncChain): Promise<Measures> {
  const startedMs = performance.now();
  const args = [`-connect=${server.endpoint}`, `-dbcache=${COINS_CACHE_MIB}`];
  const client = await BenchNode.spawn(program, args);
  await client.reach(chain.blockCount);
  const wallMs = performance.now() - startedMs;
  const cpuMs = client.cpuMs();
  const peakMemoryMb = client.peakMemoryMb();
  const tip = await client.call("getbestblockhash");
  if (tip !== chain.tipHash) throw new Error(`${program.name} stands on ${tip} instead of ${chain.tipHash}`);
  await client.stop();
  return { wallMs, cpuMs, peakMemoryMb };
}

const LABELS: Readonly<Record<keyof Measures, string>> = {
  wallMs: "start to tip, ms",
  cpuMs: "processor time, ms",
  peakMemoryMb: "most memory (RSS), MB",
};

function medianOf(rounds: readonly Measures[], name: keyof Measures): number {
  return rounds.map((round) => round[name]).sort((a, b) => a - b)[rounds.length >> 1]!;
}

function print(ours: readonly Measures[], theirs: readonly Measures[]): void {
  const columns = theirs.length > 0 ? ["Bitfleet", "Core", "ratio"] : ["Bitfleet"];
  console.log(`${"".padEnd(24)}${columns.map((name) => name.padStart(10)).join("")}`);
  for (const [name, label] of Object.entries(LABELS) as [keyof Measures, string][]) {
    const own = medianOf(ours, name);
    const cells = [own.toFixed(0)];
    if (theirs.length > 0) cells.push(medianOf(theirs, name).toFixed(0), (own / medianOf(theirs, name)).toFixed(2));
    console.log(`${label.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join("")}`);
  }
}

const chain = syncChain(BLOCK_COUNT);
const server = await startServer(chain);
const facts = `${chain.blockCount} blocks, ${chain.inputCount} inputs, ${(chain.sizeBytes / 1e6).toFixed(1)} MB`;
console.log(`${facts}, served by ${server.program.name}${CORE === undefined ? "; set CORE_BITCOIND to compare" : ""}`);
if (process.argv.includes("--profile")) {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-profile-"));
  print([await measure(profiled(folder), server, chain)], []);
  printProfiles(folder, PROFILE_ROWS);
} else {
  const ours: Measures[] = [];
  const theirs: Measures[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measure(OURS, server, chain));
    if (CORE !== undefined) theirs.push(await measure(CORE, server, chain));
  }
  console.log(`median of ${ROUNDS} rounds`);
  print(ours, theirs);
}
await server.stop();
