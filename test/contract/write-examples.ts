import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type RestRouteName, restRoutes } from "@bitfleet/api/rest-routes.ts";
import { CASES } from "./cases.ts";
import { openWorld } from "./world.ts";

/**
 * Writes the answers that the document shows: of each route the data of its first success, from a live node, with lists cut short.
 *
 *     npm run api:examples
 */

const FILE = resolve(import.meta.dirname, "../../packages/api/src/openapi/generated/examples.ts");
/** Items of a list that tell what the others look like. */
const ITEMS_MAX = 2;

const world = await openWorld();
const examples: Record<string, unknown> = {};
for (const name of Object.keys(restRoutes) as RestRouteName[]) {
  const first = CASES[name]?.success[0];
  if (first === undefined) continue;
  const request = typeof first === "function" ? await first(world) : first;
  const response = await world.rest.app.inject(typeof request === "string" ? { method: "GET", url: request } : request);
  if (response.statusCode !== 200) throw new Error(`${name}: ${response.body}`);
  examples[name] = shortened(response.json().data);
}
await world.close();
await writeFile(
  FILE,
  `import type { JsonValue } from "../json-schema.ts";

/** Data of real answers, by route. Written by \`npm run api:examples\`. */
export const EXAMPLES: Readonly<Record<string, JsonValue>> = ${JSON.stringify(examples, null, 1)};
`,
);
process.stdout.write(`${Object.keys(examples).length} examples written\n`);

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map(shortened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shortened(part)]));
}
