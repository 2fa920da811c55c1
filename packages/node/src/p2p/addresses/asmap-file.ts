import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { StartupError } from "../../chain/startup-error.ts";
import type { Logger } from "../../ports.ts";
import { readIfThere } from "../../storage/replace-file.ts";
import { Asmap } from "./asmap.ts";

/** The map of `-asmap`, or none where no file is named. Throws `StartupError` where the file is missing or no map. */
export async function loadAsmap(path: string | undefined, log: Logger): Promise<Asmap | undefined> {
  if (path === undefined) {
    log.info("Using /16 prefix for IP bucketing");
    return undefined;
  }
  const bytes = await readIfThere(path);
  if (bytes === undefined) throw new StartupError(`Could not find asmap file "${path}"`);
  log.info(`Opened asmap file "${path}" (${bytes.length} bytes) from disk`);
  const asmap = parseAsmap(bytes, path, log);
  log.info(`Using asmap version ${displayHash(asmap.version)} for IP bucketing`);
  return asmap;
}

function parseAsmap(bytes: Uint8Array, path: string, log: Logger): Asmap {
  try {
    return new Asmap(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    log.warn(`Sanity check of asmap file "${path}" failed: ${error.message}`);
    throw new StartupError(`Could not parse asmap file "${path}"`, { cause: error });
  }
}
