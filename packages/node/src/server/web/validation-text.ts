import type { FastifyError } from "fastify";

type Problem = NonNullable<FastifyError["validation"]>[number];
type Params = Readonly<Record<string, unknown>>;

/** What a caller is told of a field that is not as its schema wants it, as a sentence that names the field and what is expected. */
export function validationText({ validation = [], validationContext }: FastifyError): string {
  const problem = validation[0];
  if (problem === undefined) return "The request is not valid.";
  const whole = WHOLE_NAMES.get(validationContext ?? "") ?? "request";
  const field = problem.instancePath.slice(1).replaceAll("/", ".");
  const words = validation.filter(({ keyword }) => keyword === "const");
  if (words.length > 0) return `${field} must be one of ${words.map(({ params }) => params.allowedValue).join(", ")}.`;
  return field === "" ? textOfWhole(whole, problem) : textOfField(field, problem);
}

/** What callers call the parts of a request, by Fastify's names for them. */
const WHOLE_NAMES: ReadonlyMap<string, string> = new Map([
  ["body", "body"],
  ["querystring", "query"],
  ["params", "path"],
]);

function textOfWhole(whole: string, { keyword, params, message }: Problem): string {
  if (keyword === "required") return `The ${whole} has no ${(params as Params).missingProperty}, which is needed.`;
  if (keyword === "type")
    return `The ${whole} must be a JSON object, sent with the header Content-Type: application/json.`;
  if (keyword === "minProperties") return `The ${whole} must have at least one field.`;
  return `The ${whole} ${message ?? "is not valid"}.`;
}

function textOfField(field: string, { keyword, params, message }: Problem): string {
  const { limit, type, missingProperty, pattern } = params as Params;
  switch (keyword) {
    case "required":
      return `${field} has no ${missingProperty}, which is needed.`;
    case "type":
      return `${field} must be ${TYPE_NAMES.get(String(type)) ?? type}.`;
    case "pattern":
      if (field === "block") return "A block is named by its hash (64 hex digits) or its height.";
      return `${field} must be ${PATTERN_NAMES.get(String(pattern)) ?? `of the form ${pattern}`}.`;
    case "minLength":
      return limit === 1 ? `${field} must not be empty.` : `${field} must have at least ${limit} characters.`;
    case "maxLength":
      return `${field} must have at most ${limit} characters.`;
    case "minItems":
      return limit === 1 ? `${field} must not be empty.` : `${field} must have at least ${limit} entries.`;
    case "maxItems":
      return `${field} must have at most ${limit} entries.`;
    case "minimum":
      return `${field} must be at least ${limit}.`;
    case "maximum":
      return `${field} must be at most ${limit}.`;
    case "exclusiveMinimum":
      return `${field} must be more than ${limit}.`;
    case "exclusiveMaximum":
      return `${field} must be less than ${limit}.`;
    default:
      return `${field} ${message ?? "is not valid"}.`;
  }
}

const TYPE_NAMES: ReadonlyMap<string, string> = new Map([
  ["integer", "a whole number"],
  ["number", "a number"],
  ["string", "a text"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "a JSON object"],
]);

/** Forms that people have a name for. */
const PATTERN_NAMES: ReadonlyMap<string, string> = new Map([
  ["^[0-9a-fA-F]{64}$", "64 hex digits"],
  ["^([0-9a-fA-F]{2})+$", "hex digits, two for each byte"],
  ["^([0-9a-fA-F]{2})*$", "hex digits, two for each byte"],
  ["^[a-z]+-[0-9]+$", "the name of a node, such as miner-0"],
  ["^[A-Za-z0-9][A-Za-z0-9._-]*$", "letters, digits, dots, dashes and underscores, with a letter or digit first"],
]);
