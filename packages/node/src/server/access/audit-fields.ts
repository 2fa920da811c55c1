import { HIDDEN, holdsSecret, isSecretName } from "@bitfleet/api/secrets.ts";

/** What of a request's body the audit log may show. */

/** What stands for fields whose names nobody gave them but the caller: they may be a passphrase in the wrong place. */
const UNKNOWN = "(unknown field)";
/** Characters of a value: raw transactions are longer, and told by their length. */
const VALUE_SHOWN_MAX = 120;
const FIELDS_SHOWN_MAX = 20;
const ITEMS_SHOWN_MAX = 10;
const DEPTH_MAX = 4;
/** Names that are looked for in an error. */
const UNKNOWN_NAMES_MAX = 100;
/** Characters of an unknown name that errors tell, at least. */
const NAME_TOLD_MIN = 50;
/** Words of an error that may be a part of something secret: letters and digits, so that JSON has them as they are. */
const WORDS = /[\p{L}\p{N}_-]{4,}/gu;

/** Addresses are names of fields where a call pays several. */
const ADDRESS = /^((bc|tb|bcrt)1[02-9ac-hj-np-z]{20,80}|[123mn][1-9A-HJ-NP-Za-km-z]{25,34})$/;

export interface ShownFields {
  /** Names that the route marks as secret, beside those that are by their form. */
  readonly secret?: readonly string[] | undefined;
  /** Names that the route knows; every name where absent. */
  readonly known?: ReadonlySet<string> | undefined;
}

/** A copy of `body` that holds no secret and is short. */
export function shownBody(body: unknown, fields: ShownFields = {}, depth = 0): unknown {
  if (typeof body === "string") return shownText(body);
  if (typeof body !== "object" || body === null) return body;
  if (depth >= DEPTH_MAX) return "(deeper)";
  if (Array.isArray(body)) {
    const items = body.slice(0, ITEMS_SHOWN_MAX).map((item) => shownBody(item, fields, depth + 1));
    return body.length > ITEMS_SHOWN_MAX ? [...items, `(${body.length - ITEMS_SHOWN_MAX} more)`] : items;
  }
  const shown: Record<string, unknown> = Object.create(null);
  const names = Object.keys(body);
  for (const name of names.slice(0, FIELDS_SHOWN_MAX)) {
    if (!isKnown(name, fields.known)) {
      shown[UNKNOWN] = HIDDEN;
      continue;
    }
    const isSecret = fields.secret?.includes(name) === true || isSecretName(name);
    const value = (body as Record<string, unknown>)[name];
    shown[shownText(name)] = isSecret ? HIDDEN : shownBody(value, fields, depth + 1);
  }
  if (names.length > FIELDS_SHOWN_MAX) shown["…"] = `(${names.length - FIELDS_SHOWN_MAX} more)`;
  return shown;
}

/**
 * An error that a body was refused with, without names of fields that only its caller knows, and without words of the body that
 * `shownOfBody` has not: who mistook a passphrase or a key for something else has it told back.
 */
export function shownError(
  error: string,
  body: unknown,
  known: ReadonlySet<string> | undefined,
  shownOfBody: unknown,
): string {
  const sent = JSON.stringify(body) ?? "";
  const told = JSON.stringify(shownOfBody) ?? "";
  let shown = error;
  for (const name of namesWithin(body).slice(0, UNKNOWN_NAMES_MAX)) {
    // Of a long one errors tell the beginning alone.
    const start = name.length > NAME_TOLD_MIN ? name.slice(0, NAME_TOLD_MIN) : name;
    if (start !== "" && !isKnown(name, known)) shown = shown.replaceAll(start, HIDDEN);
  }
  return shown.replace(WORDS, (word) => (sent.includes(word) && !told.includes(word) ? HIDDEN : word));
}

/** Names of fields at any depth of a JSON Schema. */
export function namesInSchema(schema: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const { properties } = part as { readonly properties?: unknown };
    if (typeof properties === "object" && properties !== null)
      for (const name of Object.keys(properties)) names.add(name);
    for (const inner of Object.values(part)) visit(inner);
  };
  visit(schema);
  return names;
}

const isKnown = (name: string, known: ReadonlySet<string> | undefined) =>
  known === undefined || known.has(name) || ADDRESS.test(name);

function namesWithin(value: unknown, depth = 0): readonly string[] {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap((inner) => namesWithin(inner, depth + 1))];
}

function shownText(text: string): string {
  if (holdsSecret(text)) return HIDDEN;
  return text.length <= VALUE_SHOWN_MAX ? text : `${text.slice(0, VALUE_SHOWN_MAX)}… (${text.length} characters)`;
}
