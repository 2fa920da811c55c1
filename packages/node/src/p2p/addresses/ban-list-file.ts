import { ipv6AsCjdns } from "@bitfleet/protocol/wire/network-address.ts";
import type { Logger } from "../../ports.ts";
import { readIfThere, replaceFile } from "../../storage/replace-file.ts";
import type { Ban } from "./ban-list.ts";
import { formatSubnet, parseSubnet, type Subnet, subnetOf } from "./subnet.ts";

/** banlist.json as Bitcoin Core has it. */

const VERSION = 1;

/** An entry, or the list, is not of the form that it must have. */
class BanListFormatError extends Error {}

/** Bans of the file; `undefined` where there is none, or it cannot be read: the log says so. */
export async function loadBans(path: string, log: Logger): Promise<readonly Ban[] | undefined> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  const contents = parseJson(new TextDecoder().decode(bytes));
  if (typeof contents !== "object" || contents === null || Array.isArray(contents)) {
    const why =
      contents === undefined
        ? `Settings file ${path} does not contain valid JSON. Remove the file to begin with an empty list.`
        : `Found non-object value ${JSON.stringify(contents)} in settings file ${path}`;
    log.warn(`Cannot load banlist ${path}: ${why}`);
    return undefined;
  }
  try {
    const { banned_nets: list } = contents as { readonly banned_nets?: unknown };
    if (!Array.isArray(list)) throw new BanListFormatError("banned_nets is no list");
    return list.flatMap((entry) => banOf(entry, log) ?? []);
  } catch (error) {
    if (!(error instanceof BanListFormatError)) throw error;
    log.warn(`Cannot parse banlist ${path}: ${error.message}`);
    return undefined;
  }
}

export async function saveBans(path: string, bans: readonly Ban[]): Promise<void> {
  const list = bans.map(({ subnet, createdSeconds, untilSeconds }) => ({
    version: VERSION,
    ban_created: createdSeconds,
    banned_until: untilSeconds,
    address: formatSubnet(subnet),
  }));
  await replaceFile(path, new TextEncoder().encode(`${JSON.stringify({ banned_nets: list }, undefined, 4)}\n`));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A ban; `undefined` where it is of a newer program, or of an address that is none to us. Other mistakes spoil the whole list. */
function banOf(entry: unknown, log: Logger): Ban | undefined {
  if (typeof entry !== "object" || entry === null) throw new BanListFormatError("an entry of banned_nets is no object");
  const { version, ban_created: created, banned_until: until, address } = entry as Record<string, unknown>;
  if (!isWhole(version)) throw new BanListFormatError("a version is no whole number");
  if (version !== VERSION) {
    log.info(`Dropping entry with unknown version (${version}) from ban list`);
    return undefined;
  }
  if (typeof address !== "string") throw new BanListFormatError("an address is no text");
  const subnet = writtenSubnet(address);
  if (subnet === undefined) {
    log.info(`Dropping entry with unparseable address or subnet (${address}) from ban list`);
    return undefined;
  }
  if (!isWhole(created) || !isWhole(until)) throw new BanListFormatError(`a time of ${address} is no whole number`);
  return { subnet, createdSeconds: created, untilSeconds: until };
}

/** IPv6 is written with its prefix; where there is none, the address is of CJDNS. */
function writtenSubnet(text: string): Subnet | undefined {
  const subnet = parseSubnet(text);
  return subnet === undefined || text.includes("/") ? subnet : subnetOf(ipv6AsCjdns(subnet.address));
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
