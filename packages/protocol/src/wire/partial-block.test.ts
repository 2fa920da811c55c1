import { describe, expect, test } from "vitest";
import { isBlockMutated } from "../consensus/check-block.ts";
import { hasVectors, readRealBlock } from "../consensus/test-kit.ts";
import { Block, BlockHeader } from "../primitives/block.ts";
import { blockMerkleRoot } from "../primitives/merkle.ts";
import { Transaction } from "../primitives/transaction.ts";
import { type BlockHash, type Txid, ZERO_HASH } from "../primitives/types.ts";
import { type CompactBlockMessage, makeCompactBlock } from "./compact-blocks.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import { PartialBlock } from "./partial-block.ts";

const NONCE = 0x1122334455667788n;

/** A transaction that no other `seed` has; the witness tells two of one seed apart. */
function transactionOf(seed: number, witness = 0): Transaction {
  const txid = new Uint8Array(32).fill(seed + 1) as Txid;
  return new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid, index: seed },
        scriptSig: new Uint8Array(0),
        sequence: 0,
        witness: [Uint8Array.of(witness)],
      },
    ],
    outputs: [{ value: BigInt(seed), scriptPubKey: new Uint8Array(seed) }],
    lockTime: seed,
  });
}

function blockOf(list: readonly Transaction[]): Block {
  const merkleRoot = blockMerkleRoot({ transactions: list }).root;
  const header = {
    version: 4,
    previousBlockHash: ZERO_HASH as BlockHash,
    merkleRoot,
    time: 1,
    bits: 0x207fffff,
    nonce: 0,
  };
  return new Block(new BlockHeader(header), list);
}

/** As after the wire, so that nothing depends on shared objects. */
function sent(message: CompactBlockMessage): CompactBlockMessage {
  return decodeMessage("cmpctblock", encodeMessage(message).payload) as CompactBlockMessage;
}

/** What the caller asks of a block: here, that its transactions are those of the header. */
function isMutated(block: Block): boolean {
  return !Buffer.from(blockMerkleRoot(block).root).equals(Buffer.from(block.header.merkleRoot));
}

const list = [0, 1, 2, 3, 4].map((seed) => transactionOf(seed));
const [coinbase, first, second, third, fourth] = list as [
  Transaction,
  Transaction,
  Transaction,
  Transaction,
  Transaction,
];
const block = blockOf(list);
const message = sent(makeCompactBlock(block, NONCE));

describe("a block of which the mempool has a part", () => {
  test("is whole with the rest, in order", () => {
    const partial = new PartialBlock();
    expect(partial.init(message, [fourth, transactionOf(9), second])).toBe("ok");
    expect(partial.missingIndexes()).toEqual([1, 3]);
    expect([0, 1, 2, 3, 4].map((index) => partial.isAvailable(index))).toEqual([true, false, true, false, true]);
    expect(partial.header!.hash).toEqual(block.hash);
    const filled = partial.fill([first, third], isMutated) as Block;
    expect(filled.bytes).toEqual(block.bytes);
    const requestedSize = first.size + third.size;
    expect(partial.counts).toEqual({ prefilled: 1, mempool: 2, extra: 0, requested: 2, requestedSize });
  });

  test("is used up once filled", () => {
    const partial = new PartialBlock();
    partial.init(message, list);
    expect(partial.missingIndexes()).toEqual([]);
    expect(partial.fill([], isMutated)).toBeInstanceOf(Block);
    expect(partial.header).toBeUndefined();
    expect(partial.fill([], isMutated)).toBe("invalid");
  });

  test("too few transactions leave it as it was, too many are invalid", () => {
    const partial = new PartialBlock();
    partial.init(message, [second, third, fourth]);
    expect(partial.fill([], isMutated)).toBe("invalid");
    expect(partial.missingIndexes()).toEqual([1]);
    expect(partial.fill([first], isMutated)).toBeInstanceOf(Block);
    const other = new PartialBlock();
    other.init(message, [second, third, fourth]);
    expect(other.fill([first, first], isMutated)).toBe("invalid");
    expect(other.fill([first], isMutated)).toBe("invalid");
  });

  test("other transactions than those of the header fail, for the whole block may still come", () => {
    const partial = new PartialBlock();
    partial.init(message, [second, third, fourth]);
    expect(partial.fill([transactionOf(9)], isMutated)).toBe("failed");
  });

  test("nothing is filled before init, and init comes once", () => {
    expect(new PartialBlock().fill([], isMutated)).toBe("invalid");
    const partial = new PartialBlock();
    expect(partial.init(message, [])).toBe("ok");
    expect(partial.init(message, [])).toBe("invalid");
  });

  test("one of the coinbase alone needs nothing", () => {
    const lone = blockOf([coinbase]);
    const partial = new PartialBlock();
    expect(partial.init(sent(makeCompactBlock(lone, NONCE)), [])).toBe("ok");
    expect((partial.fill([], isMutated) as Block).bytes).toEqual(lone.bytes);
  });
});

describe("prefilled transactions", () => {
  test("need not have the coinbase among them", () => {
    const all = makeCompactBlock(block, NONCE, [3]);
    const ids = makeCompactBlock({ header: block.header, transactions: [coinbase, coinbase] }, NONCE).shortIds;
    const partial = new PartialBlock();
    expect(
      partial.init(sent({ ...all, shortIds: [...ids, ...all.shortIds], prefilled: all.prefilled.slice(1) }), []),
    ).toBe("ok");
    expect(partial.missingIndexes()).toEqual([0, 1, 2, 4]);
    expect(partial.fill([coinbase, first, second, fourth], isMutated)).toBeInstanceOf(Block);
  });

  test("the last place is that behind all others", () => {
    const place = (index: number) => new PartialBlock().init({ ...message, prefilled: [{ index, tx: coinbase }] }, []);
    expect(place(4)).toBe("ok");
    expect(place(5)).toBe("invalid");
    expect(place(70000)).toBe("invalid");
  });

  test("a place may not leave one before it without transaction and short id", () => {
    const prefilled = [
      { index: 0, tx: coinbase },
      { index: 2, tx: first },
    ];
    expect(new PartialBlock().init({ ...message, shortIds: [], prefilled }, [])).toBe("invalid");
    expect(new PartialBlock().init({ ...message, shortIds: [1], prefilled }, [])).toBe("ok");
  });

  test("an empty one is invalid", () => {
    const tx = new Transaction({ version: 1, inputs: [], outputs: [], lockTime: 0 });
    expect(new PartialBlock().init({ ...message, prefilled: [{ index: 0, tx }] }, [])).toBe("invalid");
  });
});

describe("messages that are no blocks", () => {
  test("without transactions", () => {
    expect(new PartialBlock().init({ ...message, shortIds: [], prefilled: [] }, [])).toBe("invalid");
  });

  test("without a target", () => {
    const header = new BlockHeader({ ...block.header, bits: 0 });
    expect(new PartialBlock().init({ ...message, header }, [])).toBe("invalid");
  });

  test("with more transactions than a block has room for", () => {
    // Far apart in their buckets, so that the count alone decides.
    const ids = (count: number) => Array.from({ length: count }, (_, index) => index);
    expect(new PartialBlock().init({ ...message, shortIds: ids(99_999) }, [])).toBe("ok");
    expect(new PartialBlock().init({ ...message, shortIds: ids(100_000) }, [])).toBe("invalid");
  });
});

describe("short ids that collide", () => {
  test("within the message fail", () => {
    const [one, ...others] = message.shortIds;
    expect(new PartialBlock().init({ ...message, shortIds: [one!, ...others, one!] }, [])).toBe("failed");
  });

  test("a bucket takes twelve, for a sender could choose them to be slow", () => {
    const count = 100;
    const spread = Array.from({ length: count }, (_, index) => index);
    const crowded = (size: number) => spread.map((id) => (id < size ? id * count : id));
    expect(new PartialBlock().init({ ...message, shortIds: crowded(12) }, [])).toBe("ok");
    expect(new PartialBlock().init({ ...message, shortIds: crowded(13) }, [])).toBe("failed");
  });

  /** A message that means `wanted` in all places of its short ids, with one of them meant by two transactions. */
  const ambiguous = (tx: Transaction) =>
    makeCompactBlock({ header: block.header, transactions: [coinbase, tx, transactionOf(7)] }, NONCE);

  test("two of the mempool leave the place empty", () => {
    const partial = new PartialBlock();
    expect(partial.init(ambiguous(first), [first, disguised(second, first)])).toBe("ok");
    expect(partial.missingIndexes()).toEqual([1, 2]);
    expect(partial.counts.mempool).toBe(0);
  });

  test("a third does not take it again", () => {
    const partial = new PartialBlock();
    partial.init(ambiguous(first), [first, disguised(second, first), first], [first]);
    expect(partial.missingIndexes()).toEqual([1, 2]);
  });

  test("the same transaction of the mempool again is no second", () => {
    const partial = new PartialBlock();
    partial.init(ambiguous(first), [first, first]);
    expect(partial.missingIndexes()).toEqual([2]);
    expect(partial.counts.mempool).toBe(1);
  });

  test("one that is in mempool and extra is one", () => {
    const partial = new PartialBlock();
    partial.init(ambiguous(first), [first], [first]);
    expect(partial.missingIndexes()).toEqual([2]);
    expect(partial.counts).toMatchObject({ mempool: 1, extra: 0 });
  });

  test("another of extra with its short id leaves the place empty", () => {
    const partial = new PartialBlock();
    partial.init(ambiguous(first), [first], [disguised(second, first)]);
    expect(partial.missingIndexes()).toEqual([1, 2]);
    expect(partial.counts).toMatchObject({ mempool: 0, extra: 0 });
  });

  test("the search ends when all are found", () => {
    const partial = new PartialBlock();
    partial.init(ambiguous(first), [first, transactionOf(7), disguised(second, first)]);
    expect(partial.missingIndexes()).toEqual([]);
  });
});

/** `tx`, whose wtxid is read as that of `other` the first time, when it is hashed to its short id. */
function disguised(tx: Transaction, other: Transaction): Transaction {
  let reads = 0;
  return new Proxy(tx, {
    get(target, name) {
      if (name === "wtxid" && reads++ === 0) return other.wtxid;
      return Reflect.get(target, name, target);
    },
  });
}

describe("extra transactions", () => {
  test("fill what the mempool lacks, and are counted apart", () => {
    const partial = new PartialBlock();
    expect(partial.init(message, [second], [transactionOf(9), first, third])).toBe("ok");
    expect(partial.missingIndexes()).toEqual([4]);
    expect(partial.counts).toMatchObject({ prefilled: 1, mempool: 3, extra: 2 });
  });

  test("one with another witness is another transaction", () => {
    const partial = new PartialBlock();
    partial.init(message, [transactionOf(1, 1)], [transactionOf(2, 1)]);
    expect(partial.missingIndexes()).toEqual([1, 2, 3, 4]);
  });
});

describe.skipIf(!hasVectors)("a full block of the main network", () => {
  test("is put together from a mempool that has nearly all of it", () => {
    const real = readRealBlock("mainnet-413567");
    const lacking = new Set([1, 500, real.transactions.length - 1]);
    const mempool = real.transactions.filter((_, index) => index > 0 && !lacking.has(index)).reverse();
    const partial = new PartialBlock();
    expect(partial.init(sent(makeCompactBlock(real, NONCE)), mempool)).toBe("ok");
    expect(partial.missingIndexes()).toEqual([...lacking]);
    const rest = [...lacking].map((index) => real.transactions[index]!);
    const filled = partial.fill(rest, (whole) => isBlockMutated(whole, true)) as Block;
    expect(Buffer.compare(filled.bytes, real.bytes)).toBe(0);
  });
});
