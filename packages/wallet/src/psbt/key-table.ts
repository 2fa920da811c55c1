import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { type Entries, type PsbtVersion, sortedValues } from "./psbt.ts";
import { refuse } from "./psbt-error.ts";

/**
 * The maps of a PSBT as tables: a row says for one type of key how its pairs are checked, read and written. Rows are in the
 * order of writing, which is Core's. The words of refusals are Core's too.
 */
export interface KeyRow<Content> {
  /** First field of the key. */
  readonly type: number;
  /** Core leaves out of an input that is final what was needed to make it so. */
  readonly leftOutWhenFinal?: boolean;
  /** Version 2 only: how Core names it where it stands in version 0. */
  readonly onlyIn2?: string | undefined;
  read(draft: Draft<Content>, pair: PairToRead): void;
  write(content: Content, pairs: PairWriter): void;
}

/** A map while it is read: the maps within are its own. */
export type Draft<Content> = { -readonly [Field in keyof Content]: Content[Field] };

/** What reading needs to know. */
export interface DecodeContext {
  readonly version: PsbtVersion;
  readonly secp256k1: Pick<Secp256k1, "isPublicKey">;
}

/** A key that was read, and the stream at the length of its value. */
export interface PairToRead {
  readonly key: Uint8Array;
  /** Behind the type. */
  readonly keyData: Uint8Array;
  readonly stream: Reader;
  readonly context: DecodeContext;
}

/** Writes pairs with their lengths. */
export class PairWriter {
  readonly #out: Writer;

  constructor(out: Writer) {
    this.#out = out;
  }

  pair(type: number, keyData: Uint8Array, value: Uint8Array): void {
    const key = new Writer(1 + keyData.length).compactSize(type).bytes(keyData).finish();
    this.#out.compactBytes(key).compactBytes(value);
  }

  /** As it came, type and all. */
  asItCame(key: Uint8Array, value: Uint8Array): void {
    this.#out.compactBytes(key).compactBytes(value);
  }
}

/** How values of a type are read, length first, and written, without it. */
export interface ValueCodec<Value> {
  /** `undefined` for a value that Core takes for none. */
  read(stream: Reader, context: DecodeContext): Value | undefined;
  write(writer: Writer, value: Value): void;
}

/** A field of which a map holds at most one; its key is the type alone. */
export function single<Content, Value>(
  type: number,
  name: string,
  lens: {
    readonly get: (content: Content) => Value | undefined;
    readonly set: (draft: Draft<Content>, value: Value | undefined) => void;
  },
  codec: ValueCodec<Value>,
  options: Pick<KeyRow<Content>, "leftOutWhenFinal" | "onlyIn2"> = {},
): KeyRow<Content> {
  return {
    type,
    ...options,
    read(draft, { key, stream, context }) {
      requireKeySize(name, key, 1);
      if (options.onlyIn2 !== undefined && context.version < 2) refuse(`${options.onlyIn2} is not allowed in PSBTv0`);
      lens.set(draft, codec.read(stream, context));
    },
    write(content, pairs) {
      const value = lens.get(content);
      if (value === undefined) return;
      const writer = new Writer();
      codec.write(writer, value);
      pairs.pair(type, NO_KEY_DATA, writer.finish());
    },
  };
}

const NO_KEY_DATA = new Uint8Array(0);

/** {@link single} for a property of the map. */
export function property<Content, Field extends keyof Content>(
  type: number,
  name: string,
  field: Field,
  codec: ValueCodec<NonNullable<Content[Field]>>,
  options: Pick<KeyRow<Content>, "leftOutWhenFinal" | "onlyIn2"> = {},
): KeyRow<Content> {
  type Value = NonNullable<Content[Field]>;
  return single<Content, Value>(
    type,
    name,
    {
      get: (content) => content[field] ?? undefined,
      set: (draft, value) => {
        draft[field] = value as Content[Field];
      },
    },
    codec,
    options,
  );
}

/** Fields of which a map holds many, told apart by what follows the type in their keys. */
export function keyed<Content, Value>(
  type: number,
  entriesOf: (content: Content | Draft<Content>) => Entries<Value>,
  pairs: {
    /** Adds what one pair says. */
    readonly read: (entries: Map<string, Value>, pair: PairToRead) => void;
    readonly write: (value: Value, add: (keyData: Uint8Array, value: Uint8Array) => void) => void;
  },
  options: Pick<KeyRow<Content>, "leftOutWhenFinal"> = {},
): KeyRow<Content> {
  return {
    type,
    ...options,
    read(draft, pair) {
      // A draft's maps are its own: `draftOf` copied them.
      pairs.read(entriesOf(draft) as Map<string, Value>, pair);
    },
    write(content, writer) {
      for (const value of sortedValues(entriesOf(content))) {
        pairs.write(value, (keyData, bytes) => writer.pair(type, keyData, bytes));
      }
    },
  };
}

/** A copy that may be written into, as may the maps directly within. */
export function draftOf<Content extends object>(content: Content): Draft<Content> {
  const copies = Object.entries(content).map(([field, value]) => [
    field,
    value instanceof Map ? new Map(value) : value,
  ]);
  return Object.fromEntries(copies) as Draft<Content>;
}

/** Keeps the first of several pairs that say the same thing. */
export function addNew<Value>(entries: Map<string, Value>, name: string, value: Value): void {
  if (!entries.has(name)) entries.set(name, value);
}

export function requireKeySize(name: string, key: Uint8Array, size: number): void {
  if (key.length !== size) refuse(`Size of key was not ${size} for the type ${name}`);
}

/** Which map, as refusals call it. */
export type MapName = "global" | "input" | "output";

/** Maps end with a key of no length. */
const SEPARATOR = 0;

/**
 * Reads the pairs of one map up to and with its end. Each goes to its row in `table`, and where there is none to `other`.
 */
export function readMap<Content>(
  map: MapName,
  table: ReadonlyMap<number, KeyRow<Content>>,
  draft: Draft<Content>,
  stream: Reader,
  context: DecodeContext,
): void {
  const seen = new Set<string>();
  while (stream.remaining > 0) {
    const key = stream.compactBytes();
    if (key.length === SEPARATOR) return;
    const name = toHex(key);
    if (seen.has(name)) refuse(`Duplicate Key, ${map} key "${name}" already provided`);
    seen.add(name);
    const keyReader = new Reader(key);
    const type = keyReader.compactSize();
    const row = table.get(type) ?? table.get(UNKNOWN_TYPE)!;
    row.read(draft, { key, keyData: key.subarray(keyReader.offset), stream, context });
  }
  refuse(`Separator is missing at the end of ${map === "global" ? "the" : "an"} ${map} map`);
}

/** The row of a table that takes what no other row knows. */
export const UNKNOWN_TYPE = -1;

export function writeMap<Content>(
  table: readonly KeyRow<Content>[],
  content: Content,
  options: { readonly isFinal: boolean; readonly version: PsbtVersion },
  out: Writer,
): void {
  const pairs = new PairWriter(out);
  for (const row of table) {
    if (row.leftOutWhenFinal && options.isFinal) continue;
    if (row.onlyIn2 !== undefined && options.version < 2) continue;
    row.write(content, pairs);
  }
  out.uint8(SEPARATOR);
}

export function tableByType<Content>(rows: readonly KeyRow<Content>[]): ReadonlyMap<number, KeyRow<Content>> {
  return new Map(rows.map((row) => [row.type, row]));
}
