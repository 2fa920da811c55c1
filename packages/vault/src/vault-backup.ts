import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { importSealKey, openSeal, SEAL_OVERHEAD, seal } from "./aes-seal.ts";
import { checkPlace, textOfValue } from "./check-input.ts";
import { type Migration, migrate } from "./migrations.ts";
import { type KdfCost, KEY_SIZE } from "./passphrase-key.ts";
import { RecordTables, type RecordText } from "./record-tables.ts";
import {
  decodeSealedKey,
  encodeSealedKey,
  openKey,
  type PassphraseWork,
  SEALED_KEY_SIZE,
  sealKey,
} from "./sealed-key.ts";
import { VaultError } from "./vault.ts";
import { refusedError, tooNewError } from "./vault-sentences.ts";

/**
 * A backup: magic, format, a random key sealed by the passphrase, and all records sealed by that key. Within the seal each line is JSON:
 * first what it is, then a record in each, `[collection, key, value]`. docs/wallet-app.md has it byte by byte.
 */
export interface Backup {
  /** Of the records: what {@link migrate} starts from. */
  readonly schema: number;
  readonly madeAt: Date;
  readonly records: readonly RecordText[];
}

const MAGIC = new TextEncoder().encode("BFVAULT\n");
const FORMAT = 1;
const HEAD_SIZE = MAGIC.length + 1 + SEALED_KEY_SIZE;
const PURPOSE = "backup";
/** Larger files are not read, and not written. */
export const BACKUP_SIZE_MAX = 256 * 1024 * 1024;
const RECORDS_MAX = 2_000_000;

/** Throws `refused` where it would be larger than any vault takes. */
export async function writeBackup(
  backup: Backup,
  passphrase: string,
  cost: KdfCost,
  work: PassphraseWork,
): Promise<Uint8Array> {
  const body = encodeBody(backup);
  if (HEAD_SIZE + SEAL_OVERHEAD + body.length > BACKUP_SIZE_MAX) {
    throw refusedError(`A backup has at most ${BACKUP_SIZE_MAX} bytes, and this one would be larger.`);
  }
  const key = crypto.getRandomValues(new Uint8Array(KEY_SIZE));
  const sealedKey = encodeSealedKey(await sealKey(key, passphrase, PURPOSE, cost, work));
  const head = concatBytes(MAGIC, Uint8Array.of(FORMAT), sealedKey);
  const sealKeyOfBody = await importSealKey(key);
  key.fill(0);
  const sealed = await seal(sealKeyOfBody, body, head);
  body.fill(0);
  return concatBytes(head, sealed);
}

/** Rejects with `not-a-backup`, `too-new`, `wrong-passphrase` or `damaged`. */
export async function readBackup(bytes: Uint8Array, passphrase: string, work: PassphraseWork): Promise<Backup> {
  if (bytes.length > BACKUP_SIZE_MAX) {
    throw new VaultError("not-a-backup", "The file is larger than any backup. Choose the file that was saved as one.");
  }
  const isOurs = bytes.length > MAGIC.length && equalBytes(bytes.subarray(0, MAGIC.length), MAGIC);
  if (!isOurs) {
    throw new VaultError("not-a-backup", "The file is not a Bitfleet backup. Choose the file that was saved as one.");
  }
  if (bytes[MAGIC.length]! > FORMAT) throw tooNewError("The backup");
  if (bytes.length < HEAD_SIZE + SEAL_OVERHEAD) throw cutShortError();
  const head = bytes.subarray(0, HEAD_SIZE);
  const sealedKey = decodeSealedKey(head.subarray(MAGIC.length + 1));
  if (sealedKey === "too-new") throw tooNewError("The backup");
  if (sealedKey === "damaged" || bytes[MAGIC.length] !== FORMAT) throw cutShortError();
  const key = await openKey(sealedKey, passphrase, PURPOSE, work);
  if (key === undefined) {
    throw new VaultError(
      "wrong-passphrase",
      "The passphrase is not the backup's. It is the one that was given when the backup was made.",
    );
  }
  const body = await openSeal(await importSealKey(key), bytes.subarray(HEAD_SIZE), head);
  key.fill(0);
  if (body === undefined) throw cutShortError();
  const backup = decodeBody(body);
  body.fill(0);
  return backup;
}

/** Both {@link readBackup} and {@link tablesOf}. */
export async function readBackupTables(
  bytes: Uint8Array,
  passphrase: string,
  migrations: readonly Migration[],
  work: PassphraseWork,
): Promise<RecordTables> {
  return tablesOf(await readBackup(bytes, passphrase, work), migrations);
}

/** The records of a backup that was read, as the version that `migrations` lead to has them. Throws `too-new`. */
export function tablesOf({ schema, records }: Backup, migrations: readonly Migration[]): RecordTables {
  const tables = new RecordTables();
  tables.apply(records);
  migrate(schema, migrations, tables, (changes) => tables.apply(changes));
  return tables;
}

function cutShortError(cause?: unknown): VaultError {
  const sentence =
    "The backup is damaged or cut short. Get the file again from where it was kept, or use another backup.";
  return new VaultError("damaged", sentence, { cause });
}

function encodeBody({ schema, madeAt, records }: Backup): Uint8Array {
  const encoder = new TextEncoder();
  const lines = records.map(({ collection, key, text }) => `["${collection}",${JSON.stringify(key)},${text}]\n`);
  if (lines.length > RECORDS_MAX) throw refusedError(`A backup has at most ${RECORDS_MAX} records.`);
  const head = JSON.stringify({ schema, madeAt: madeAt.toISOString(), records: lines.length });
  return concatBytes(encoder.encode(`${head}\n`), ...lines.map((line) => encoder.encode(line)));
}

/** The seal says that it was written by a vault under this passphrase; limits hold all the same. */
function decodeBody(body: Uint8Array): Backup {
  try {
    const [first, ...lines] = new TextDecoder("utf-8", { fatal: true }).decode(body).split("\n");
    const head = JSON.parse(first!);
    const madeAt = new Date(head.madeAt);
    const isHead = Number.isSafeInteger(head.schema) && head.schema >= 1 && !Number.isNaN(madeAt.getTime());
    if (!isHead || lines.pop() !== "" || lines.length !== head.records || lines.length > RECORDS_MAX)
      throw cutShortError();
    return { schema: head.schema, madeAt, records: lines.map(decodeLine) };
  } catch (error) {
    throw error instanceof VaultError && error.code === "damaged" ? error : cutShortError(error);
  }
}

function decodeLine(line: string): RecordText {
  const [collection, key, value] = JSON.parse(line);
  checkPlace(collection, key);
  return { collection, key, text: textOfValue(value) };
}
