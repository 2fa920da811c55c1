/**
 * What accepting transactions of two inputs costs in processor time, all threads together. First the mempool alone: decode, fetch
 * coins, every rule, signatures, the place in the mempool; beside it the floor, the same signatures verified by the same library
 * and nothing else. Then whole nodes that a peer sends transactions of several shapes: ours and, with
 * `CORE_BITCOIND=<path of bitcoind>`, Bitcoin Core's, turn by turn. Run: `npm run build && npx tsx bench/accept.bench.ts [shape]`.
 * `--profile` prints where our time goes instead, for the mempool alone and for the node. Ratios carry from one machine to another; times do not.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Chain } from "@bitfleet/node/chain/chain.ts";
import { ScriptMemory } from "@bitfleet/node/chain/script-memory.ts";
import { ScriptPool } from "@bitfleet/node/chain/script-pool.ts";
import { inTemporaryDirectory, MemoryLog, openTestChain, submitAll } from "@bitfleet/node/chain/test-kit.ts";
import { SystemClock } from "@bitfleet/node/clock.ts";
import { chooseSecp256k1 } from "@bitfleet/node/crypto/choose-backend.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import { Mempool } from "@bitfleet/node/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "@bitfleet/node/mempool/mempool-options.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { BenchNode, CORE, OURS, type Program, profiled } from "./bench-node.ts";
import { printProfileOf, printProfiles } from "./cpu-profile.ts";
import { chainsOf, type FundedChain, fundedChain, type PaymentKind, paymentsOf, strangeCoins } from "./payments.ts";
import { frameOf, RawPeer } from "./raw-peer.ts";

const COUNT = 20_000;
const VERSIONS = 5;
const ROUNDS = 5;
const NODE_ROUNDS = 2;
const PROFILE_ROWS = 50;
const SCRIPT_MEMORY_BYTES = 32 * 1024 * 1024;

/** Transactions of one kind that a node gets, and what it is to make of them. */
interface Shape {
  readonly name: string;
  readonly kind: PaymentKind;
  readonly make: (coins: FundedChain["coins"]) => readonly Transaction[];
  /** Transactions in the mempool afterwards; not looked at where absent. */
  readonly left?: number;
  readonly args?: readonly string[];
}

const simple = ({ kind }: Pick<Shape, "kind">): Shape => ({
  name: kind,
  kind,
  make: (coins) => paymentsOf(coins, { count: COUNT }),
  left: COUNT,
});

const chained = (length: number): Shape => ({
  name: `chains of ${length}`,
  kind: "P2WPKH",
  make: (coins) => chainsOf(coins, COUNT, length),
  left: COUNT,
});

const SHAPES: readonly Shape[] = [
  simple({ kind: "P2WPKH" }),
  simple({ kind: "P2TR" }),
  simple({ kind: "P2PKH" }),
  chained(25),
  chained(64),
  {
    name: `replaced ${VERSIONS - 1} times`,
    kind: "P2WPKH",
    make: (coins) =>
      paymentsOf(coins, {
        count: COUNT,
        pairOf: (index) => Math.floor(index / VERSIONS),
        feeOf: (index) => 1000n * BigInt(1 + (index % VERSIONS)),
      }),
    left: COUNT / VERSIONS,
  },
  {
    name: "full at 5 MB",
    kind: "P2WPKH",
    // Each pays a little more than the one before: something cheaper goes for it.
    make: (coins) => paymentsOf(coins, { count: COUNT, feeOf: (index) => 1000n + 20n * BigInt(index) }),
    args: ["-maxmempool=5"],
  },
  {
    name: "orphans",
    kind: "P2WPKH",
    make: (coins) => paymentsOf(strangeCoins(coins), { count: COUNT }),
    left: 0,
  },
];

const chains = new Map<PaymentKind, FundedChain>();

function chainOf(kind: PaymentKind): FundedChain {
  const chain = chains.get(kind) ?? fundedChain(kind, 2 * COUNT);
  chains.set(kind, chain);
  return chain;
}

const { backend: secp256k1 } = chooseSecp256k1("auto");

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function bestCpuMs(work: () => Promise<void> | void): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const beforeMs = cpuMs();
    await work();
    best = Math.min(best, cpuMs() - beforeMs);
  }
  return best;
}

/** A mempool over `chain` that verifies with `backend` on this thread, as a node does with small transactions. */
function openMempool(chain: Chain, backend: Secp256k1): Mempool {
  const log = new MemoryLog();
  const pool = new ScriptPool({ threadCount: 0, preference: "auto" }, { secp256k1: backend, log });
  const scriptVerifier = new ScriptMemory(SCRIPT_MEMORY_BYTES).remembering(pool);
  return new Mempool(MEMPOOL_DEFAULTS, { chain, scriptVerifier, clock: new SystemClock(), log });
}

async function acceptAll(chain: Chain, backend: Secp256k1, encoded: readonly Uint8Array[]): Promise<void> {
  const mempool = openMempool(chain, backend);
  for (const bytes of encoded) {
    // A copy, as the bytes come from a socket.
    const result = await mempool.accept(decodeTransaction(new Reader(bytes.slice())));
    if (result.kind === "rejected") throw new Error(result.reject.reason);
  }
  mempool.close();
}

/** Verifies again every signature that the transactions have. */
async function replayOf(chain: Chain, encoded: readonly Uint8Array[]): Promise<() => void> {
  const calls: (() => boolean)[] = [];
  const recording: Secp256k1 = {
    ...secp256k1,
    verifyEcdsa: (...args) => calls.push(() => secp256k1.verifyEcdsa(...args)) > 0,
    verifySchnorr: (...args) => calls.push(() => secp256k1.verifySchnorr(...args)) > 0,
  };
  await acceptAll(chain, recording, encoded);
  return () => {
    for (const call of calls) if (!call()) throw new Error("a signature is not valid");
  };
}

async function mempoolAlone({ name, kind, make }: Shape): Promise<void> {
  const { tips, coins } = chainOf(kind);
  const encoded = make(coins).map(({ bytes }) => bytes);
  await inTemporaryDirectory(async (path) => {
    const deps = { secp256k1, clock: new SystemClock() };
    const { chain } = await openTestChain(path, { cacheBytes: 100_000_000 }, deps);
    const { reject } = await submitAll(chain, tips);
    if (reject !== undefined) throw new Error(reject.reason);
    const replay = await replayOf(chain, encoded);
    const accept = () => acceptAll(chain, secp256k1, encoded);
    if (isProfiling) {
      await accept();
      await printProfileOf(accept, PROFILE_ROWS);
    } else {
      const floorMs = await bestCpuMs(replay);
      const allMs = await bestCpuMs(accept);
      const each = (ms: number) => ((1000 * ms) / COUNT).toFixed(1).padStart(6);
      const perSecond = Math.round(COUNT / (allMs / 1000));
      const ratio = (allMs / floorMs).toFixed(2);
      console.log(
        `${name.padEnd(20)}${each(allMs)}${each(floorMs)}${ratio.padStart(8)}${String(perSecond).padStart(8)}`,
      );
    }
    await chain.close();
  });
}

async function profileNode(shape: Shape): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-profile-"));
  await flooded(profiled(folder), shape, framesOf(shape));
  printProfiles(folder, PROFILE_ROWS);
}

/**
 * Processor time that a node takes for what a peer sends it, in microseconds a transaction. Only the second half counts: a node
 * runs for days, and its first seconds are spent on compiling.
 */
async function flooded(program: Program, { kind, left, args = [] }: Shape, frames: readonly (readonly Uint8Array[])[]) {
  const node = await BenchNode.spawn(program, ["-connect=0", ...args]);
  await node.ready();
  for (const { block } of chainOf(kind).tips) {
    const refusal = await node.call("submitblock", toHex(block.bytes));
    if (refusal !== null) throw new Error(`${program.name} refused a block: ${refusal}`);
  }
  let answered = () => {};
  const peer = await RawPeer.connect(node.p2pPort, (message) => {
    if (message.type === "pong") answered();
  });
  const send = async (part: typeof frames) => {
    const beforeMs = node.cpuMs();
    for (const frame of part) peer.sendFrame(frame);
    // Messages of a peer are handled in their order.
    const handled = new Promise<void>((resolve) => {
      answered = resolve;
    });
    peer.send({ type: "ping", nonce: 1n });
    await handled;
    return node.cpuMs() - beforeMs;
  };
  await send(frames.slice(0, COUNT / 2));
  const spentMs = await send(frames.slice(COUNT / 2));
  const { size } = await node.call<{ size: number }>("getmempoolinfo");
  if (left !== undefined && size !== left) throw new Error(`${program.name} holds ${size} transactions, not ${left}`);
  peer.end();
  await node.stop();
  return (1000 * spentMs) / (COUNT / 2);
}

function framesOf({ make, kind }: Shape): readonly (readonly Uint8Array[])[] {
  return make(chainOf(kind).coins).map((tx) => frameOf({ type: "tx", tx }));
}

async function wholeNodes(shape: Shape): Promise<void> {
  const frames = framesOf(shape);
  let ours = Number.POSITIVE_INFINITY;
  let core = Number.POSITIVE_INFINITY;
  for (let round = 0; round < NODE_ROUNDS; round++) {
    ours = Math.min(ours, await flooded(OURS, shape, frames));
    if (CORE !== undefined) core = Math.min(core, await flooded(CORE, shape, frames));
  }
  const cells = CORE === undefined ? [ours.toFixed(1)] : [ours.toFixed(1), core.toFixed(1), (ours / core).toFixed(2)];
  console.log(`${shape.name.padEnd(20)}${cells.map((cell) => cell.padStart(8)).join("")}`);
}

installHostSha256();
const wanted = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "";
const shapes = SHAPES.filter(({ name }) => name.includes(wanted));
const isProfiling = process.argv.includes("--profile");
if (!isProfiling) console.log(`mempool alone${" ".repeat(9)}µs  signatures  times  a second`);
for (const shape of shapes.filter(({ name, kind }) => name === kind)) await mempoolAlone(shape);
if (!isProfiling)
  console.log(`\nwhole node, µs each     ours${CORE ? "    Core   ratio" : "; set CORE_BITCOIND to compare"}`);
for (const shape of shapes) await (isProfiling ? profileNode : wholeNodes)(shape);
