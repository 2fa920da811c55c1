import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import type { BitfleetNetwork, SignetOptions, StartNetworkOptions } from "./network-api.ts";

/** A row for each, or the type does not fit: what is not here is a slip of the pen. */
const KNOWN: Readonly<Record<keyof StartNetworkOptions, true>> = {
  miners: true,
  webservers: true,
  mode: true,
  dataDir: true,
  interval: true,
  miningAddress: true,
  adminKey: true,
  signet: true,
};
const SIGNET_KNOWN: Readonly<Record<keyof SignetOptions, true>> = { key: true, blockTime: true };
const BLOCK_TIME_SECONDS_MAX = 3600;

/** Throws `TypeError` for an option that there is not, `RangeError` for a value that is none, before anything is started. */
export function checkStartOptions(options: StartNetworkOptions): void {
  refuseUnknown(options, KNOWN, "startNetwork has no option");
  const { interval, signet, adminKey } = options;
  if (adminKey !== undefined && !/^[!-~]{1,256}$/.test(String(adminKey)))
    throw new RangeError("adminKey is 1 to 256 printable ASCII characters without spaces.");
  if (interval !== undefined && !(interval > 0 && Number.isFinite(interval)))
    throw new RangeError(`interval is a number of seconds above zero, not ${interval}.`);
  if (signet === undefined || typeof signet === "boolean") return;
  if (typeof signet !== "object" || signet === null)
    throw new TypeError("signet is true, or an object with key and blockTime.");
  refuseUnknown(signet, SIGNET_KNOWN, "signet has no option");
  const { key, blockTime } = signet;
  if (key !== undefined && typeof key !== "string") throw new TypeError("signet.key is a text.");
  if (
    blockTime !== undefined &&
    !(Number.isInteger(blockTime) && blockTime >= 1 && blockTime <= BLOCK_TIME_SECONDS_MAX)
  )
    throw new RangeError(
      `signet.blockTime is a whole number of seconds from 1 to ${BLOCK_TIME_SECONDS_MAX}, not ${blockTime}.`,
    );
}

/** Throws `RangeError` where that is no address of the chain. */
export function checkMiningAddress(address: string, chain: BitfleetNetwork["chain"]): void {
  const decoded = decodeAddress(String(address), networkByName(chain)!.addressPrefixes);
  const form = chain === "regtest" ? "bcrt1…" : "tb1…";
  if ("error" in decoded)
    throw new RangeError(`miningAddress is an address of ${chain} (${form}), not '${address}': ${decoded.error}`);
}

function refuseUnknown(options: object, known: object, what: string): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new TypeError(`${what} '${unknown}'; there are ${Object.keys(known).join(", ")}.`);
}

/** Makes the folder of `dataDir`. Throws `Error` with what is wrong with it. */
export function makeDataFolder(folder: string): void {
  try {
    makeDirectory(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFile = code === "EEXIST" || code === "ENOTDIR";
    const why = isFile ? "is no folder, or lies below what is none" : `cannot be made (${code ?? message})`;
    throw new Error(`dataDir ${folder} ${why}; name another.`, { cause: error });
  }
}
