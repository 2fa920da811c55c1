import { constants } from "node:os";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { StartupError } from "../../chain/startup-error.ts";

/** The C library's words for what a system may answer, as Core prints them; Node has words of its own. */
const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EINVAL: "Invalid argument",
  EMFILE: "Too many open files",
  ENFILE: "Too many open files in system",
  ENODEV: "No such device",
};

/** Why the node cannot listen at `endpoint`, in Core's words; `code` is Node's name of the system's error. */
export function bindFailure(endpoint: NetworkEndpoint, code: string): StartupError {
  const where = `Unable to bind to ${formatEndpoint(endpoint)} on this computer`;
  const message =
    code === "EADDRINUSE"
      ? `${where}. Bitfleet is probably already running.`
      : `${where} (bind returned error ${systemText(code)})`;
  return new StartupError(message, { consequence: "Failed to listen on any port. Use -listen=0 if you want this." });
}

function systemText(code: string): string {
  const number = (constants.errno as Readonly<Record<string, number>>)[code];
  return `${SYSTEM_TEXTS[code] ?? code}${number === undefined ? "" : ` (${number})`}`;
}
