/** What of a request's body the audit log may show. */

/** Fields that are never shown, whatever they hold, by their names. */
const SECRET_NAME = /pass|secret|priv|wif|mnemonic|seed|phrase|token|credential|xprv|descriptor|^keys?$|key$/i;
/** Values that are never shown, whatever field they are in: private keys, extended ones, and descriptors with them. */
const SECRET_VALUES: readonly RegExp[] = [
  /[xtyzuvYZUV]prv[1-9A-HJ-NP-Za-km-z]{20,}/,
  // Base58 with checksum of a private key, on main network or another.
  /\b[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}\b/,
  // Words in a row, as of a mnemonic.
  /^\s*([a-z]{3,10}\s+){11,}[a-z]{3,10}\s*$/,
];

/** Whether a text is, or has in it, what looks like a private key or the words of a seed, right or with a slip. */
export function holdsSecret(text: string): boolean {
  return SECRET_VALUES.some((form) => form.test(text));
}

const HIDDEN = "(hidden)";

/** A sentence or an address of a page without the private keys that stand in it: who mistook one for an address has it told back. */
export function withoutSecrets(text: string): string {
  return SECRET_VALUES.reduce((shown, form) => shown.replace(new RegExp(form, "g"), HIDDEN), text);
}

/** Characters of a value: raw transactions are longer, and told by their length. */
const VALUE_SHOWN_MAX = 120;
const FIELDS_SHOWN_MAX = 20;
const ITEMS_SHOWN_MAX = 10;
const DEPTH_MAX = 4;

/** A copy of `body` that holds no secret and is short. `secretFields`: names that the route marks, beside those known here. */
export function shownBody(body: unknown, secretFields: readonly string[] = [], depth = 0): unknown {
  if (typeof body === "string") return shownText(body);
  if (typeof body !== "object" || body === null) return body;
  if (depth >= DEPTH_MAX) return "(deeper)";
  if (Array.isArray(body)) {
    const items = body.slice(0, ITEMS_SHOWN_MAX).map((item) => shownBody(item, secretFields, depth + 1));
    return body.length > ITEMS_SHOWN_MAX ? [...items, `(${body.length - ITEMS_SHOWN_MAX} more)`] : items;
  }
  const shown: Record<string, unknown> = Object.create(null);
  const names = Object.keys(body);
  for (const name of names.slice(0, FIELDS_SHOWN_MAX)) {
    const isSecret = secretFields.includes(name) || SECRET_NAME.test(name);
    const value = (body as Record<string, unknown>)[name];
    shown[shownText(name)] = isSecret ? HIDDEN : shownBody(value, secretFields, depth + 1);
  }
  if (names.length > FIELDS_SHOWN_MAX) shown["…"] = `(${names.length - FIELDS_SHOWN_MAX} more)`;
  return shown;
}

function shownText(text: string): string {
  if (holdsSecret(text)) return HIDDEN;
  return text.length <= VALUE_SHOWN_MAX ? text : `${text.slice(0, VALUE_SHOWN_MAX)}… (${text.length} characters)`;
}
