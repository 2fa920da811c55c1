import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import { Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { isAddrV1Compatible } from "@bitfleet/protocol/wire/address-class.ts";
import { ipv6FromAddress, type NetworkAddress, type NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import type { Asmap } from "./asmap.ts";
import { networkGroup } from "./network-group.ts";

export const NEW_BUCKETS = 1024;
export const TRIED_BUCKETS = 256;
/** Places of a bucket. */
export const BUCKET_SIZE = 64;
/** Places of the new table that one address can have, so that who tells of it again and again gains little. */
export const REFERENCES_MAX = 8;

/** Buckets that all addresses told by one network group get to. */
const NEW_BUCKETS_PER_SOURCE = 64n;
/** Buckets that all addresses of one network group get to. */
const TRIED_BUCKETS_PER_GROUP = 8n;

/**
 * Where addresses go in the tables: by a secret, so that nobody can aim at a bucket, and by network group, so that who controls one
 * reaches few. The same as in Bitcoin Core, so that its files can be read.
 */
export class BucketHash {
  readonly #key: Uint8Array;
  readonly #asmap: Asmap | undefined;

  /** `key`: 32 secret bytes. With `asmap` groups are autonomous systems where it knows them. */
  constructor(key: Uint8Array, asmap?: Asmap) {
    this.#key = key;
    this.#asmap = asmap;
  }

  triedBucket(endpoint: NetworkEndpoint): number {
    const first = this.#hash((writer) => writeBytes(writer, endpointBytes(endpoint)));
    const group = networkGroup(endpoint.address, this.#asmap);
    const second = this.#hash((writer) => writeBytes(writer, group).uint64(first % TRIED_BUCKETS_PER_GROUP));
    return Number(second % BigInt(TRIED_BUCKETS));
  }

  newBucket(endpoint: NetworkEndpoint, source: NetworkAddress): number {
    const sourceGroup = networkGroup(source, this.#asmap);
    const group = networkGroup(endpoint.address, this.#asmap);
    const first = this.#hash((writer) => writeBytes(writeBytes(writer, group), sourceGroup));
    const second = this.#hash((writer) => writeBytes(writer, sourceGroup).uint64(first % NEW_BUCKETS_PER_SOURCE));
    return Number(second % BigInt(NEW_BUCKETS));
  }

  /** Place within a bucket. */
  position(table: "new" | "tried", bucket: number, endpoint: NetworkEndpoint): number {
    const mark = table === "new" ? 0x4e : 0x4b;
    const hash = this.#hash((writer) => writeBytes(writer.uint8(mark).int32(bucket), endpointBytes(endpoint)));
    return Number(hash % BigInt(BUCKET_SIZE));
  }

  #hash(write: (writer: Writer) => void): bigint {
    const writer = new Writer(96);
    writer.bytes(this.#key);
    write(writer);
    return bigIntFromLittleEndian(sha256d(writer.toBytes()).subarray(0, 8));
  }
}

function writeBytes(writer: Writer, bytes: Uint8Array): Writer {
  return writer.compactSize(bytes.length).bytes(bytes);
}

/** Address as 16 bytes of IPv6 where it has that form, else its own bytes; and the port. */
function endpointBytes({ address, port }: NetworkEndpoint): Uint8Array {
  const bytes = isAddrV1Compatible(address) ? ipv6FromAddress(address) : address.bytes;
  return Uint8Array.of(...bytes, port >> 8, port & 0xff);
}
