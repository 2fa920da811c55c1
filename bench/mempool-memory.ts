/**
 * What a transaction of the mempool really takes: fills a mempool with transactions of one shape and compares what they count
 * for, which `-maxmempool` limits, with the process's memory.
 *
 *     node --expose-gc --import tsx bench/mempool-memory.ts [MiB]
 *
 * They count for what they would in Core (`packages/node/src/mempool/entry.ts`), so that the ratio says how much memory
 * `-maxmempool=300` means at most.
 */
import { randomBytes } from "node:crypto";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  decodeTransaction,
  Transaction,
  type TxInput,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { entryOf } from "../packages/node/src/mempool/acceptance-test-kit.ts";
import { EntryPool } from "../packages/node/src/mempool/entry-pool.ts";

const limitBytes = Number(process.argv[2] ?? 64) * 1024 * 1024;
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error("run with --expose-gc");

/** Array buffers are freed in a turn of their own. */
async function memoryBytes(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    collect?.();
    await new Promise((resume) => setTimeout(resume, 20));
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}

const random = (size: number): Uint8Array => Uint8Array.from(randomBytes(size));
const input = (witness: readonly number[], scriptSize = 0, txid = random(32)): TxInput => ({
  previousOutput: { txid: txid as Txid, index: 0 },
  scriptSig: random(scriptSize),
  sequence: 0xfffffffd,
  witness: witness.map(random),
});
const output = (size: number): TxOutput => ({ value: 1_000_000n, scriptPubKey: random(size) });
const times = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make);

const PUBLIC_KEY_HASH = [72, 33];
type Shape = (previous: Transaction | undefined) => readonly [TxInput[], TxOutput[]];
const SHAPES: Readonly<Record<string, Shape>> = {
  "1 input, 2 outputs, P2WPKH": () => [[input(PUBLIC_KEY_HASH)], times(2, () => output(22))],
  "2 inputs, 2 outputs, P2WPKH": () => [times(2, () => input(PUBLIC_KEY_HASH)), times(2, () => output(22))],
  "1 input, 2 outputs, P2PKH": () => [[input([], 107)], times(2, () => output(25))],
  "1 input, 2 outputs, P2TR": () => [[input([64])], times(2, () => output(34))],
  "100 inputs, 1 output, P2WPKH": () => [times(100, () => input(PUBLIC_KEY_HASH)), [output(22)]],
  "1 input, 2000 outputs": () => [[input(PUBLIC_KEY_HASH)], times(2000, () => output(22))],
  "1 input with 100 small witness items": () => [[input([...times(100, () => 1), 100])], [output(22)]],
  "a chain of many": (previous) => [[input(PUBLIC_KEY_HASH, 0, previous?.txid)], times(2, () => output(22))],
};
/** Members of a chain: as many as a cluster has at most. */
const CHAIN_LENGTH = 64;

console.log(
  "shape                                  entries  counted MiB   measured MiB   counted/measured  measured bytes each",
);
for (const [name, make] of Object.entries(SHAPES)) console.log(await measure(name, make));

async function measure(name: string, make: Shape): Promise<string> {
  const before = await memoryBytes();
  const pool = fill(make);
  const measured = (await memoryBytes()) - before;
  return [
    name.padEnd(36),
    String(pool.size).padStart(9),
    (pool.usageBytes / 2 ** 20).toFixed(1).padStart(13),
    (measured / 2 ** 20).toFixed(1).padStart(13),
    (pool.usageBytes / measured).toFixed(2).padStart(18),
    (measured / pool.size).toFixed(0).padStart(20),
  ].join(" ");
}

/** As transactions are that came from a peer: decoded from a message and asked for everything that acceptance asks. */
function fill(make: Shape): EntryPool {
  const pool = new EntryPool();
  let previous: Transaction | undefined;
  while (pool.usageBytes < limitBytes) {
    const [inputs, outputs] = make(pool.size % CHAIN_LENGTH === 0 ? undefined : previous);
    const { bytes } = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
    const tx = decodeTransaction(new Reader(bytes.slice()));
    pool.add(entryOf(tx, 1000n, { timeSeconds: pool.size }));
    previous = tx;
  }
  for (const _chunk of pool.chunksInMiningOrder());
  return pool;
}
