import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { type BlockHash, HASH_SIZE } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";

/**
 * Where an event stands: the chain as it was behind the event, by which any server can go on, and the event's number on the server
 * that told it, by which that one can go on exactly. Text for clients, who do not look into it.
 *
 * | bytes | |
 * |---|---|
 * | 1 | version |
 * | 1 | {@link PART_KINDS}: what of a larger event was told |
 * | 8 | instance: random for each start of a server; zeros where the event was rebuilt from the chain and has no number |
 * | 6 | number of the event |
 * | 4 + 32 | height and hash of the last block of the chain |
 * | 32 | with `disconnected`: the block that was taken away last |
 * | 1…9 + 1…9 | but for `whole`: the transaction and the script of it that are to be told next (CompactSize) |
 * | n × 5 | the first bytes of the hashes of its ancestors at the distances of {@link ANCESTOR_DISTANCES}, as far as there are any |
 * | 4 | checksum, which the network's magic has a part in |
 *
 * Whoever makes a cursor up fools nobody but himself: all that it says is what he has already.
 */

const VERSION = 1;
const PART_KINDS = ["whole", "own", "connected", "disconnected"] as const;
const INSTANCE_SIZE = 8;
const PREFIX_SIZE = 5;
/** Blocks below the last one. A server that never saw a stale branch goes back to the first of them that it knows. */
const ANCESTOR_DISTANCES = [1, 2, 4, 8, 16, 64, 256, 1024] as const;
const NO_INSTANCE = new Uint8Array(INSTANCE_SIZE);
const NO_INSTANCE_TEXT = toHex(NO_INSTANCE);

/** Within an event of many parts, the part that is to be told next: scripts count from 1, 0 is the transaction itself. */
export interface Ordinal {
  readonly tx: number;
  readonly script: number;
}

/** Whether `a` comes before `b`. */
export const isBefore = (a: Ordinal, b: Ordinal) => (a.tx === b.tx ? a.script < b.script : a.tx < b.tx);

/** What of the event that the cursor names was told: all, or what comes before `next`. */
export type CursorPart =
  | { readonly kind: "whole" }
  /** Of an event that is no block's. */
  | { readonly kind: "own"; readonly next: Ordinal }
  /** Of the last block of the chain. */
  | { readonly kind: "connected"; readonly next: Ordinal }
  /** Of a block that was taken away from the chain. */
  | { readonly kind: "disconnected"; readonly block: BlockHash; readonly next: Ordinal };

export interface Cursor {
  /** In hex; `undefined` where the event had no number. */
  readonly instance: string | undefined;
  readonly sequence: number;
  readonly height: number;
  readonly hash: BlockHash;
  readonly part: CursorPart;
  /** The nearest first. */
  readonly ancestors: readonly { readonly height: number; readonly prefix: Uint8Array }[];
}

export const WHOLE: CursorPart = { kind: "whole" };

export interface CursorCodecOptions {
  /** Of this start of the server, {@link INSTANCE_SIZE} random bytes. */
  readonly instance: Uint8Array;
  /** Of the network. */
  readonly magic: Uint8Array;
}

/** Writes and reads cursors of one server. */
export class CursorCodec {
  readonly #options: CursorCodecOptions;
  /** Of the block that was written last: most cursors follow one of the same block. */
  #ancestors: { readonly entry: BlockIndexEntry; readonly bytes: Uint8Array } | undefined;

  constructor(options: CursorCodecOptions) {
    this.#options = options;
  }

  isOurs({ instance }: Cursor): boolean {
    return instance === toHex(this.#options.instance);
  }

  /** The cursor of event `sequence`, behind which `position` is the last block; without a number where it is `undefined`. */
  text(position: BlockIndexEntry, sequence: number | undefined, part: CursorPart = WHOLE): string {
    const writer = new Writer(160).uint8(VERSION).uint8(PART_KINDS.indexOf(part.kind));
    writer.bytes(sequence === undefined ? NO_INSTANCE : this.#options.instance);
    const number = sequence ?? 0;
    writer.uint32(number % 2 ** 32).uint16(Math.floor(number / 2 ** 32));
    writer.uint32(position.height).bytes(position.hash);
    if (part.kind === "disconnected") writer.bytes(part.block);
    if (part.kind !== "whole") writer.compactSize(part.next.tx).compactSize(part.next.script);
    writer.bytes(this.#ancestorsOf(position));
    const body = writer.finish();
    return Buffer.concat([body, this.#checksum(body)]).toString("base64url");
  }

  /** `undefined` where the text is no cursor, or one of another network. */
  parse(text: string): Cursor | undefined {
    if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
    const bytes = Buffer.from(text, "base64url");
    const body = bytes.subarray(0, -CHECKSUM_SIZE);
    if (bytes.length <= CHECKSUM_SIZE || !bytes.subarray(-CHECKSUM_SIZE).equals(this.#checksum(body))) return undefined;
    try {
      return decode(new Reader(new Uint8Array(body)));
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  #ancestorsOf(entry: BlockIndexEntry): Uint8Array {
    if (this.#ancestors?.entry !== entry) {
      const prefixes = distancesAt(entry.height).map((distance) =>
        entry.ancestor(entry.height - distance)!.hash.subarray(0, PREFIX_SIZE),
      );
      this.#ancestors = { entry, bytes: Buffer.concat(prefixes) };
    }
    return this.#ancestors.bytes;
  }

  /** FNV-1a: finds what was cut, mistyped or meant for another network, and need not withstand anybody. */
  #checksum(body: Uint8Array): Uint8Array {
    let hash = 0x811c9dc5;
    const mix = (bytes: Uint8Array) => {
      for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
    };
    mix(this.#options.magic);
    mix(body);
    return Uint8Array.of(hash, hash >>> 8, hash >>> 16, hash >>> 24);
  }
}

const CHECKSUM_SIZE = 4;

const distancesAt = (height: number) => ANCESTOR_DISTANCES.filter((distance) => distance <= height);

function decode(reader: Reader): Cursor {
  if (reader.uint8() !== VERSION) reader.fail("a version that is not known");
  const kind = PART_KINDS[reader.uint8()] ?? reader.fail("a part that is not known");
  const instance = toHex(reader.bytes(INSTANCE_SIZE));
  const sequence = reader.uint32() + reader.uint16() * 2 ** 32;
  const height = reader.uint32();
  const hash = reader.bytes(HASH_SIZE).slice() as BlockHash;
  const part = decodePart(reader, kind);
  const ancestors = distancesAt(height).map((distance) => ({
    height: height - distance,
    prefix: reader.bytes(PREFIX_SIZE).slice(),
  }));
  reader.end();
  return { instance: instance === NO_INSTANCE_TEXT ? undefined : instance, sequence, height, hash, part, ancestors };
}

function decodePart(reader: Reader, kind: (typeof PART_KINDS)[number]): CursorPart {
  if (kind === "whole") return WHOLE;
  const block = kind === "disconnected" ? (reader.bytes(HASH_SIZE).slice() as BlockHash) : undefined;
  const next = { tx: reader.compactSize(), script: reader.compactSize() };
  return block === undefined ? { kind: kind as "own" | "connected", next } : { kind: "disconnected", block, next };
}

/** Whether `entry` is the block of which a cursor knows the first bytes of the hash. */
export function hasPrefix(entry: BlockIndexEntry, prefix: Uint8Array): boolean {
  return Buffer.compare(entry.hash.subarray(0, PREFIX_SIZE), prefix) === 0;
}
