import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader, Writer } from "@bitfleet/protocol/bytes/cursor.ts";
import { asSource, importSealKey, keyFor, openSeal, seal } from "./aes-seal.ts";
import type { RecordText } from "./record-tables.ts";
import { RowTally, TOKEN_SIZE } from "./row-tally.ts";
import { COLLECTIONS, type Collection } from "./vault.ts";

/** How a browser's vault writes its rows: what each is, in which collection and under which key, is within the seal. */

/** Rows are filled up to a multiple, so that their sizes say less. */
const PADDED_BYTES = 64;
const ROW_PLACE = "bitfleet vault row 1 ";
const TALLY_PLACE = new TextEncoder().encode("bitfleet vault tally 1");

/** What the master key gives, each for its own purpose. None of them can be read out again. */
export interface RowKeys {
  readonly rows: CryptoKey;
  readonly tally: CryptoKey;
  readonly ids: CryptoKey;
}

export interface OpenedRow extends RecordText {
  readonly token: Uint8Array;
}

/** What is sealed beside the rows: the version of the records, how often was written, and what the rows add up to. */
export interface SealedTally {
  readonly schema: number;
  readonly generation: bigint;
  readonly tally: RowTally;
}

export async function rowKeys(master: Uint8Array): Promise<RowKeys> {
  const [rows, tally, ids] = await Promise.all(["rows", "tally", "row ids"].map((name) => keyFor(name, master)));
  const keys = {
    rows: await importSealKey(rows!),
    tally: await importSealKey(tally!),
    ids: await crypto.subtle.importKey("raw", asSource(ids!), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
  };
  for (const bytes of [rows, tally, ids]) bytes!.fill(0);
  return keys;
}

/** Where a record stands: without the key nobody tells which it is. */
export async function rowId(keys: RowKeys, collection: Collection, key: string): Promise<Uint8Array> {
  const name = new TextEncoder().encode(`${collection}\0${key}`);
  return new Uint8Array(await crypto.subtle.sign("HMAC", keys.ids, name));
}

export async function sealRow(
  keys: RowKeys,
  id: Uint8Array,
  { collection, key, text, token }: OpenedRow,
): Promise<Uint8Array> {
  const content = new TextEncoder().encode(`["${collection}",${JSON.stringify(key)},${text}]`);
  const writer = new Writer(PADDED_BYTES * Math.ceil((TOKEN_SIZE + 4 + content.length) / PADDED_BYTES));
  writer.bytes(token).uint32(content.length).bytes(content);
  const padding = new Uint8Array((PADDED_BYTES - (writer.size % PADDED_BYTES)) % PADDED_BYTES);
  return seal(keys.rows, writer.bytes(padding).finish(), rowPlace(id));
}

/** The record of a row; `undefined` where it is not as it was written. */
export async function openRow(keys: RowKeys, id: Uint8Array, sealed: Uint8Array): Promise<OpenedRow | undefined> {
  const content = await openSeal(keys.rows, sealed, rowPlace(id));
  if (content === undefined) return undefined;
  const reader = new Reader(content);
  const token = reader.bytes(TOKEN_SIZE).slice();
  const text = new TextDecoder().decode(reader.bytes(reader.uint32()));
  content.fill(0);
  const [collection, key, value] = JSON.parse(text);
  return COLLECTIONS.includes(collection) ? { collection, key, text: JSON.stringify(value), token } : undefined;
}

export function sealTally(keys: RowKeys, { schema, generation, tally }: SealedTally): Promise<Uint8Array> {
  const bytes = tally.write(new Writer(512).uint32(schema).uint64(generation)).finish();
  return seal(keys.tally, bytes, TALLY_PLACE);
}

/** `undefined` where it is not as it was written. A later version's may have a form that only its number can be read of. */
export async function openTally(
  keys: RowKeys,
  sealed: Uint8Array,
  schemaMax: number,
): Promise<SealedTally | { readonly schema: number } | undefined> {
  const bytes = await openSeal(keys.tally, sealed, TALLY_PLACE);
  if (bytes === undefined) return undefined;
  const reader = new Reader(bytes);
  const schema = reader.uint32();
  if (schema > schemaMax) return { schema };
  return { schema, generation: reader.uint64(), tally: RowTally.read(reader) };
}

function rowPlace(id: Uint8Array): Uint8Array {
  return concatBytes(new TextEncoder().encode(ROW_PLACE), id);
}
