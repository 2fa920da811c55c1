import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { concatBytes, toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { readIfThere, replaceFile } from "../../storage/replace-file.ts";
import { isPayable, type KdfParameters } from "./passphrase-key.ts";
import { WalletStorageError, walletErrorFor } from "./wallet-storage-error.ts";

/**
 * The file that says how the key of a wallet's database is had: JSON in clear, only for its owner to read. Written at once and
 * forced to disk, so that it is whole whenever the machine stops.
 */
export interface KeyFile {
  readonly walletId: Uint8Array;
  readonly current: KeyHolder;
  /** While the key or the passphrase is being changed: how it will be had. Whichever opens the database is the right one. */
  readonly next?: KeyHolder;
  /** Keys that the database had before, the latest first: of copies that were made of it then. */
  readonly former?: readonly KeyHolder[];
  /** Where the database was last, seen from the folder that the folder of keys is in. A hint, and not trusted. */
  readonly lastDatabase?: string;
}

/** How the key of the database is had. */
export type KeyHolder = (
  | /** As it stands here: whoever reads this file reads the database, but none of its secrets once the wallet has a passphrase. */
  { readonly kind: "file"; readonly fileKey: Uint8Array }
  /** Sealed by a passphrase, and with it the key that the secrets' master key is sealed with. */
  | { readonly kind: "passphrase"; readonly kdf: KdfParameters; readonly sealed: Uint8Array }
) & {
  /** What a database under this key begins with, and no other does: absent in files that were written before it was noted. */
  readonly head?: Uint8Array;
};

/** How many bytes at the beginning of a database are the same as long as its key is, whatever is written. */
export const HEAD_SIZE = 8;
/** So many former keys are kept. A wallet is encrypted once, so that there are rarely two. */
export const FORMER_MAX = 4;
const FORMAT = 1;
export const WALLET_ID_SIZE = 16;
const CHECK_DIGITS = 16;
const TEXT_SIZE_MAX = 64 * 1024;

/** The contents of the key file at `path`. Rejects with `WalletStorageError`. */
export async function readKeyFile(path: string): Promise<KeyFile> {
  const bytes = await readIfThere(path).catch((error) => {
    throw walletErrorFor(error, path);
  });
  if (bytes === undefined) {
    const sentence = `The key file ${path} is missing, and without it its wallet cannot be opened. Put it back, or restore a backup, which holds both.`;
    throw new WalletStorageError("key-file-missing", path, sentence);
  }
  return decodeKeyFile(bytes, path);
}

/** Replaces the key file at once; when it resolves, the new one survives a power cut. */
export async function writeKeyFile(path: string, keyFile: KeyFile): Promise<void> {
  try {
    await replaceFile(path, encodeKeyFile(keyFile));
    await syncFolder(dirname(path));
  } catch (error) {
    throw walletErrorFor(error, path);
  }
}

/** Forces the names in a folder to disk. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export function encodeKeyFile({ walletId, current, next, former, lastDatabase }: KeyFile): Uint8Array {
  const body = {
    format: FORMAT,
    wallet: toHex(walletId),
    key: holderToJson(current),
    ...(next && { next: holderToJson(next) }),
    ...(former?.length && { former: former.slice(0, FORMER_MAX).map(holderToJson) }),
    ...(lastDatabase !== undefined && { database: lastDatabase }),
  };
  const text = JSON.stringify({ ...body, check: checkOf(body) }, undefined, 2);
  return new TextEncoder().encode(`${text}\n`);
}

/** Throws `WalletStorageError`: `key-file-damaged`, or `newer-version`. */
export function decodeKeyFile(bytes: Uint8Array, path: string): KeyFile {
  const json = bytes.length > TEXT_SIZE_MAX ? undefined : parseJson(bytes);
  if (!isObject(json)) throw damaged(path);
  const { check, ...body } = json;
  if (typeof body.format === "number" && body.format > FORMAT && check === checkOf(body)) throw newer(path);
  const walletId = bytesOf(body.wallet, WALLET_ID_SIZE);
  const current = holderFromJson(body.key);
  const next = body.next === undefined ? undefined : holderFromJson(body.next);
  const former = Array.isArray(body.former) ? body.former.slice(0, FORMER_MAX).map(holderFromJson) : [];
  const isWhole = body.format === FORMAT && check === checkOf(body) && (body.next === undefined || next !== undefined);
  if (!isWhole || walletId === undefined || current === undefined || !former.every(isHolder)) throw damaged(path);
  return {
    ...{ walletId, current },
    ...(next && { next }),
    ...(former.length > 0 && { former }),
    ...(typeof body.database === "string" && { lastDatabase: body.database }),
  };
}

function isHolder(holder: KeyHolder | undefined): holder is KeyHolder {
  return holder !== undefined;
}

/** Bound to the seal of a holder: which wallet it belongs to and what the passphrase's key costs. */
export function placeOfHolder(walletId: Uint8Array, { n, r, p, salt }: KdfParameters): Uint8Array {
  return concatBytes(new TextEncoder().encode(`bitfleet wallet file key ${FORMAT} ${n} ${r} ${p} `), walletId, salt);
}

type Json = Readonly<Record<string, unknown>>;

function holderToJson(holder: KeyHolder): Json {
  const head = holder.head && { head: toHex(holder.head) };
  if (holder.kind === "file") return { kind: "file", bytes: toHex(holder.fileKey), ...head };
  const { n, r, p, salt } = holder.kdf;
  const kdf = { name: "scrypt", n, r, p, salt: toHex(salt) };
  return { kind: "passphrase", kdf, sealed: toHex(holder.sealed), ...head };
}

function holderFromJson(json: unknown): KeyHolder | undefined {
  if (!isObject(json)) return undefined;
  const bytes = bytesOf(json.head, HEAD_SIZE);
  const head = bytes && { head: bytes };
  if (json.kind === "file") {
    const fileKey = bytesOf(json.bytes, 32);
    return fileKey && { kind: "file", fileKey, ...head };
  }
  const kdf = json.kind === "passphrase" && isObject(json.kdf) ? kdfFromJson(json.kdf) : undefined;
  const sealed = bytesOf(json.sealed);
  return kdf && sealed && { kind: "passphrase", kdf, sealed, ...head };
}

/** Whether both give the same key in the same way. */
export function isSameHolder(a: KeyHolder, b: KeyHolder): boolean {
  const [first, second] = [a, b].map((holder) => JSON.stringify({ ...holderToJson(holder), head: undefined }));
  return first === second;
}

function kdfFromJson({ name, n, r, p, salt }: Json): KdfParameters | undefined {
  const bytes = bytesOf(salt);
  const cost = { n: Number(n), r: Number(r), p: Number(p) };
  return name === "scrypt" && bytes !== undefined && isPayable(cost) ? { ...cost, salt: bytes } : undefined;
}

function bytesOf(value: unknown, size?: number): Uint8Array | undefined {
  const bytes = typeof value === "string" ? tryFromHex(value) : undefined;
  return size === undefined || bytes?.length === size ? bytes : undefined;
}

/** Tells a damaged file from a wrong passphrase. No secret: who can write the file can write this too. */
function checkOf(body: Json): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, CHECK_DIGITS);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function damaged(path: string): WalletStorageError {
  const sentence = `The key file ${path} is damaged. Put back a copy of it, or restore a backup of the wallet, which holds it too.`;
  return new WalletStorageError("key-file-damaged", path, sentence);
}

function newer(path: string): WalletStorageError {
  const sentence = `The key file ${path} was written by a newer version of this program. Open the wallet with that version.`;
  return new WalletStorageError("newer-version", path, sentence);
}
