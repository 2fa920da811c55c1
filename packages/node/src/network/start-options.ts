import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import type { StartNetworkOptions } from "./network-api.ts";

/** A row for each, or the type does not fit: what is not here is a slip of the pen. */
const KNOWN: Readonly<Record<keyof StartNetworkOptions, true>> = {
  miners: true,
  webservers: true,
  mode: true,
  dataDir: true,
  interval: true,
  miningAddress: true,
};

/** Throws `TypeError` for an option that there is not, `RangeError` for a value that is none, before anything is started. */
export function checkStartOptions(options: StartNetworkOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown !== undefined)
    throw new TypeError(`startNetwork has no option '${unknown}'; there are ${Object.keys(KNOWN).join(", ")}.`);
  const { interval, miningAddress } = options;
  if (interval !== undefined && !(interval > 0 && Number.isFinite(interval)))
    throw new RangeError(`interval is a number of seconds above zero, not ${interval}.`);
  if (miningAddress === undefined) return;
  const decoded = decodeAddress(String(miningAddress), networkByName("regtest")!.addressPrefixes);
  if ("error" in decoded)
    throw new RangeError(`miningAddress is an address of regtest (bcrt1…), not '${miningAddress}': ${decoded.error}`);
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
