import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConfigEnvironment } from "./config/files.ts";

/** Where things are on this machine. The data directory is not Core's, so that nothing of Core's is opened by accident. */
export function machineEnvironment(): ConfigEnvironment {
  const openFilesMax = openFilesOf(limitsText());
  return {
    defaultDataDir: join(homedir(), ".bitfleet"),
    workingDir: process.cwd(),
    ...(openFilesMax !== undefined && { openFilesMax }),
  };
}

/** Linux alone tells; Node has raised the soft limit to the hard one at its start. */
function limitsText(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}

/** The soft limit in the text of `/proc/self/limits`; `undefined` where there is none. */
export function openFilesOf(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+) /m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
