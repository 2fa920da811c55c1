import type { RestRoute } from "@bitfleet/api/rest/route.ts";
import { restRoutes } from "@bitfleet/api/rest-routes.ts";

/** A route whose answers the lane keeps ready. */
export interface HotRoute {
  readonly name: string;
  /** As long as which part of the node is the same. */
  readonly keptWhile: "chain" | "node";
}

/** The hot route of a URL, query included; `undefined` where there is none. */
export function hotRouteOf(url: string): HotRoute | undefined {
  const path = url.split("?", 1)[0]!;
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.hot;
}

const fieldCount = ({ path }: RestRoute) => path.split("{").length;

/** All that is read without a key: a route that is not hot may stand at a path that the pattern of a hot one fits. */
const PATTERNS = Object.entries<RestRoute>(restRoutes)
  .filter(([, { method = "GET", role }]) => method === "GET" && role === undefined)
  // A word where another route has a field comes first, as in the server's own router.
  .toSorted(([, a], [, b]) => fieldCount(a) - fieldCount(b))
  .map(([name, { path, keptWhile }]): { readonly pattern: RegExp; readonly hot: HotRoute | undefined } => {
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`);
    return { pattern, hot: keptWhile && { name, keptWhile } };
  });
