import type { JsonValue } from "../json-schema.ts";

/** Data of real answers, by route. Written by `npm run api:examples`. */
export const EXAMPLES: Readonly<Record<string, JsonValue>> = {};
