/**
 * What is asked of a mempool where 50,000 transactions wait: a block template, the first one and one after another transaction has
 * come, and a block of 4,000 of them put together from a compact block. Processor time, the best of some rounds. With
 * `CORE_BITCOIND=<path of bitcoind>` Bitcoin Core gets the same transactions and compact blocks; its times are those that it logs,
 * by the clock, the best too. Run: `npx tsx bench/template.bench.ts`. Ratios carry from one machine to another; times do not.
 */
import {
  inTemporaryDirectory,
  KEY_SCRIPT,
  MemoryLog,
  mine,
  openTestChain,
  submitAll,
  type Tip,
} from "@bitfleet/node/chain/test-kit.ts";
import { SystemClock } from "@bitfleet/node/clock.ts";
import { installHostSha256 } from "@bitfleet/node/crypto/host-hash.ts";
import { Mempool } from "@bitfleet/node/mempool/mempool.ts";
import { MEMPOOL_DEFAULTS } from "@bitfleet/node/mempool/mempool-options.ts";
import { Generator } from "@bitfleet/node/mining/generate.ts";
import { candidatesOf } from "@bitfleet/node/p2p/sync/compact-block-download.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { isBlockMutated } from "@bitfleet/protocol/consensus/check-block.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type CompactBlockMessage, makeCompactBlock } from "@bitfleet/protocol/wire/compact-blocks.ts";
import { decodeMessage, encodeMessage } from "@bitfleet/protocol/wire/message.ts";
import { PartialBlock } from "@bitfleet/protocol/wire/partial-block.ts";
import { BenchNode, CORE } from "./bench-node.ts";
import { fundedChain, paymentsOf } from "./payments.ts";
import { frameOf, RawPeer } from "./raw-peer.ts";

const WAITING = 50_000;
/** Come one by one, a template after each. */
const LATE = 20;
const BLOCK_TRANSACTIONS = 4000;
const BLOCKS = 5;
/** Times that each compact block is put together. */
const REPEATS = 5;
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const NODE_NETWORK = 1n;
const NODE_WITNESS = 8n;

interface Work {
  readonly tips: readonly Tip[];
  readonly waiting: readonly Transaction[];
  readonly late: readonly Transaction[];
}

function prepare(): Work {
  const { tips, coins } = fundedChain("P2WPKH", 2 * (WAITING + LATE));
  const all = paymentsOf(coins, { count: WAITING + LATE });
  return { tips, waiting: all.slice(0, WAITING), late: all.slice(WAITING) };
}

async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The blocks that were mined of what waits, for Core to take them as well. */
async function ours({ tips, waiting, late }: Work): Promise<readonly Tip[]> {
  const blocks: Tip[] = [];
  await inTemporaryDirectory(async (path) => {
    const clock = new SystemClock();
    const log = new MemoryLog();
    // Signatures are no part of what is measured.
    const scriptVerifier = { verifyAll: async () => undefined, close: async () => {} };
    const { chain } = await openTestChain(path, { cacheBytes: 200_000_000 }, { clock, scriptVerifier });
    await submitAll(chain, tips);
    const mempool = new Mempool(MEMPOOL_DEFAULTS, { chain, scriptVerifier, clock, log });
    const random = { bytes: (size: number) => new Uint8Array(size) };
    const generator = new Generator({}, { chain, mempool, clock, random, signal: new AbortController().signal });
    const template = async () => generator.blockOf(await generator.template(), KEY_SCRIPT);
    for (const tx of waiting) await accept(mempool, tx);
    print("first template", await cpuMsOf(template));
    const templateMs: number[] = [];
    for (const tx of late) {
      await accept(mempool, tx);
      templateMs.push(await cpuMsOf(template));
    }
    print("template after one more transaction", Math.min(...templateMs));

    const compactMs: number[] = [];
    let tip = tips.at(-1)!;
    while (blocks.length < BLOCKS) {
      const { transactions } = await generator.template();
      tip = mine(tip, { transactions: transactions.slice(0, BLOCK_TRANSACTIONS).map(({ tx }) => tx) });
      const { type, payload } = encodeMessage(makeCompactBlock(tip.block, BigInt(blocks.length)));
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const message = decodeMessage(type, payload) as CompactBlockMessage;
        compactMs.push(await cpuMsOf(() => reconstruct(message, mempool)));
      }
      blocks.push(tip);
      await submitAll(chain, [tip]);
    }
    print(`compact block of ${BLOCK_TRANSACTIONS}`, Math.min(...compactMs));
    mempool.close();
    await chain.close();
  });
  return blocks;
}

async function accept(mempool: Mempool, tx: Transaction): Promise<void> {
  const result = await mempool.accept(decodeTransaction(new Reader(Uint8Array.from(tx.bytes))));
  if (result.kind === "rejected") throw new Error(result.reject.reason);
}

/** As the node does, but for what it says to peers and the log. */
function reconstruct(message: CompactBlockMessage, mempool: Mempool): void {
  const partial = new PartialBlock();
  partial.init(message, candidatesOf(mempool, message.shortIds.length));
  const block = partial.fill([], (made) => isBlockMutated(made, true));
  if (block === "failed" || block === "invalid") throw new Error(`the compact block ${block}`);
}

async function core({ tips, waiting, late }: Work, blocks: readonly Tip[]): Promise<void> {
  const node = await BenchNode.spawn(CORE!, ["-connect=0", "-debug=bench", "-debug=cmpctblock", "-logtimemicros"]);
  await node.ready();
  for (const { block } of tips) await node.call("submitblock", toHex(block.bytes));
  const heard = new Set<string>();
  let wake = () => {};
  const peer = await RawPeer.connect(
    node.p2pPort,
    (message) => {
      if (message.type === "pong") heard.add(`pong ${message.nonce}`);
      if (message.type === "sendcmpct" && message.highBandwidth) heard.add("chosen");
      wake();
    },
    NODE_NETWORK | NODE_WITNESS,
  );
  const hear = async (what: string) => {
    while (!heard.has(what)) await new Promise<void>((resolve) => (wake = resolve));
  };
  let nonce = 0n;
  const settled = async () => {
    peer.send({ type: "ping", nonce: ++nonce });
    await hear(`pong ${nonce}`);
  };
  for (const tx of waiting) peer.sendFrame(frameOf({ type: "tx", tx }));
  await settled();
  // A call that tries no nonce makes a template all the same.
  await node.call("generatetoaddress", 1, ADDRESS, 0);
  for (const tx of late) {
    peer.sendFrame(frameOf({ type: "tx", tx }));
    await settled();
    await node.call("generatetoaddress", 1, ADDRESS, 0);
  }
  // Who brought the last block is asked for compact ones.
  peer.send({ type: "sendcmpct", highBandwidth: false, version: 2n });
  const [first, ...rest] = blocks;
  peer.send({ type: "block", block: first!.block });
  await hear("chosen");
  for (const { block } of rest) {
    peer.send(makeCompactBlock(block, nonce));
    await settled();
  }
  const tip = await node.call("getbestblockhash");
  if (tip !== displayHash(blocks.at(-1)!.block.hash)) throw new Error("Core did not take the compact blocks");
  const { templates, compact } = readLog(node.logText());
  print("Core: first template", templates[0]!.totalMs, `${templates[0]!.chunksMs} without its check`);
  const later = templates.slice(1);
  const least = Math.min(...later.map(({ chunksMs }) => chunksMs));
  print("Core: after one more", Math.min(...later.map(({ totalMs }) => totalMs)), `${least} without its check`);
  print("Core: compact block", Math.min(...compact));
  peer.end();
  await node.stop();
}

/** Milliseconds of the templates, and from the first look at a compact block to its whole block. */
function readLog(text: string) {
  const templates = [
    ...text.matchAll(/CreateNewBlock\(\) chunks: ([\d.]+)ms, validity: [\d.]+ms \(total ([\d.]+)ms\)/g),
  ];
  const times = (what: string) =>
    [...text.matchAll(new RegExp(`^(\\S+)Z .*${what}`, "gm"))].map(([, time]) => microsOf(time!));
  const ends = times("Successfully reconstructed block");
  const starts = times("Initializing PartiallyDownloadedBlock");
  return {
    templates: templates.map(([, chunks, total]) => ({ chunksMs: Number(chunks), totalMs: Number(total) })),
    compact: ends.map((end, index) => (end - starts[index]!) / 1000),
  };
}

/** `2026-01-02T03:04:05.678901` */
function microsOf(time: string): number {
  const [seconds, micros] = time.split(".");
  return Date.parse(`${seconds}Z`) * 1000 + Number(micros);
}

function print(name: string, ms: number, note = ""): void {
  console.log(`${name.padEnd(40)}${ms.toFixed(1).padStart(8)} ms${note && `   ${note}`}`);
}

installHostSha256();
const work = prepare();
const blocks = await ours(work);
if (CORE === undefined) console.log("set CORE_BITCOIND to compare");
else await core(work, blocks);
