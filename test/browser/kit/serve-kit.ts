import { serveBuilt } from "./serve-built.ts";

/** Builds the page of specimens and serves it. */
export function serveKit(): ReturnType<typeof serveBuilt> {
  return serveBuilt(import.meta.dirname);
}
