import {
  CHANGES_LENGTH_MAX,
  CHANGES_MAX,
  COLLECTIONS,
  type Collection,
  KEY_LENGTH_MAX,
  PASSPHRASE_LENGTH_MAX,
  PASSPHRASE_LENGTH_MIN,
  type RecordValue,
  VALUE_LENGTH_MAX,
  type VaultChange,
} from "./vault.ts";
import { refusedError } from "./vault-sentences.ts";

/** A change as it is written: the value as JSON; `undefined` deletes. */
export interface CheckedChange {
  readonly collection: Collection;
  readonly key: string;
  readonly text: string | undefined;
}

/** Levels of lists and objects within a value. */
const DEPTH_MAX = 64;

/** One change for each record that is changed, the last of its key. Throws `refused`. */
export function checkChanges(changes: readonly VaultChange[]): readonly CheckedChange[] {
  if (changes.length > CHANGES_MAX) {
    throw refusedError(`At most ${CHANGES_MAX} changes are written at once, not ${changes.length}.`);
  }
  const checked = new Map<string, CheckedChange>();
  let length = 0;
  for (const { collection, key, value } of changes) {
    checkPlace(collection, key);
    const text = value === undefined ? undefined : textOfValue(value);
    length += text?.length ?? 0;
    if (length > CHANGES_LENGTH_MAX) {
      throw refusedError(
        `Changes have at most ${CHANGES_LENGTH_MAX} characters together. Write them in several steps.`,
      );
    }
    checked.set(`${collection} ${key}`, { collection, key, text });
  }
  return [...checked.values()];
}

/** Throws `refused` where there is no such collection, or no record could have such a key. */
export function checkPlace(collection: Collection, key: string): void {
  checkCollection(collection);
  if (typeof key !== "string" || key.length === 0 || key.length > KEY_LENGTH_MAX) {
    throw refusedError(`A record's key has between 1 and ${KEY_LENGTH_MAX} characters.`);
  }
  checkText(key);
}

/** Throws `refused`. */
export function checkPrefix(collection: Collection, prefix: string): void {
  checkCollection(collection);
  if (typeof prefix !== "string" || prefix.length > KEY_LENGTH_MAX) {
    throw refusedError(`What keys begin with has at most ${KEY_LENGTH_MAX} characters.`);
  }
  checkText(prefix);
}

function checkCollection(collection: Collection): void {
  if (!COLLECTIONS.includes(collection)) throw refusedError(`There is no collection '${String(collection)}'.`);
}

/** Halves of surrogate pairs have no UTF-8: two keys that differ in them only would be one. */
function checkText(text: string): void {
  if (!isWellFormed(text)) throw refusedError("A record's key is text without halves of characters.");
}

/** Throws `refused` where it is not one for a new vault or backup. */
export function checkNewPassphrase(passphrase: string): void {
  checkPassphrase(passphrase);
  if (passphrase.length < PASSPHRASE_LENGTH_MIN) {
    throw refusedError(`A passphrase has at least ${PASSPHRASE_LENGTH_MIN} characters. Choose a longer one.`);
  }
}

/** Throws `refused` where it can be nobody's. */
export function checkPassphrase(passphrase: string): void {
  if (typeof passphrase !== "string" || passphrase.length > PASSPHRASE_LENGTH_MAX) {
    throw refusedError(`A passphrase has at most ${PASSPHRASE_LENGTH_MAX} characters.`);
  }
  if (!isWellFormed(passphrase)) throw refusedError("A passphrase is text without halves of characters.");
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A value as JSON that reads back as it was. Throws `refused`. */
export function textOfValue(value: RecordValue): string {
  checkValue(value, 0);
  const text = JSON.stringify(value);
  if (text.length > VALUE_LENGTH_MAX) {
    throw refusedError(`A record's value has at most ${VALUE_LENGTH_MAX} characters as JSON, not ${text.length}.`);
  }
  return text;
}

/** JSON turns what it does not know into something else without a word: a lost amount would be found only when it is read. */
function checkValue(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw refusedError(`A record's value has at most ${DEPTH_MAX} levels.`);
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) checkValue(item, depth + 1);
    return;
  }
  if (!isPlain(value)) throw refusedError(`A record's value is JSON, and ${describe(value)} is not.`);
  for (const member of Object.values(value)) checkValue(member, depth + 1);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && typeof Reflect.get(value, "toJSON") !== "function";
}

function describe(value: unknown): string {
  return typeof value === "object" ? "an object of a class" : typeof value === "number" ? String(value) : typeof value;
}
