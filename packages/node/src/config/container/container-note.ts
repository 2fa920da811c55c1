import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerName, containerNameOf } from "./instance.ts";

/**
 * What a node has found out about its container, for programs that are run beside it (`docker exec … bitcoin-cli`): these need it too when the
 * network that would tell it is cut off. The host's name is the container's own.
 */
const noteFile = () => join(tmpdir(), `bitfleet-container-${hostname()}`);

/** Leaves the name. A place that cannot be written keeps no node from starting: its clients ask the network as it did. */
export function noteContainer(service: string, { project, separator, number }: ContainerName): void {
  const file = noteFile();
  try {
    // Others may write here where it is no container: a link in its place is not to be followed.
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, [project, service, number].join(separator), { mode: 0o600, flag: "wx" });
    renameSync(`${file}.new`, file);
  } catch {
    // As said above.
  }
}

/** The name that a node has left, if it is of that service. */
export function notedContainer(service: string): ContainerName | undefined {
  try {
    return containerNameOf(readFileSync(noteFile(), "utf8"), service);
  } catch {
    return undefined;
  }
}
