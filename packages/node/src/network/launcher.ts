import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundledPrograms } from "../bundled-programs.ts";
import { SystemClock, systemRandom } from "../clock.ts";
import type { BitfleetNetwork } from "./network-api.ts";
import { networkControlOf } from "./network-control-of.ts";
import { NodeInProcess } from "./node-in-process.ts";
import { NodeProcess } from "./node-process.ts";
import type { LaunchOptions, NodeRunner } from "./node-runner.ts";

/** Starts nodes where `mode` says; `onChange` hears when the state of one changes. Throws `RangeError` where it says neither. */
export function launcherOf(
  mode: BitfleetNetwork["mode"],
  onChange: () => void,
): (options: LaunchOptions) => NodeRunner {
  const deps = { clock: new SystemClock(), random: systemRandom, onChange };
  if (mode === "in-process") {
    const programs = {
      ...bundledPrograms(import.meta.url),
      networkControl: async (folder: string, self: string) => networkControlOf(folder, self),
    };
    return (options) => new NodeInProcess(options, deps, programs);
  }
  if (mode === "processes") {
    const command = [process.execPath, bitfleetProgram(), "node"] as const;
    return (options) => new NodeProcess({ ...options, command }, deps);
  }
  throw new RangeError(`mode is "in-process" or "processes", not ${JSON.stringify(mode)}.`);
}

/** `bitfleet` of this installation: beside the bundle in /dist, or above this source file. */
function bitfleetProgram(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = here.endsWith("dist") ? resolve(here, "..") : resolve(here, "../../../..");
  return join(root, "packages/node/bin/bitfleet");
}
