import { createHash } from "node:crypto";
import { parseAddress, parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import { ipv6AsCjdns, type NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { describe, expect, test } from "vitest";
import { Asmap } from "./asmap.ts";
import { encodeAsmap } from "./asmap-test-kit.ts";
import { BUCKET_SIZE, BucketHash, NEW_BUCKETS, REFERENCES_MAX, TRIED_BUCKETS } from "./bucket-hash.ts";

/** The definition once more, in other words: the lowest 64 bits of a double SHA-256 over the secret and what follows. */
function cheapHash(...parts: readonly Uint8Array[]): bigint {
  const once = createHash("sha256").update(Buffer.concat(parts)).digest();
  return createHash("sha256").update(once).digest().readBigUInt64LE();
}
const lengthAnd = (bytes: Uint8Array) => Uint8Array.of(bytes.length, ...bytes);
const uint64 = (value: bigint) => new Uint8Array(new BigUint64Array([value]).buffer);
const int32 = (value: number) => new Uint8Array(new Int32Array([value]).buffer);

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
const hash = new BucketHash(KEY);
const at = (text: string) => parseEndpoint(text, 8333)!;
const mapped = (...ipv4: number[]) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...ipv4);

/** Bytes that stand for an endpoint, and its group. */
const CASES: readonly (readonly [string, NetworkEndpoint, Uint8Array, Uint8Array])[] = [
  ["IPv4", at("1.2.3.4:8333"), Uint8Array.of(...mapped(1, 2, 3, 4), 0x20, 0x8d), Uint8Array.of(1, 1, 2)],
  ["IPv6", at("[2a00::1]:256"), Uint8Array.of(0x2a, ...new Uint8Array(14), 1, 1, 0), Uint8Array.of(2, 0x2a, 0, 0, 0)],
  [
    "CJDNS",
    { address: ipv6AsCjdns(parseAddress("fc12::1")!), port: 1 },
    Uint8Array.of(0xfc, 0x12, ...new Uint8Array(13), 1, 0, 1),
    Uint8Array.of(5, 0xfc, 0x1f),
  ],
];

describe("places of the tables", () => {
  test("are as many as in Core", () => {
    expect([NEW_BUCKETS, TRIED_BUCKETS, BUCKET_SIZE, REFERENCES_MAX]).toEqual([1024, 256, 64, 8]);
  });

  test.each(CASES)("%s", (_, endpoint, bytes, group) => {
    const source = parseAddress("8.9.1.1")!;
    const sourceGroup = Uint8Array.of(1, 8, 9);
    const tried = cheapHash(KEY, lengthAnd(group), uint64(cheapHash(KEY, lengthAnd(bytes)) % 8n)) % 256n;
    expect(hash.triedBucket(endpoint)).toBe(Number(tried));
    const spread = cheapHash(KEY, lengthAnd(group), lengthAnd(sourceGroup)) % 64n;
    const fresh = cheapHash(KEY, lengthAnd(sourceGroup), uint64(spread)) % 1024n;
    expect(hash.newBucket(endpoint, source)).toBe(Number(fresh));
    const positionOf = (mark: string, bucket: number) =>
      Number(cheapHash(KEY, Buffer.from(mark), int32(bucket), lengthAnd(bytes)) % 64n);
    for (const bucket of [0, 255, 1023]) expect(hash.position("new", bucket, endpoint)).toBe(positionOf("N", bucket));
    for (const bucket of [0, 255]) expect(hash.position("tried", bucket, endpoint)).toBe(positionOf("K", bucket));
  });

  test("with another secret all is elsewhere", () => {
    const other = new BucketHash(KEY.map((byte) => byte ^ 1));
    const endpoints = Array.from({ length: 20 }, (_, index) => at(`1.${index}.0.1`));
    expect(endpoints.map((one) => other.triedBucket(one))).not.toEqual(endpoints.map((one) => hash.triedBucket(one)));
  });
});

describe("what one network group reaches", () => {
  const many = Array.from({ length: 2000 }, (_, index) => at(`1.2.${index >> 8}.${index & 0xff}:${index + 1}`));
  const groups = Array.from({ length: 4000 }, (_, index) => at(`${(index >> 8) + 1}.${index & 0xff}.0.1`));
  const source = parseAddress("8.8.8.8")!;
  const countOf = (values: readonly number[]) => new Set(values).size;

  test("eight buckets of the tried table, for its addresses", () => {
    expect(countOf(many.map((one) => hash.triedBucket(one)))).toBe(8);
    expect(countOf(groups.map((one) => hash.triedBucket(one)))).toBe(TRIED_BUCKETS);
  });

  test("64 buckets of the new table, for what it tells of", () => {
    expect(countOf(groups.map((one) => hash.newBucket(one, source)))).toBeLessThanOrEqual(64);
    expect(countOf(groups.map((one) => hash.newBucket(one, source)))).toBeGreaterThan(48);
    expect(countOf(groups.map((one) => hash.newBucket(one, one.address)))).toBeGreaterThan(900);
  });

  test("one bucket of the new table, for its addresses as one source tells of them", () => {
    expect(countOf(many.map((one) => hash.newBucket(one, source)))).toBe(1);
    expect(hash.newBucket(many[0]!, parseAddress("8.8.9.9")!)).toBe(hash.newBucket(many[0]!, source));
  });

  test("with a map one autonomous system counts as one group, whatever its ranges", () => {
    const withMap = new BucketHash(
      KEY,
      new Asmap(
        encodeAsmap([
          ["1.0.0.0/8", 1],
          ["2.0.0.0/8", 1],
        ]),
      ),
    );
    const own = groups.filter(({ address }) => address.bytes[0]! <= 2);
    expect(countOf(own.map((one) => hash.triedBucket(one)))).toBeGreaterThan(8);
    expect(countOf(own.map((one) => withMap.triedBucket(one)))).toBe(8);
    expect(countOf(own.map((one) => withMap.newBucket(one, source)))).toBe(1);
    expect(countOf(own.map((one) => withMap.newBucket(groups[1000]!, one.address)))).toBe(1);
  });
});
