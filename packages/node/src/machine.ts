import { homedir } from "node:os";
import { join } from "node:path";
import type { ConfigEnvironment } from "./config/files.ts";

/** Where things are on this machine. The data directory is not Core's, so that nothing of Core's is opened by accident. */
export function machineEnvironment(): ConfigEnvironment {
  return { defaultDataDir: join(homedir(), ".bitfleet"), workingDir: process.cwd() };
}
