import { readFileSync } from "node:fs";
import path from "node:path";

/** The version of package.json, which the image is tagged with. */
export const VERSION: string = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, "../../package.json"), "utf8"),
).version;

export const IMAGE = `blockchain-node:${VERSION}`;
