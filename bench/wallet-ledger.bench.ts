/**
 * The state of a wallet of 100,000 transactions in memory: opening its cache, balances, a page of the history, and blocks that hold nothing
 * for it and much for it. Processor time, the best of some rounds. The peer of a scan is as many look-ups in an empty Map.
 * With `node --expose-gc --import tsx` it tells the memory. Run: `npx tsx bench/wallet-ledger.bench.ts`.
 */
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { type BlockFacts, blockConnected } from "@bitfleet/wallet/ledger/chain-rules.ts";
import { scriptKey } from "@bitfleet/wallet/ledger/change-set.ts";
import { LedgerCache } from "@bitfleet/wallet/ledger/ledger-cache.ts";
import { MemoryLedgerStore } from "@bitfleet/wallet/ledger/memory-ledger-store.ts";
import { scanBlock } from "@bitfleet/wallet/ledger/scan-block.ts";
import { hashOf, inputOf } from "@bitfleet/wallet/ledger/store-test-kit.ts";

const TRANSACTIONS = 100_000;
const PER_BLOCK = 1000;
const SCRIPTS = 100_000;
const FOREIGN_PER_BLOCK = 3000;
const REPEATS = 5;

const scripts = Array.from({ length: SCRIPTS }, (_, index) => payToWitnessPublicKeyHash(hash160(hashOf(index))));
const owners = new Map(scripts.map((script, index) => [scriptKey(script), { descriptorId: 1, index }]));
const ownerOf = (script: Uint8Array) => owners.get(scriptKey(script));
const context = { ownerOf, nowSeconds: 1_700_000_000, avoidReuse: false };
const keychain = { noteIfOwned: (script: Uint8Array) => ownerOf(script) !== undefined };

function blockAt(height: number): BlockFacts {
  const time = 1_600_000_000 + height;
  const [hash, previousHash] = [height, height - 1].map((each) => hashOf(`block ${each}`) as BlockHash);
  return { hash: hash!, previousHash: previousHash!, height, time, maxTime: time };
}

const hashes = new Set<Uint8Array>();

/** Each pays the wallet once, and every other spends the coin before. */
function ownTransactions(): Transaction[] {
  const made: Transaction[] = [];
  for (let index = 0; index < TRANSACTIONS; index++) {
    const source = index % 2 === 1 ? made[index - 1]!.txid : hashOf(`source ${index}`);
    const output = { value: BigInt(1000 + index), scriptPubKey: scripts[index % SCRIPTS]! };
    const inputs = [{ ...inputOf(source, 0), witness: [new Uint8Array(71), new Uint8Array(33)] }];
    made.push(new Transaction({ version: 2, inputs, outputs: [output], lockTime: 0 }));
  }
  // Hashes and bytes are made on first use: a node has them by then.
  for (const transaction of made) hashes.add(transaction.wtxid);
  return made;
}

function foreignTransactions(): Transaction[] {
  return Array.from({ length: FOREIGN_PER_BLOCK }, (_, index) => {
    const outputs = [0, 1].map((each) => ({
      value: 5n,
      scriptPubKey: payToWitnessPublicKeyHash(hash160(hashOf(`foreign ${index} ${each}`))),
    }));
    const inputs = [0, 1].map((each) => inputOf(hashOf(`foreign source ${index} ${each}`), 1));
    return new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
  });
}

function bestMsOf<Result>(work: () => Result, repeats = REPEATS): [ms: number, result: Result] {
  let best = Number.POSITIVE_INFINITY;
  let result: Result;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = process.cpuUsage();
    result = work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return [best, result!];
}

const say = (what: string, ms: number, note = "") =>
  console.log(`${what.padEnd(58)}${ms.toFixed(2).padStart(10)} ms  ${note}`);

function heapUsed(): number {
  globalThis.gc?.();
  const { heapUsed: used, arrayBuffers } = process.memoryUsage();
  return used + arrayBuffers;
}

const own = ownTransactions();
const memory = new MemoryLedgerStore();
const writer = new LedgerCache(memory);
const heapBefore = heapUsed();
const [connectMs] = bestMsOf(() => {
  for (let height = 0; height < TRANSACTIONS / PER_BLOCK; height++) {
    const block = own.slice(height * PER_BLOCK, (height + 1) * PER_BLOCK);
    const found = scanBlock(block, { ledger: writer, keychain });
    writer.apply(blockConnected(writer, blockAt(height), found, context));
  }
}, 1);
const heapAfter = heapUsed();
say(
  `connect ${TRANSACTIONS / PER_BLOCK} blocks of ${PER_BLOCK} transactions of the wallet`,
  connectMs,
  `${((connectMs * 1000) / TRANSACTIONS).toFixed(1)} µs each`,
);
if (globalThis.gc)
  console.log(`memory for each transaction: ${Math.round((heapAfter - heapBefore) / TRANSACTIONS)} bytes`);

const [openMs, ledger] = bestMsOf(() => new LedgerCache(memory));
say("open the cache above the store", openMs);
const query = { tipHeight: TRANSACTIONS / PER_BLOCK - 1, spendsUnconfirmedChange: true, avoidReuse: false };
const [balanceMs] = bestMsOf(() => balancesOf(ledger, query));
say(`balances over ${TRANSACTIONS / 2} unspent coins`, balanceMs);
const [pageMs] = bestMsOf(() => ledger.history({ before: TRANSACTIONS / 2, limit: 100 }));
say("a page of 100 of the history", pageMs);

const foreign = foreignTransactions();
const [scanMs] = bestMsOf(() => scanBlock(foreign, { ledger, keychain }));
say(`scan a block of ${FOREIGN_PER_BLOCK} transactions of others`, scanMs);
const lookups = new Map<string, number>([["none", 1]]);
const [peerMs] = bestMsOf(() => {
  for (const { inputs, outputs } of foreign) {
    for (const { scriptPubKey } of outputs) lookups.get(scriptKey(scriptPubKey));
    for (const { previousOutput } of inputs) lookups.get(scriptKey(previousOutput.txid));
  }
});
say("peer: one look-up in an empty Map for each output and input", peerMs, `ratio ${(scanMs / peerMs).toFixed(2)}`);
