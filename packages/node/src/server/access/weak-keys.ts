/**
 * Keys that everybody knows, or soon would: what documents, examples and container manifests have in the place of a key.
 * A node that others can reach refuses them.
 */

const KEY_LENGTH_MIN = 16;
/** Different characters that a key must have: a run of one character, or of a few, is no secret. */
const DIFFERENT_MIN = 6;
export const KEY_LENGTH_MAX = 256;

/** Words that stand in the place of a key: a text that is made of nothing else is none, however many of them it has. None is made of others. */
const WORDS: readonly string[] = [
  ...["access", "admin", "api", "bitcoin", "bitfleet", "blockchain", "change", "default", "dev", "enter", "example"],
  ...["here", "insecure", "insert", "it", "key", "local", "me", "my", "own", "password", "paste", "please", "put"],
  ...["random", "real", "replace", "sample", "secret", "some", "strong", "super", "test", "the", "this", "to", "todo"],
  ...["token", "value", "wallet", "with", "your"],
];
const WORDS_ALONE = new RegExp(`^(${WORDS.join("|")})+$`);
/** Whatever follows: REPLACE_ME_BEFORE_PRODUCTION, change-this-…, replace-with-openssl. */
const ORDER = /^(please)?(replace|change)(me|this|it|with)/;

/** What stands where a variable was to be filled in: `${KEY}`, `$(KEY)`, `<key>`, `{{ key }}`. */
const UNFILLED = /^(\$[{(].*[)}]|<.*>|\{\{.*\}\}|\[.*\])$/;

const REMEDY = 'Make one with "openssl rand -hex 24", or with "bitfleet keys add".';

/**
 * Why `key`, given as `source`, can be no key anywhere, as a sentence; `undefined` where it can. A key travels in a header.
 */
export function keyFormProblem(key: string, source: string): string | undefined {
  return /^[!-~]+$/.test(key) && key.length <= KEY_LENGTH_MAX
    ? undefined
    : `${source} must be 1 to ${KEY_LENGTH_MAX} printable ASCII characters without spaces.`;
}

/**
 * Why `key`, given as `source`, is none to be reached by others with, as a sentence with what helps; `undefined` where it is good
 * enough. The key itself is not shown: were it a real one after all, it would be in a log.
 *
 * Variants of a placeholder are the same: upper case, dashes, dots, underscores and spaces, digits at its end.
 */
export function weakKeyProblem(key: string, source: string): string | undefined {
  if (isPlaceholder(key)) return `${source} is a placeholder of an example, which everybody knows. ${REMEDY}`;
  if (key.length < KEY_LENGTH_MIN)
    return `${source} has ${key.length} characters; ${KEY_LENGTH_MIN} are needed. ${REMEDY}`;
  return new Set(key).size < DIFFERENT_MIN
    ? `${source} has fewer than ${DIFFERENT_MIN} different characters. ${REMEDY}`
    : undefined;
}

function isPlaceholder(key: string): boolean {
  if (UNFILLED.test(key)) return true;
  const letters = key.toLowerCase().replace(/[^a-z0-9]/g, "");
  return WORDS_ALONE.test(letters.replace(/\d+$/, "")) || ORDER.test(letters);
}
