import { readFileSync } from "node:fs";
import type { Socket } from "node:net";

const LOOPBACK = "0100007F";
/** A program that speaks IPv6 by default shows its loopback so. */
const LOOPBACK_MAPPED = "0000000000000000FFFF00000100007F";

/**
 * Whether a connection on the loopback address comes from another user of this machine: Linux tells whose it is. `false` too where that cannot be
 * known, as on other systems; cookie and key are asked for all the same.
 */
export function isOfAnotherUser(socket: Pick<Socket, "remotePort" | "localPort">): boolean {
  const { remotePort, localPort } = socket;
  if (process.platform !== "linux" || remotePort === undefined || localPort === undefined) return false;
  const user =
    userIn(tryRead("/proc/net/tcp"), LOOPBACK, remotePort, localPort) ??
    userIn(tryRead("/proc/net/tcp6"), LOOPBACK_MAPPED, remotePort, localPort);
  return user !== undefined && user !== process.getuid?.();
}

/** The user of the connection from one loopback port to another in a table of the system; `undefined` where it is not there. */
export function userIn(table: string, address: string, fromPort: number, toPort: number): number | undefined {
  const ends = `${address}:${hex(fromPort)} ${address}:${hex(toPort)} `;
  const line = table.split("\n").find((one) => one.includes(ends));
  // sl, local, remote, state, queues, timer, retransmits, user
  const user = line?.trim().split(/\s+/)[7];
  return user === undefined ? undefined : Number(user);
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");

function tryRead(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
