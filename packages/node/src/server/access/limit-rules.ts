import { createHash } from "node:crypto";
import type { BucketPolicy, BucketRequest } from "./token-buckets.ts";

/** Limits beside those of address and key, as the seed's settings have them. */
export interface LimitRule {
  /** What of a request has a bucket: its path, the value of a header, or of a field of the query. */
  readonly strategy: "url" | "header" | "query";
  /** Of that path, header name (in lower case) or field name; of every path, and of the header Authorization, where absent. */
  readonly value?: string;
  readonly policy: BucketPolicy;
}

/** What rules look at. */
export interface RuledRequest {
  /** With its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Longer, and it counts by its hash alone: buckets have short names. */
const SHOWN_VALUE_MAX = 64;

/** The buckets that rules have for a request. */
export function bucketsOf(rules: readonly LimitRule[], request: RuledRequest): readonly BucketRequest[] {
  const question = request.url.indexOf("?");
  const path = plainPath(request.url);
  const buckets: BucketRequest[] = [];
  for (const rule of rules) {
    const value = valueIn(rule, path, question === -1 ? "" : request.url.slice(question + 1), request.headers);
    if (value !== undefined) buckets.push({ id: `${rule.strategy}:${rule.value ?? ""}:${value}`, policy: rule.policy });
  }
  return hasOwnUrl(rules, path) ? buckets.filter(({ id }) => !id.startsWith("url::")) : buckets;
}

/** The path however it is written: the router reads `/%61pi`, `http://host/api` and `/api#x` as `/api`, and each must not be a path of its own. */
export function plainPath(url: string): string {
  const path = url.replace(/^https?:\/\/[^/?#]*/i, "").split(/[?#]/, 1)[0]!;
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A path that has a rule of its own is not under that of every path as well. */
const hasOwnUrl = (rules: readonly LimitRule[], path: string) =>
  rules.some(({ strategy, value }) => strategy === "url" && value === path);

function valueIn(rule: LimitRule, path: string, query: string, headers: RuledRequest["headers"]): string | undefined {
  if (rule.strategy === "url") return rule.value === undefined || rule.value === path ? shortened(path) : undefined;
  const given =
    rule.strategy === "header"
      ? headers[rule.value ?? "authorization"]
      : (new URLSearchParams(query).get(rule.value ?? "") ?? undefined);
  // What callers send in headers and queries may be secret, and so is no name of anything.
  return given === undefined ? undefined : hashed(String(given));
}

const shortened = (text: string) => (text.length <= SHOWN_VALUE_MAX ? text : hashed(text));
const hashed = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 22);
