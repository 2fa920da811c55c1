import { toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { allowEntryProblem } from "./allow-list.ts";
import { hashOfKey, type KeyGrant } from "./api-keys.ts";
import { KEY_ROLES, type KeyRole } from "./key-roles.ts";
import { policyOf } from "./limit-text.ts";

/**
 * The file of API keys, for people to read and programs to change: what is known of each key but the key itself.
 *
 * ```json
 * { "version": 1, "keys": [{ "name": "ci", "role": "wallet", "sha256": "…64 hex digits…", "created": "2026-01-31T12:00:00.000Z",
 *   "allow": ["GET /api/v1/*"], "rate": { "tokens": 10, "per_second": 5 }, "expires": "2026-03-01T00:00:00.000Z" }] }
 * ```
 */

const VERSION = 1;
/** Each request is compared with all of them. */
const KEYS_MAX = 1000;
const ALLOW_ENTRIES_MAX = 100;
const HASH_SIZE = 32;
/** Begins with a letter or digit, so that it is no option of a command line. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const KNOWN_FIELDS: readonly string[] = ["name", "role", "sha256", "created", "allow", "rate", "expires"];

/** A key of the file. */
export interface StoredKey extends KeyGrant {
  /** When it was made, in milliseconds since 1970. */
  readonly createdMs: number;
}

/** A file that is none of keys. The message is one sentence for the operator, and names file and field. */
export class KeyFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "KeyFileError";
  }
}

/** What an earlier version kept: one admin key, in clear. */
export interface OldKeyFile {
  readonly admin: string;
}

/** Why `name` cannot be a key's, as a sentence; `undefined` where it can. */
export function keyNameProblem(name: string): string | undefined {
  return NAME.test(name)
    ? undefined
    : "The name of a key is 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit.";
}

/** The keys in `text`, the content of `file`. Throws {@link KeyFileError}. */
export function parseKeyFile(text: string, file: string): readonly StoredKey[] {
  const content = parseJson(text, file);
  if (isOldKeyFile(content)) {
    throw new KeyFileError(
      `${file} is of an earlier version, which kept the key itself; "bitfleet keys list --file=${file}" brings it to the present form.`,
    );
  }
  const { version, keys, ...rest } = objectOf(content, file, "the content");
  if (version !== VERSION) throw problem(file, "version", `must be ${VERSION}`);
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw problem(file, unknown, "is not known");
  if (!Array.isArray(keys) || keys.length > KEYS_MAX)
    throw problem(file, "keys", `must be a list of at most ${KEYS_MAX}`);
  const stored = keys.map((key, index) => keyOf(key, file, `keys[${index}]`));
  const names = new Set<string>();
  const hashes = new Set<string>();
  stored.forEach(({ name, hash }, index) => {
    if (names.has(name)) throw problem(file, `keys[${index}].name`, "is there twice");
    if (hashes.has(toHex(hash))) throw problem(file, `keys[${index}].sha256`, "is another key's as well");
    names.add(name);
    hashes.add(toHex(hash));
  });
  return stored;
}

/** The text of a file with those keys. */
export function formatKeyFile(keys: readonly StoredKey[]): string {
  const rows = keys.map(({ name, role, hash, createdMs, allow, rate, expiresMs }) => ({
    name,
    role,
    sha256: toHex(hash),
    created: new Date(createdMs).toISOString(),
    ...(allow && { allow }),
    ...(rate && { rate: { tokens: rate.capacity, per_second: rate.refillPerSecond } }),
    ...(expiresMs !== undefined && { expires: new Date(expiresMs).toISOString() }),
  }));
  return `${JSON.stringify({ version: VERSION, keys: rows }, undefined, 2)}\n`;
}

/** What the earlier version kept, where `text` is of it; `undefined` for anything else. */
export function parseOldKeyFile(text: string): OldKeyFile | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return isOldKeyFile(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** The record of a new key. */
export function storedKeyOf(key: string, facts: Omit<StoredKey, "hash">): StoredKey {
  return { ...facts, hash: hashOfKey(key) };
}

function isOldKeyFile(content: unknown): content is OldKeyFile {
  if (typeof content !== "object" || content === null) return false;
  const { admin } = content as { admin?: unknown };
  return Object.keys(content).length === 1 && typeof admin === "string" && /^[!-~]{1,256}$/.test(admin);
}

function keyOf(value: unknown, file: string, field: string): StoredKey {
  const row = objectOf(value, file, field);
  const unknown = Object.keys(row).find((name) => !KNOWN_FIELDS.includes(name));
  if (unknown !== undefined) throw problem(file, `${field}.${unknown.slice(0, 50)}`, "is not known");
  const { name, role, sha256, created, allow, rate, expires } = row;
  if (typeof name !== "string" || keyNameProblem(name) !== undefined)
    throw problem(file, `${field}.name`, "must be 1 to 64 letters, digits, dots, dashes and underscores");
  if (!KEY_ROLES.includes(role as KeyRole))
    throw problem(file, `${field}.role`, `must be one of ${KEY_ROLES.join(", ")}`);
  const hash = typeof sha256 === "string" ? tryFromHex(sha256) : undefined;
  if (hash?.length !== HASH_SIZE) throw problem(file, `${field}.sha256`, "must be the key's SHA-256, 64 hex digits");
  return {
    name,
    role: role as KeyRole,
    hash,
    createdMs: timeOf(created, file, `${field}.created`),
    ...(allow !== undefined && { allow: allowOf(allow, file, `${field}.allow`) }),
    ...(rate !== undefined && { rate: rateOf(rate, file, `${field}.rate`) }),
    ...(expires !== undefined && { expiresMs: timeOf(expires, file, `${field}.expires`) }),
  };
}

function allowOf(value: unknown, file: string, field: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > ALLOW_ENTRIES_MAX)
    throw problem(file, field, `must be a list of 1 to ${ALLOW_ENTRIES_MAX} routes`);
  value.forEach((entry, index) => {
    if (typeof entry !== "string") throw problem(file, `${field}[${index}]`, "must be a text");
    const reason = allowEntryProblem(entry);
    if (reason !== undefined) throw new KeyFileError(`${field}[${index}] in ${file}: ${reason}`);
  });
  return value as readonly string[];
}

function rateOf(value: unknown, file: string, field: string) {
  const { tokens, per_second: perSecond, ...rest } = objectOf(value, file, field);
  const policy = policyOf(tokens, perSecond);
  if (policy === undefined || Object.keys(rest).length > 0)
    throw problem(
      file,
      field,
      'must be { "tokens": a whole number, "per_second": a number }, both above 0 and at most 1000000',
    );
  return policy;
}

function timeOf(value: unknown, file: string, field: string): number {
  const ms = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw problem(file, field, "must be a time as 2026-01-31T12:00:00Z");
  return ms;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words show parts of the file, in which a hand may have put a key.
    throw new KeyFileError(`The API keys in ${file} cannot be read: it is no JSON.`);
  }
}

function objectOf(value: unknown, file: string, field: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw problem(file, field, "must be an object");
}

const problem = (file: string, field: string, what: string) =>
  new KeyFileError(`The API keys in ${file} cannot be read: ${field} ${what}.`);
