/**
 * Keys that everybody knows, or soon would: what documents, examples and container manifests have in the place of a key.
 * A node that others can reach refuses them.
 */

const KEY_LENGTH_MIN = 16;
/** Different characters that a key must have: a run of one character, or of a few, is no secret. */
const DIFFERENT_MIN = 6;
export const KEY_LENGTH_MAX = 256;

/** In lower case, letters and digits alone. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  "admin",
  "adminapikey",
  "adminkey",
  "adminpassword",
  "adminsecret",
  "adminsecretkey",
  "apikey",
  "bitcoinapiadminkey",
  "bitcoinapiwalletkey",
  "bitfleet",
  "bitfleetadminkey",
  "changeit",
  "changeme",
  "changemeplease",
  "changethis",
  "default",
  "defaultkey",
  "example",
  "exampleadminkey",
  "examplekey",
  "insecure",
  "password",
  "pleasechangeme",
  "secret",
  "secretkey",
  "supersecret",
  "supersecretkey",
  "test",
  "testkey",
  "todo",
  "wallet",
  "walletapikey",
  "walletkey",
  "walletpassword",
  "walletsecret",
  "walletsecretkey",
]);

/** Also of one form, again in lower case, letters and digits alone: your-admin-key-here, REPLACE_ME_WITH_…, change-me-… */
const PLACEHOLDER_FORMS: readonly RegExp[] = [
  /^(your|my|put|insert|enter|paste|some|a|the)\w*(key|secret|token|password)(here)?$/,
  /^your\w*here$/,
  /^replace(me|this|with)/,
  /^(please)?change(me|this|it)/,
];

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
  const bare = letters.replace(/\d+$/, "");
  return [letters, bare].some((word) => PLACEHOLDERS.has(word) || PLACEHOLDER_FORMS.some((form) => form.test(word)));
}
