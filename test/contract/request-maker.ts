import { isObject, type JsonSchema } from "@bitfleet/api/openapi/json-schema.ts";
import fc from "fast-check";
import { type Operation, resolved } from "../../packages/node/src/server/rest/answer-test-kit.ts";

/** Makes requests from the document: valid, nearly valid and hostile ones, for each operation. */

export interface MadeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
}

/** What a node has: values that lead a request further than made-up ones do. */
export interface KnownValues {
  readonly texts: readonly string[];
  readonly keys: readonly string[];
}

/** Blocks that one request may have made: each costs time, and their number is no question of the interface. */
const BLOCKS_MAX = 2;
const LONG = 3000;
const LONGEST = 100_000;

const HOSTILE_TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\n",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "true",
  "NaN",
  "Infinity",
  "-0",
  "-1",
  "0",
  "00",
  "0x10",
  "1e3",
  "1e400",
  "1.5",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "-9223372036854775809",
  "9".repeat(400),
  "%",
  "%00",
  "..",
  "../../etc/passwd",
  "/",
  "?",
  "#",
  "'; drop table blocks; --",
  "<script>alert(1)</script>",
  "ｆｕｌｌ",
  "🦄",
  "e\u0301",
  "\u202e",
  "\ufeff",
  "f".repeat(63),
  "f".repeat(64),
  "g".repeat(64),
  "F".repeat(65),
  "x".repeat(LONG),
];

const hostileText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

const hostileJson = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 1e21, -1e308, 1.5, 2 ** 53, {}, [], [[]], [null]),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Texts that are no JSON, or not what they seem. */
const HOSTILE_BODIES: readonly string[] = [
  "",
  " ",
  "{",
  "}",
  "null",
  "[]",
  "0",
  '"text"',
  "{}",
  '{"__proto__":{"role":"admin"}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"a":1,"a":2}',
  '{"nblocks":1e400}',
  '{"amount":123456789012345678901234567890}',
  "\ufeff{}",
  "{'a':1}",
  '{"a":"\ud800"}',
  "[".repeat(LONG),
  `${'{"a":'.repeat(200)}1${"}".repeat(200)}`,
  `{"hex":"${"00".repeat(500)}"}`,
  `{"text":"${"x".repeat(LONGEST)}"}`,
];

/** Any request that the operation at `where` (as `GET /health`) may be sent. */
export function requestTo(where: string, operation: Operation, known: KnownValues): fc.Arbitrary<MadeRequest> {
  const [method = "", pattern = ""] = where.split(" ", 2);
  const parameters = (operation.parameters ?? []).map(resolved);
  const fieldsIn = (place: string) => parameters.filter((one) => one.in === place);
  return fc
    .record({
      path: fc.tuple(...fieldsIn("path").map((one) => named(one, known))),
      query: fc.tuple(...fieldsIn("query").map((one) => fc.option(named(one, known), { nil: undefined }))),
      more: fc.oneof({ weight: 6, arbitrary: fc.constant("") }, { weight: 1, arbitrary: queryTail }),
      headers: headersOf(known),
      payload: operation.requestBody === undefined ? strayBody : bodyOf(operation.requestBody, known),
    })
    .map(({ path, query, more, headers, payload }) => {
      const filled = path.reduce((text, [name, value]) => text.replace(`{${name}}`, () => encoded(value)), pattern);
      const fields = query.flatMap((field) => (field ? [`${field[0]}=${encoded(field[1])}`] : []));
      const tail = [...fields, ...(more === "" ? [] : [more])].join("&");
      return { method, url: tail === "" ? filled : `${filled}?${tail}`, headers, payload };
    });
}

/** Lone surrogates have no encoding: browsers send U+FFFD in their place. */
const encoded = (text: string) => encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(text)));

/** A field of path or query with a value for it. */
function named({ name, schema }: JsonSchema, known: KnownValues): fc.Arbitrary<readonly [string, string]> {
  const valid = fitting(resolved(schema as JsonSchema), known).map((value) =>
    typeof value === "string" ? value : JSON.stringify(value),
  );
  const text = fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 2, arbitrary: knownText(known) },
    { weight: 3, arbitrary: hostileText },
  );
  return text.map((value) => [String(name), value] as const);
}

const knownText = ({ texts }: KnownValues) => fc.constantFrom(...texts);

/** What stands behind the fields that are known: others, the same again, and what no client would write. */
const queryTail = fc.oneof(
  fc.constantFrom(
    "limit=1&limit=2",
    "limit[]=1",
    "page[a]=1",
    "__proto__=1",
    "=",
    "&&&",
    "%zz",
    "%ff=%fe",
    "a=b=c",
    "page=+1",
  ),
  hostileText.map((text) => `x=${encoded(text)}`),
  hostileText.map((text) => `${encoded(text)}=1`),
);

/** A value that fits a schema, or nearly. */
function fitting(schema: JsonSchema, known: KnownValues, depth = 0): fc.Arbitrary<unknown> {
  const own = resolved(schema);
  if (Array.isArray(own.enum)) return fc.constantFrom(...own.enum);
  if (own.const !== undefined) return fc.constant(own.const);
  for (const choices of [own.anyOf, own.oneOf]) {
    if (Array.isArray(choices)) return fc.oneof(...choices.map((one) => fitting(one as JsonSchema, known, depth)));
  }
  switch (Array.isArray(own.type) ? own.type[0] : own.type) {
    case "integer":
    case "number":
      return numberOf(own);
    case "boolean":
      return fc.boolean();
    case "string":
      return textOf(own, known);
    case "array":
      return fc.array(fitting(own.items as JsonSchema, known, depth + 1), { maxLength: 3 });
    case "object":
      return objectOf(own, known, depth);
    default:
      return fc.constant(null);
  }
}

/** Within the limits, at each of them, and one beyond. */
function numberOf({ type, minimum, exclusiveMinimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const least = Number(minimum ?? exclusiveMinimum ?? 0);
  const most = Number(maximum ?? 2 ** 31);
  const edges = fc.constantFrom(least - 1, least, least + 1, most - 1, most, most + 1);
  const inside = fc.integer({ min: Math.ceil(least), max: Math.floor(Math.min(most, least + 100)) });
  return type === "integer" ? fc.oneof(inside, edges) : fc.oneof(inside, edges, fc.double({ noNaN: true }));
}

function textOf({ pattern, minLength, maxLength }: JsonSchema, known: KnownValues): fc.Arbitrary<string> {
  const texts: fc.Arbitrary<string>[] = [knownText(known)];
  if (typeof pattern === "string") texts.push(fc.stringMatching(new RegExp(pattern)));
  else texts.push(fc.string({ minLength: Number(minLength ?? 0), maxLength: Number(minLength ?? 0) + 20 }));
  if (typeof maxLength === "number" && maxLength < LONG)
    texts.push(fc.constantFrom(maxLength, maxLength + 1).map((count) => "f".repeat(count)));
  return fc.oneof(...texts);
}

type Fields = readonly (readonly [string, unknown])[];
const NO_FIELDS: fc.Arbitrary<Fields> = fc.constant([]);

function objectOf(schema: JsonSchema, known: KnownValues, depth: number): fc.Arbitrary<unknown> {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const fields = Object.entries(isObject(schema.properties) ? schema.properties : {}).map(([name, part]) => {
    const valid =
      name === "nblocks" || name === "count"
        ? fc.integer({ min: -1, max: BLOCKS_MAX })
        : fitting(part as JsonSchema, known, depth + 1);
    // Deeper down, hostile values would leave little that is read to its end.
    const value = fc.oneof({ weight: 12, arbitrary: valid }, { weight: depth === 0 ? 2 : 1, arbitrary: hostileJson });
    const isWanted = required.includes(name);
    return fc
      .oneof({ weight: isWanted ? 15 : 1, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })
      .chain((isThere): fc.Arbitrary<Fields> => (isThere ? value.map((one) => [[name, one]]) : NO_FIELDS));
  });
  const stray: fc.Arbitrary<Fields> = fc.tuple(hostileText, hostileJson).map((pair) => [pair]);
  return fc
    .tuple(fc.tuple(...fields), fc.oneof({ weight: 9, arbitrary: NO_FIELDS }, { weight: 1, arbitrary: stray }))
    .map(([own, more]) => Object.fromEntries([...own.flat(), ...more]));
}

function bodyOf(
  { content }: NonNullable<Operation["requestBody"]>,
  known: KnownValues,
): fc.Arbitrary<string | undefined> {
  const valid = fitting(content["application/json"]!.schema, known).map((value) => JSON.stringify(value) as string);
  return fc.oneof(
    { weight: 8, arbitrary: valid },
    { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_BODIES) },
    { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: hostileText },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** A body where none is expected. */
const strayBody: fc.Arbitrary<string | undefined> = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom("{}", "{", "x".repeat(LONG)) },
);

/** Characters that a header can carry. */
const headerText = fc.oneof(
  fc.constantFrom("", "*", "0", "-1", "W/", '""', "text/html", "x".repeat(LONG), "é", "\t"),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
);

function headersOf({ keys }: KnownValues): fc.Arbitrary<Readonly<Record<string, string>>> {
  const sometimes = (value: fc.Arbitrary<string>, weight = 1) =>
    fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight, arbitrary: value });
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant("application/json") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "text/plain",
        "application/json; charset=utf-16",
        "application/xml",
        "json",
        "",
        "multipart/form-data",
      ),
    },
    { weight: 1, arbitrary: headerText },
  );
  return fc
    .record({
      "x-api-key": sometimes(
        fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: headerText }),
        60,
      ),
      authorization: sometimes(
        fc.oneof(
          headerText,
          fc.constantFrom(...keys).map((key) => `Bearer ${key}`),
        ),
      ),
      "content-type": type,
      accept: sometimes(headerText),
      "if-none-match": sometimes(headerText),
      "x-forwarded-for": sometimes(headerText),
      "x-request-id": sometimes(headerText),
      "accept-encoding": sometimes(fc.constantFrom("gzip", "br", "identity;q=0", "x")),
      origin: sometimes(fc.constantFrom("null", "https://example.org", "x")),
      cookie: sometimes(headerText),
    })
    .map((headers) =>
      Object.fromEntries(Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined)),
    );
}
