import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { BrowserStore, StoredRow } from "./browser-store.ts";
import type { CheckedChange } from "./check-input.ts";
import { FreeSpace } from "./free-space.ts";
import { Lane } from "./lane.ts";
import { type Migration, migrate, schemaVersion } from "./migrations.ts";
import { RecordTables, type RecordText } from "./record-tables.ts";
import { newToken, RowTally } from "./row-tally.ts";
import { openRow, openTally, type RowKeys, rowId, type SealedTally, sealRow, sealTally } from "./sealed-rows.ts";
import { damagedError, lockedError, tooNewError } from "./vault-sentences.ts";

/** Rows that are opened or sealed at the same time: enough to keep the browser's threads busy. */
const AT_ONCE = 256;

/** The records of an unlocked vault, and what is stored of them. */
export class BrowserRecords {
  readonly store: BrowserStore;
  readonly tables: RecordTables;
  readonly #tokens: Map<string, Uint8Array>;
  readonly #lane = new Lane();
  readonly #space = new FreeSpace();
  #keys: RowKeys | undefined;
  #sum: SealedTally;
  #sealedTally: Uint8Array;
  /** Called where what is stored may not be what these are. */
  onLost: () => void = () => {};

  constructor(
    store: BrowserStore,
    keys: RowKeys,
    contents: { readonly tables: RecordTables; readonly tokens: Map<string, Uint8Array> },
    written: { readonly sum: SealedTally; readonly sealed: Uint8Array },
  ) {
    this.store = store;
    this.#keys = keys;
    this.tables = contents.tables;
    this.#tokens = contents.tokens;
    this.#sum = written.sum;
    this.#sealedTally = written.sealed;
  }

  get schema(): number {
    return this.#sum.schema;
  }

  get isLocked(): boolean {
    return this.#keys === undefined;
  }

  /** One after the other: what a write leaves is what the next one expects. */
  write(changes: readonly CheckedChange[], schema = this.schema): Promise<void> {
    return this.#lane.run(async () => {
      if (changes.length === 0 && schema === this.schema) return;
      const keys = this.#keysOrThrow();
      const next = await preparedWrite(keys, changes, this.#tokens, { ...this.#sum, schema });
      await this.#space.check(sizeOf(next));
      // Where it was locked meanwhile another page may be reading already: nothing is begun any more.
      this.#keysOrThrow();
      const { rows, deleted, sealed } = next;
      const written = { rows, deleted, singles: { tally: sealed }, expected: { tally: this.#sealedTally } };
      await this.store.write(written).catch((error) => this.#afterFailure(error, sealed));
      this.#sum = next.sum;
      this.#sealedTally = sealed;
      if (this.isLocked) return;
      this.tables.apply(changes);
      for (const { name, token } of next.tokens) {
        if (token === undefined) this.#tokens.delete(name);
        else this.#tokens.set(name, token);
      }
    });
  }

  /**
   * Chromium may say that it could not write what is there once it opens its files again, as after a full disk. So the last word is that
   * of what is stored: what was there before, then the write failed, or what was to be written. Otherwise nobody knows, and it is locked.
   */
  async #afterFailure(error: unknown, sealed: Uint8Array): Promise<void> {
    const stored = await this.store.single("tally").catch(() => undefined);
    if (stored !== undefined && equalBytes(stored, sealed)) return;
    if (stored === undefined || !equalBytes(stored, this.#sealedTally)) this.onLost();
    throw error;
  }

  /** Does something with the store while nothing is written; where that comes about these records are no longer what is stored, and are forgotten. */
  giveWay<Answer>(work: (store: BrowserStore) => Promise<Answer>): Promise<Answer> {
    return this.#lane.run(async () => {
      this.#keysOrThrow();
      const answer = await work(this.store);
      this.#forget();
      return answer;
    });
  }

  /** Forgets keys and records; resolves when nothing is written any more. */
  async lock(): Promise<void> {
    this.#forget();
    await this.#lane.idle();
    this.store.close();
  }

  #forget(): void {
    this.#keys = undefined;
    this.tables.clear();
    this.#tokens.clear();
  }

  #keysOrThrow(): RowKeys {
    if (this.#keys === undefined) throw lockedError();
    return this.#keys;
  }
}

/** Key and tally of what is stored, each `undefined` where it is missing: nobody writes into it without changing one of them. */
export interface StoredState {
  readonly key: Uint8Array | undefined;
  readonly tally: Uint8Array | undefined;
}

export async function storedState(store: BrowserStore): Promise<StoredState> {
  return { key: await store.single("key"), tally: await store.single("tally") };
}

/** Writes a new vault with these records, in one transaction, in the place of what is there; `expected` is what that has to be. */
export async function newRecords(
  store: BrowserStore,
  keys: RowKeys,
  schema: number,
  sealedKey: Uint8Array,
  records: readonly RecordText[],
  expected: StoredState,
): Promise<BrowserRecords> {
  const empty: SealedTally = { schema, generation: 0n, tally: new RowTally() };
  const prepared = await preparedWrite(keys, records, new Map(), empty);
  const { rows, sum, sealed, tokens } = prepared;
  await new FreeSpace().check(sizeOf(prepared));
  const singles = { key: sealedKey, tally: sealed };
  await store.write({ isAnew: true, rows, singles, expected: { ...expected } }).catch(async (error) => {
    // Chromium may say that it could not write what is there once it opens its files again: the last word is that of what is stored.
    const stored = await storedState(store).catch(() => undefined);
    if (!isSameBytes(stored?.key, sealedKey) || !isSameBytes(stored?.tally, sealed)) throw error;
  });
  const tables = new RecordTables();
  tables.apply(records);
  const known = new Map(tokens.map(({ name, token }) => [name, token!]));
  return new BrowserRecords(store, keys, { tables, tokens: known }, { sum, sealed });
}

/** Opens all rows, looks whether they are those that were written, and brings them to the newest version. Rejects with `damaged` or `too-new`. */
export async function loadRecords(
  store: BrowserStore,
  keys: RowKeys,
  migrations: readonly Migration[],
): Promise<BrowserRecords> {
  const newest = schemaVersion(migrations);
  const stored = await store.everything();
  const sum = stored.tally && (await openTally(keys, stored.tally, newest));
  if (stored.tally === undefined || sum === undefined) {
    throw damagedError(
      "What is kept in this browser is damaged: the record of how many there are is not as it was written",
    );
  }
  if (!("tally" in sum)) throw tooNewError(`What is kept in this browser (version ${sum.schema})`);
  const { problem, ...contents } = await openRows(keys, stored.rows, sum.tally);
  if (problem !== undefined) throw damagedError(`What is kept in this browser is damaged: ${problem}`);
  const records = new BrowserRecords(store, keys, contents, { sum, sealed: stored.tally });
  if (sum.schema < newest) await migrateRecords(records, sum.schema, migrations);
  return records;
}

async function openRows(keys: RowKeys, rows: readonly StoredRow[], written: RowTally | undefined) {
  const found = new RowTally();
  const tables = new RecordTables();
  const tokens = new Map<string, Uint8Array>();
  let unreadableCount = 0;
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    for (const row of await Promise.all(some.map(({ id, sealed }) => openRow(keys, id, sealed)))) {
      if (row === undefined) unreadableCount++;
      else {
        found.add(row.collection, row.token);
        tokens.set(nameOf(row), row.token);
        tables.apply([row]);
      }
    }
  }
  const unreadable = unreadableCount > 0 ? `${unreadableCount} records cannot be read` : undefined;
  return { tables, tokens, problem: written?.difference(found) ?? unreadable };
}

/** What can be read of rows that may be damaged. */
export async function salvageRecords(
  store: BrowserStore,
  keys: RowKeys,
  schemaMax: number,
): Promise<{ readonly schema: number; readonly records: readonly RecordText[]; readonly lost: string | undefined }> {
  const stored = await store.everything();
  const sum = stored.tally && (await openTally(keys, stored.tally, schemaMax));
  if (sum !== undefined && !("tally" in sum)) throw tooNewError(`What is kept in this browser (version ${sum.schema})`);
  const { tables, problem } = await openRows(keys, stored.rows, sum?.tally);
  const unknown = sum === undefined ? "nobody knows how many records there were" : undefined;
  return { schema: sum?.schema ?? schemaMax, records: [...tables.all()], lost: unknown ?? problem };
}

/** On a copy, so that what is written is all there is of it, in one step. */
async function migrateRecords(records: BrowserRecords, from: number, migrations: readonly Migration[]): Promise<void> {
  const copy = records.tables.copy();
  const changes = new Map<string, CheckedChange>();
  migrate(from, migrations, copy, (step) => {
    copy.apply(step);
    for (const change of step) changes.set(nameOf(change), change);
  });
  await records.write([...changes.values()], schemaVersion(migrations));
}

interface PreparedWrite {
  readonly rows: readonly StoredRow[];
  readonly deleted: readonly Uint8Array[];
  readonly tokens: readonly { readonly name: string; readonly token: Uint8Array | undefined }[];
  readonly sum: SealedTally;
  readonly sealed: Uint8Array;
}

function isSameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}

function sizeOf({ rows, sealed }: PreparedWrite): number {
  return rows.reduce((size, row) => size + row.id.length + row.sealed.length, sealed.length);
}

/** Seals what is to be written. `known`: the tokens of the rows that are there. */
async function preparedWrite(
  keys: RowKeys,
  changes: readonly CheckedChange[],
  known: ReadonlyMap<string, Uint8Array>,
  before: SealedTally,
): Promise<PreparedWrite> {
  const tally = before.tally.copy();
  const rows: StoredRow[] = [];
  const deleted: Uint8Array[] = [];
  const tokens = changes.map((change) => ({
    name: nameOf(change),
    token: change.text === undefined ? undefined : newToken(),
  }));
  for (let start = 0; start < changes.length; start += AT_ONCE) {
    const some = changes.slice(start, start + AT_ONCE).map(async ({ collection, key, text }, offset) => {
      const id = await rowId(keys, collection, key);
      const { name, token } = tokens[start + offset]!;
      const old = known.get(name);
      if (old !== undefined) tally.remove(collection, old);
      if (token === undefined || text === undefined) deleted.push(id);
      else {
        tally.add(collection, token);
        rows.push({ id, sealed: await sealRow(keys, id, { collection, key, text, token }) });
      }
    });
    await Promise.all(some);
  }
  const sum = { schema: before.schema, generation: before.generation + 1n, tally };
  return { rows, deleted, tokens, sum, sealed: await sealTally(keys, sum) };
}

function nameOf({ collection, key }: Pick<RecordText, "collection" | "key">): string {
  return `${collection}\0${key}`;
}
