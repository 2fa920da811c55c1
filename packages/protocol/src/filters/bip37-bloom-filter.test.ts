import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { Writer } from "../bytes/cursor.ts";
import { Transaction } from "../primitives/transaction.ts";
import { parseDisplayHash, type Txid } from "../primitives/types.ts";
import { outPoint, script } from "../script/test-kit.ts";
import {
  BLOOM_FILTER_BYTES_MAX,
  BLOOM_HASH_FUNCTIONS_MAX,
  BloomFilter,
  type BloomFilterFields,
  BloomUpdate,
} from "./bloom.ts";

const KNOWN = "99108ad8ed9bb6274d3980bab5a85c048f0950c8";
const ITEMS = [KNOWN, "b5a2c786d9ef4658287ced5914b37a1b4aa32eee", "b9300670b4c5366e95b2699e8b18bc75e5f729c5"];

/** As `filterload` carries it. */
const encoded = ({ data, hashFunctionCount, tweak, flags }: BloomFilterFields) =>
  toHex(new Writer().compactBytes(data).uint32(hashFunctionCount).uint32(tweak).uint8(flags).finish());

describe("bloom filters (BIP37)", () => {
  test.each([
    [0, "03614e9b050000000000000001"],
    [2147483649, "03ce4299050000000100008001"],
  ])("three items of 20 bytes under tweak %i", (tweak, expected) => {
    const filter = BloomFilter.sized(3, 0.01, tweak, BloomUpdate.ALL);
    expect(filter.contains(fromHex(KNOWN))).toBe(false);
    for (const item of ITEMS) {
      filter.insert(fromHex(item));
      expect(filter.contains(fromHex(item))).toBe(true);
    }
    expect(filter.contains(fromHex(`19${KNOWN.slice(2)}`))).toBe(false);
    expect(encoded(filter)).toBe(expected);
  });

  test("a public key and its hash", () => {
    const filter = BloomFilter.sized(2, 0.001, 0, BloomUpdate.ALL);
    const key =
      "045b81f0017e2091e2edcd5eecf10d5bdd120a5514cb3ee65b8447ec18bfc4575c6d5bf415e54e03b1067934a0f0ba76b01c6b9ab227142ee1d543764b69d901e0";
    filter.insert(fromHex(key));
    filter.insert(fromHex("477abbacd4113f2e6b100526222eedd953c26a64"));
    expect(encoded(filter)).toBe("038fc16b080000000000000001");
  });

  test("sizes keep to the limits of the protocol", () => {
    const large = BloomFilter.sized(1_000_000, 0.000001, 0, BloomUpdate.NONE);
    expect(large.data.length).toBe(BLOOM_FILTER_BYTES_MAX);
    const exact = BloomFilter.sized(1, 1e-30, 0, BloomUpdate.NONE);
    expect(exact.hashFunctionCount).toBe(BLOOM_HASH_FUNCTIONS_MAX);
    expect(large.isWithinSizeConstraints() && exact.isWithinSizeConstraints()).toBe(true);
  });

  test("36,000 bytes and 50 functions are allowed, one more of either is not", () => {
    const fields = { tweak: 0, flags: 0, hashFunctionCount: 50, data: new Uint8Array(36_000) };
    expect(new BloomFilter(fields).isWithinSizeConstraints()).toBe(true);
    expect(new BloomFilter({ ...fields, data: new Uint8Array(36_001) }).isWithinSizeConstraints()).toBe(false);
    expect(new BloomFilter({ ...fields, hashFunctionCount: 51 }).isWithinSizeConstraints()).toBe(false);
  });

  test("without bytes it has everything and takes nothing (CVE-2013-5700); without functions it has everything", () => {
    const empty = new BloomFilter({ data: new Uint8Array(0), hashFunctionCount: 3, tweak: 0, flags: 1 });
    empty.insert(fromHex(KNOWN));
    expect(empty.contains(fromHex("00"))).toBe(true);
    expect(empty.isRelevantAndUpdate(SPENT)).toBe(true);
    const without = new BloomFilter({ data: new Uint8Array(8), hashFunctionCount: 0, tweak: 0, flags: 1 });
    expect(without.contains(fromHex("00"))).toBe(true);
  });

  test("works on a copy of what it is given", () => {
    const data = new Uint8Array(8);
    new BloomFilter({ data, hashFunctionCount: 3, tweak: 0, flags: 0 }).insert(fromHex(KNOWN));
    expect(data).toEqual(new Uint8Array(8));
  });
});

const SIGNATURE = "5a".repeat(71);
const INPUT_KEY = "04".padEnd(130, "6d");
const HASH = "04943fdd508053c75000106d3bc6e2754dbcff19";
const PUBLIC_KEY = "02".padEnd(66, "7c");
const MULTISIG_KEY = "03".padEnd(66, "8d");

const transaction = (previousOutput: Transaction["inputs"][0]["previousOutput"], scriptSig: string, pays: string[]) =>
  new Transaction({
    version: 1,
    inputs: [{ previousOutput, scriptSig: script(scriptSig), sequence: 0xffffffff, witness: [] }],
    outputs: pays.map((text) => ({ value: 1n, scriptPubKey: script(text) })),
    lockTime: 0,
  });

const SOURCE = outPoint("90c122d70786e899529d71dbeba91ba216982fb6ba58f3bdaab65e73b7e9260b", 0);
const SPENT = transaction(SOURCE, `0x47 0x${SIGNATURE} 0x41 0x${INPUT_KEY}`, [
  `DUP HASH160 0x14 0x${HASH} EQUALVERIFY CHECKSIG`,
  `0x21 0x${PUBLIC_KEY} CHECKSIG`,
  `1 0x21 0x${MULTISIG_KEY} 1 CHECKMULTISIG`,
]);
const spenderOf = (index: number) => transaction({ txid: SPENT.txid, index }, "0", ["1"]);

describe("what a bloom filter finds in a transaction (BIP37)", () => {
  const filterOf = (flags: number, ...items: readonly Uint8Array[]) => {
    const filter = BloomFilter.sized(10, 0.000001, 0, flags);
    for (const item of items) filter.insert(item);
    return filter;
  };
  const finds = (item: Uint8Array) => filterOf(BloomUpdate.ALL, item).isRelevantAndUpdate(SPENT);
  const sourceBytes = (index: number) => concatBytes(SOURCE.txid, Uint8Array.of(index, 0, 0, 0));

  test("its id, in internal byte order", () => {
    expect(finds(SPENT.txid)).toBe(true);
    expect(finds(Uint8Array.from(SPENT.txid).reverse())).toBe(false);
  });

  test("what input and output scripts push, whole", () => {
    for (const item of [SIGNATURE, INPUT_KEY, HASH, PUBLIC_KEY, MULTISIG_KEY]) expect(finds(fromHex(item))).toBe(true);
    expect(finds(fromHex(HASH.slice(2)))).toBe(false);
    expect(finds(script(`DUP HASH160 0x14 0x${HASH} EQUALVERIFY CHECKSIG`))).toBe(false);
  });

  test("the outputs it spends", () => {
    expect(finds(sourceBytes(0))).toBe(true);
    expect(finds(sourceBytes(1))).toBe(false);
    const filter = filterOf(BloomUpdate.NONE);
    filter.insertOutPoint(SOURCE);
    expect(filter.containsOutPoint(SOURCE)).toBe(true);
    expect(filter.containsOutPoint({ ...SOURCE, index: 1 })).toBe(false);
    expect(filter.isRelevantAndUpdate(SPENT)).toBe(true);
  });

  test("nothing else, neither another id nor an empty push", () => {
    const other = parseDisplayHash<Txid>("00000009e784f32f62ef849763d4f45b98e07ba658647343b915ff832b110436")!;
    expect(finds(other)).toBe(false);
    const empty = filterOf(BloomUpdate.ALL, new Uint8Array(0));
    expect(empty.isRelevantAndUpdate(transaction(SOURCE, "0", ["0"]))).toBe(false);
  });

  test("nothing behind a broken push, but what stands before it", () => {
    const broken = transaction(SOURCE, "", [`0x14 0x${HASH} 0x4c`, `0x4c 0xff 0x14 0x${PUBLIC_KEY.slice(0, 40)}`]);
    expect(filterOf(0, fromHex(HASH)).isRelevantAndUpdate(broken)).toBe(true);
    expect(filterOf(0, fromHex(PUBLIC_KEY.slice(0, 40))).isRelevantAndUpdate(broken)).toBe(false);
  });

  test.each([
    ["none", BloomUpdate.NONE, []],
    ["all", BloomUpdate.ALL, [0, 1, 2]],
    ["public keys", BloomUpdate.P2PUBKEY_ONLY, [1, 2]],
    ["none where both bits are set", 3, []],
    ["by the two lowest bits alone", 0xfc | BloomUpdate.ALL, [0, 1, 2]],
  ])("the spending of matched outputs: %s", (_name, flags, found) => {
    const filter = filterOf(flags, ...[HASH, PUBLIC_KEY, MULTISIG_KEY].map(fromHex));
    expect(filter.isRelevantAndUpdate(SPENT)).toBe(true);
    expect([0, 1, 2].filter((index) => filter.isRelevantAndUpdate(spenderOf(index)))).toEqual(found);
  });

  test("an output that did not match is not added, though the transaction did", () => {
    const filter = filterOf(BloomUpdate.ALL, SPENT.txid, fromHex(HASH));
    expect(filter.isRelevantAndUpdate(SPENT)).toBe(true);
    expect([0, 1, 2].filter((index) => filter.containsOutPoint({ txid: SPENT.txid, index }))).toEqual([0]);
  });
});
