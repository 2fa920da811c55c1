import { type RestRouteName, restRoutes } from "@bitfleet/api/rest-routes.ts";

/** What a key with a list of its own may call: names of routes, or methods with paths. */

/** Methods that a pattern may name; `*` is any. HEAD counts as GET. */
const METHODS: readonly string[] = ["GET", "POST", "PUT", "DELETE", "*"];
const PATTERN_LENGTH_MAX = 200;

/** A call, as lists look at it. */
export interface ListedCall {
  /** Of the table; `undefined` for what is not in it, such as the event stream. */
  readonly routeName: string | undefined;
  readonly method: string;
  /** As it was asked for, without the query. */
  readonly path: string;
}

/**
 * Why `entry` is no entry of such a list, as a sentence; `undefined` where it is one: `setMining`, `PUT /api/admin/mining`,
 * `GET /api/v1/*` (a star stands for any characters), `* /api/admin/mining`.
 */
export function allowEntryProblem(entry: string): string | undefined {
  if (isRouteName(entry)) return undefined;
  const [, method, path] = /^(\S+) (\/\S*)$/.exec(entry) ?? [];
  if (method === undefined || path === undefined || path.length > PATTERN_LENGTH_MAX) {
    return `"${entry.slice(0, PATTERN_LENGTH_MAX)}" is neither the name of a route nor a method with a path, as "GET /api/v1/*".`;
  }
  if (!METHODS.includes(method)) return `The method of "${entry}" must be one of ${METHODS.join(", ")}.`;
  return undefined;
}

/** Whether the list has the call. Entries must be such that {@link allowEntryProblem} finds nothing. */
export function isListed(allow: readonly string[], call: ListedCall): boolean {
  const method = call.method === "HEAD" ? "GET" : call.method;
  return allow.some((entry) => {
    const space = entry.indexOf(" ");
    if (space === -1) return entry === call.routeName;
    const named = entry.slice(0, space);
    return (named === "*" || named === method) && matches(entry.slice(space + 1), call.path);
  });
}

/** Every route's name, for who has to choose. */
export const ROUTE_NAMES: readonly string[] = Object.keys(restRoutes).sort();

const isRouteName = (text: string): text is RestRouteName => Object.hasOwn(restRoutes, text);

/** By hand and not as a regular expression: a pattern of many stars must not take long over a long path. */
function matches(pattern: string, path: string): boolean {
  const [first, ...rest] = pattern.split("*") as [string, ...string[]];
  if (rest.length === 0) return pattern === path;
  if (!path.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}
