import { ADMIN_MIRROR, isMirrored, type RestRoute } from "@bitfleet/api/rest/route.ts";
import { restRoutes } from "@bitfleet/api/rest-routes.ts";

/** Methods that the table's routes at a path answer, in the order of the table; none where there is no route. */
export function methodsAt(path: string): readonly string[] {
  const found = PATTERNS.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
  return [...new Set(found)];
}

const PATTERNS = Object.values<RestRoute>(restRoutes).flatMap((route) => {
  const { method = "GET", path } = route;
  const methods = method === "GET" ? ["GET", "HEAD"] : [method];
  const paths = isMirrored(route) ? [path, path.replace(ADMIN_MIRROR.from, ADMIN_MIRROR.to)] : [path];
  return paths.map((one) => ({ pattern: new RegExp(`^${one.replace(/\{\w+\}/g, "[^/]+")}$`), methods }));
});
