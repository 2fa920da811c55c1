import fc from "fast-check";
import { Block } from "../primitives/block.ts";
import { headers, transactions } from "../primitives/test-kit.ts";
import type { BlockHash } from "../primitives/types.ts";
import type { MessageOf, MessageType } from "./message.ts";
import {
  ADDRESS_SIZES,
  addressFromIpv6,
  type GossipAddress,
  type NetworkAddress,
  type NetworkKind,
} from "./network-address.ts";

/** Random addresses and messages for property tests. */

export const uint16s = fc.integer({ min: 0, max: 0xffff });
export const uint32s = fc.integer({ min: 0, max: 0xffffffff });
export const uint64s = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

const kinds: readonly NetworkKind[] = ["ipv4", "ipv6", "onion", "i2p", "cjdns", "internal"];

/** Addresses of every network, as decoders return them. */
export const networkAddresses: fc.Arbitrary<NetworkAddress> = fc
  .constantFrom(...kinds)
  .chain((network) => {
    const size = ADDRESS_SIZES[network];
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({ network, bytes }));
  })
  .filter(({ network, bytes }) => network !== "ipv6" || addressFromIpv6(bytes)?.network === "ipv6");

export const gossipAddresses: fc.Arbitrary<GossipAddress> = fc.record({
  address: networkAddresses.filter((address) => address.network !== "internal"),
  port: uint16s,
  services: uint64s,
  timeSeconds: uint32s,
});

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const blockHashes = hashes.map((hash) => hash as BlockHash);
const filterTypes = fc.integer({ min: 0, max: 0xff });
const bytes = fc.uint8Array({ maxLength: 40 });
const transactionLists = fc.array(transactions, { maxLength: 3 });
const versionEndpoints = fc.record({
  services: uint64s,
  // Others have no form in this message.
  address: networkAddresses.filter(({ network }) => network === "ipv4" || network === "ipv6" || network === "internal"),
  port: uint16s,
});

/** Ascending places in a block. */
const places = fc.uniqueArray(uint16s, { maxLength: 5 }).map((list) => list.sort((a, b) => a - b));

const compactBlocks: fc.Arbitrary<MessageOf<"cmpctblock">> = fc.record({
  type: fc.constant("cmpctblock"),
  header: headers,
  nonce: uint64s,
  shortIds: fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { maxLength: 5 }),
  prefilled: fc.tuple(places, transactions).map(([indexes, tx]) => indexes.map((index) => ({ index, tx }))),
});

function inventory<Type extends "inv" | "getdata" | "notfound">(type: Type) {
  const items = fc.array(fc.record({ kind: uint32s, hash: hashes }), { maxLength: 4 });
  return fc.record({ type: fc.constant(type), items });
}

function locators<Type extends "getblocks" | "getheaders">(type: Type) {
  return fc.record({ type: fc.constant(type), locator: fc.array(blockHashes, { maxLength: 4 }), stop: blockHashes });
}

function filtersRequests<Type extends "getcfilters" | "getcfheaders">(type: Type) {
  return fc.record({ type: fc.constant(type), filterType: filterTypes, startHeight: uint32s, stop: blockHashes });
}

function addressLists<Type extends "addr" | "addrv2">(type: Type) {
  const isWritten = ({ address }: GossipAddress) => type === "addrv2" || /^ipv/.test(address.network);
  return fc
    .array(gossipAddresses.filter(isWritten), { maxLength: 4 })
    .map((addresses) => ({ type, addresses, count: addresses.length }));
}

/** Messages of each type, as decoders return them. */
export const messagesOf: { readonly [Type in MessageType]: fc.Arbitrary<MessageOf<Type>> } = {
  version: fc.record({
    type: fc.constant("version"),
    version: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    services: uint64s,
    timeSeconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    receiver: versionEndpoints,
    sender: versionEndpoints,
    nonce: uint64s,
    userAgent: fc
      .string({ maxLength: 80, unit: "grapheme" })
      .filter((text) => new TextEncoder().encode(text).length <= 256),
    startingHeight: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
    relaysTransactions: fc.boolean(),
  }),
  verack: fc.constant({ type: "verack" }),
  addr: addressLists("addr"),
  addrv2: addressLists("addrv2"),
  sendaddrv2: fc.constant({ type: "sendaddrv2" }),
  inv: inventory("inv"),
  getdata: inventory("getdata"),
  merkleblock: fc.record({
    type: fc.constant("merkleblock"),
    header: headers,
    transactionCount: uint32s,
    hashes: fc.array(hashes, { maxLength: 4 }),
    flags: bytes,
  }),
  getblocks: locators("getblocks"),
  getheaders: locators("getheaders"),
  tx: fc.record({ type: fc.constant("tx"), tx: transactions }),
  headers: fc.record({ type: fc.constant("headers"), headers: fc.array(headers, { maxLength: 3 }) }),
  block: fc
    .tuple(headers, transactionLists)
    .map(([header, list]) => ({ type: "block" as const, block: new Block(header, list) })),
  getaddr: fc.constant({ type: "getaddr" }),
  mempool: fc.constant({ type: "mempool" }),
  ping: fc.record({ type: fc.constant("ping"), nonce: fc.option(uint64s, { nil: undefined }) }),
  pong: fc.record({ type: fc.constant("pong"), nonce: fc.option(uint64s, { nil: undefined }) }),
  notfound: inventory("notfound"),
  filterload: fc.record({
    type: fc.constant("filterload"),
    data: bytes,
    hashFunctionCount: uint32s,
    tweak: uint32s,
    flags: filterTypes,
  }),
  filteradd: fc.record({ type: fc.constant("filteradd"), data: bytes }),
  filterclear: fc.constant({ type: "filterclear" }),
  sendheaders: fc.constant({ type: "sendheaders" }),
  feefilter: fc.record({
    type: fc.constant("feefilter"),
    feerateSatPerKvb: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  }),
  sendcmpct: fc.record({ type: fc.constant("sendcmpct"), highBandwidth: fc.boolean(), version: uint64s }),
  cmpctblock: compactBlocks,
  getblocktxn: fc.record({ type: fc.constant("getblocktxn"), blockHash: blockHashes, indexes: places }),
  blocktxn: fc.record({ type: fc.constant("blocktxn"), blockHash: blockHashes, transactions: transactionLists }),
  getcfilters: filtersRequests("getcfilters"),
  cfilter: fc.record({ type: fc.constant("cfilter"), filterType: filterTypes, blockHash: blockHashes, filter: bytes }),
  getcfheaders: filtersRequests("getcfheaders"),
  cfheaders: fc.record({
    type: fc.constant("cfheaders"),
    filterType: filterTypes,
    stop: blockHashes,
    previousHeader: hashes,
    filterHashes: fc.array(hashes, { maxLength: 3 }),
  }),
  getcfcheckpt: fc.record({ type: fc.constant("getcfcheckpt"), filterType: filterTypes, stop: blockHashes }),
  cfcheckpt: fc.record({
    type: fc.constant("cfcheckpt"),
    filterType: filterTypes,
    stop: blockHashes,
    headers: fc.array(hashes, { maxLength: 3 }),
  }),
  wtxidrelay: fc.constant({ type: "wtxidrelay" }),
  sendtxrcncl: fc.record({ type: fc.constant("sendtxrcncl"), version: uint32s, salt: uint64s }),
  feature: fc.record({
    type: fc.constant("feature"),
    featureId: fc.stringMatching(/^[ -~]{4,80}$/),
    data: bytes,
  }),
};
