import { isObject, type JsonSchema, type JsonValue } from "@bitfleet/api/openapi/json-schema.ts";
import { openApiDocument } from "@bitfleet/api/openapi.ts";
import { ADMIN_MIRROR } from "@bitfleet/api/rest/route.ts";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Holds answers of the HTTP interface to its document: status, type, schema, headers, and no field that is not described. */

export const DOCUMENT = openApiDocument({ version: "test" });

export interface Answer {
  readonly method: string;
  /** Pattern of the route as Fastify has it; absent where no route was found. */
  readonly route: string | undefined;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface Media {
  readonly schema: JsonSchema;
}
export interface DescribedAnswer {
  readonly headers?: JsonSchema;
  readonly content?: Readonly<Record<string, Media>>;
}
export interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, JsonSchema>>;
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly security: readonly JsonSchema[];
}

/** Operations by method and path, as `GET /health`; those that are read under another prefix too are there twice. */
export const OPERATIONS: ReadonlyMap<string, Operation> = operationsByPath();

function operationsByPath(): ReadonlyMap<string, Operation> {
  const found = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(DOCUMENT.paths as JsonSchema)) {
    for (const [method, operation] of Object.entries(methods as JsonSchema)) {
      for (const one of [path, (operation as JsonSchema)["x-also-at"]]) {
        if (typeof one === "string") found.set(`${method.toUpperCase()} ${one}`, operation as unknown as Operation);
      }
    }
  }
  return found;
}

/** What follows a reference of the document; anything else is given back. */
export function resolved(value: JsonSchema): JsonSchema {
  if (typeof value.$ref !== "string") return value;
  const path = value.$ref.slice(2).split("/");
  return path.reduce<JsonValue>((at, key) => (at as JsonSchema)[key]!, DOCUMENT) as JsonSchema;
}

/** What is wrong with an answer; `undefined` where nothing is, or where it is none that the document speaks of. */
export function answerComplaint(answer: Answer): string | undefined {
  // Tells methods in a header, whatever the path.
  if (answer.method === "OPTIONS" && answer.status === 204) return undefined;
  const complaint = answer.route === undefined ? unroutedComplaint(answer) : routedComplaint(answer, answer.route);
  if (complaint === undefined) return undefined;
  return `${answer.method} ${answer.path.slice(0, 200)} → ${answer.status}: ${complaint}; body ${answer.body.slice(0, 400)}`;
}

const isOfApi = (path: string) => /^\/(api|health|metrics)(\/|\?|$)/.test(path);

/** Where there is no route: pages, files, and failures in the envelope. */
function unroutedComplaint(answer: Answer): string | undefined {
  if (!isOfApi(answer.path)) return undefined;
  if (answer.status < 400 || answer.status === 500) return "a path without a route must fail";
  return schemaComplaint({ $ref: "#/components/schemas/Failure" }, answer);
}

function routedComplaint(answer: Answer, route: string): string | undefined {
  const path = route.replace(/:(\w+)/g, "{$1}");
  const operation = OPERATIONS.get(`${answer.method} ${path}`);
  if (operation === undefined) return isOfApi(path) ? "the document has no such operation" : undefined;
  const described = operation.responses[answer.status];
  if (described === undefined) return "the document does not have this status for the operation";
  const { content, headers = {} } = resolved(described) as DescribedAnswer;
  for (const name of ["ETag", "Cache-Control"]) {
    // What is read with a key is kept by nobody.
    if (name in headers && !path.startsWith(ADMIN_MIRROR.to) && answer.headers[name.toLowerCase()] === undefined)
      return `the header ${name} is missing`;
  }
  if (content === undefined) return answer.body === "" ? undefined : "a body where there is to be none";
  const type = String(answer.headers["content-type"]).split(";", 1)[0]!;
  const media = content[type];
  if (media === undefined) return `the type ${type} is none of ${Object.keys(content).join(", ")}`;
  return type === "application/json" ? schemaComplaint(media.schema, answer) : undefined;
}

function schemaComplaint(schema: JsonSchema, { body }: Answer): string | undefined {
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    return "the body is no JSON";
  }
  const check = validatorOf(schema);
  return check(data) ? undefined : ajv.errorsText(check.errors);
}

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats.default(ajv);
ajv.addSchema({ $id: "doc:", components: closed(DOCUMENT.components!) });
const validators = new Map<string, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components', '"doc:#/components');
  const made = validators.get(text) ?? ajv.compile(JSON.parse(text));
  validators.set(text, made);
  return made;
}

/** The same where no object may have a field that its schema does not name: what is sent is to be described. */
function closed(value: JsonValue, isPart = false): JsonValue {
  if (Array.isArray(value)) return value.map((item) => closed(item as JsonValue, isPart));
  if (!isObject(value)) return value;
  const parts = Object.entries(value).map(([key, part]): [string, JsonValue] => [key, closed(part, key === "allOf")]);
  const isClosable = isObject(value.properties) && !("additionalProperties" in value) && !isPart;
  return { ...Object.fromEntries(parts), ...(isClosable && { additionalProperties: false }) };
}
