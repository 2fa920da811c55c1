import { decodeBytewords, encodeBytewords } from "./bytewords.ts";
import { decodeCbor, encodeCborPart } from "./cbor.ts";
import { crc32 } from "./crc32.ts";
import { FragmentChooser } from "./fountain.ts";
import { PARTS_MAX, WHOLE_BYTES_MAX } from "./limits.ts";

/** Uniform resources (BCR-2020-005): CBOR as capitals and digits, in one code or in parts, of which there are as many as anybody wants to read (BCR-2024-001). */

/** All in one code. */
export interface UrWhole {
  readonly type: string;
  readonly cbor: Uint8Array;
}

export interface UrPart {
  readonly type: string;
  /** From 1 on; those beyond `count` are mixed. */
  readonly number: number;
  /** Fragments of the message. */
  readonly count: number;
  readonly messageSize: number;
  /** CRC-32 of the message. */
  readonly checksum: number;
  readonly data: Uint8Array;
}

const FORM = /^ur:([a-z0-9-]+)\/(?:(\d{1,10})-(\d{1,10})\/)?([a-z]+)$/iu;
const NUMBER_MAX = 0xffffffff;

/** Whether a text is meant as one of these. */
export const isUr = (text: string): boolean => /^ur:[a-z0-9-]+\//iu.test(text);

/** Reads a code; `undefined` where it is damaged: its letters, its own checksum, or what it says of itself. "too-many" where the message is beyond the limits. */
export function readUr(text: string): UrWhole | UrPart | "too-many" | undefined {
  const [, type = "", number, count, letters = ""] = FORM.exec(text) ?? [];
  const bytes = decodeBytewords(letters);
  if (bytes === undefined) return undefined;
  if (number === undefined || count === undefined) return { type: type.toLowerCase(), cbor: bytes };
  const part = partOf(bytes, type.toLowerCase());
  if (part === undefined || part.number !== Number(number) || part.count !== Number(count)) return undefined;
  return part.count > PARTS_MAX || part.messageSize > WHOLE_BYTES_MAX ? "too-many" : part;
}

function partOf(bytes: Uint8Array, type: string): UrPart | undefined {
  let fields: unknown;
  try {
    fields = decodeCbor(bytes);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields) || fields.length !== 5) return undefined;
  const [number, count, messageSize, checksum, data] = fields as readonly unknown[];
  if (![number, count, messageSize, checksum].every((one) => typeof one === "number")) return undefined;
  if (!(data instanceof Uint8Array)) return undefined;
  const part = { type, number, count, messageSize, checksum, data } as UrPart;
  // As many fragments as the message needs: the last one is filled up.
  const isSized = part.count >= 1 && Math.ceil(part.messageSize / data.length) === part.count;
  return part.number >= 1 && isSized ? part : undefined;
}

/** What the parts of one message have in common. */
export const urKey = ({ type, count, messageSize, checksum, data }: UrPart): string =>
  `${type} ${count} ${messageSize} ${checksum} ${data.length}`;

/** The message without what fills it up; `undefined` where its checksum is wrong. */
export function urMessage(joined: Uint8Array, { messageSize, checksum }: UrPart): Uint8Array | undefined {
  const message = joined.subarray(0, messageSize);
  return crc32(message) === checksum ? message : undefined;
}

/** A message as parts: those up to `count` are enough for who misses none, those behind are mixed of several, for who does. */
export interface UrParts {
  readonly count: number;
  /** The part with a number, from 1 on, in capitals, which take less room in a code. */
  part(number: number): string;
}

/** Splits CBOR into parts of about `sizeMax` bytes and no more. One part alone is the whole. */
export function urParts(type: string, cbor: Uint8Array, sizeMax: number): UrParts {
  const count = Math.ceil(cbor.length / sizeMax);
  if (count <= 1) return { count: 1, part: () => `ur:${type}/${encodeBytewords(cbor)}`.toUpperCase() };
  const size = Math.ceil(cbor.length / count);
  const [fragmentCount, checksum] = [Math.ceil(cbor.length / size), crc32(cbor)];
  const chooser = new FragmentChooser(fragmentCount, checksum);
  return {
    count: fragmentCount,
    part: (number) => {
      if (number < 1 || number > NUMBER_MAX) throw new RangeError(`there is no part ${number}`);
      const mixed = new Uint8Array(size);
      for (const fragment of chooser.fragmentsOf(number)) {
        const from = fragment * size;
        const end = Math.min(from + size, cbor.length);
        for (let at = from; at < end; at++) mixed[at - from]! ^= cbor[at]!;
      }
      const part = encodeCborPart([number, fragmentCount, cbor.length, checksum], mixed);
      return `ur:${type}/${number}-${fragmentCount}/${encodeBytewords(part)}`.toUpperCase();
    },
  };
}
