import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RestRoute } from "@bitfleet/api/rest/route.ts";
import { restRoutes } from "@bitfleet/api/rest-routes.ts";
import { expect, test } from "vitest";

/** docs/api.md lists what the table has, in the table's words. */

const lines = readFileSync(join(import.meta.dirname, "../../docs/api.md"), "utf8").split("\n");
const routes = Object.values<RestRoute>(restRoutes).map(
  ({ method = "GET", path, summary }) => `| \`${method} ${path}\` | ${summary} |`,
);

test("every route is in the document, once", () => {
  for (const route of routes)
    expect(
      lines.filter((line) => line === route),
      route,
    ).toHaveLength(1);
});

test("every route of the document is in the table", () => {
  const listed = lines.filter((line) => /^\| `(GET|POST|PUT|DELETE) \/api\//.test(line));
  expect(listed.filter((line) => !routes.includes(line))).toEqual([]);
});
