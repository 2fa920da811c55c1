import { JsonNumber, JsonObject, JsonSyntaxError, type JsonValue, parseJson, writeJson } from "@bitfleet/api/json.ts";
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
  const contents = jsonOf(new TextDecoder().decode(bytes));
  if (!(contents instanceof JsonObject)) {
    const why =
      contents === undefined
        ? `Settings file ${path} does not contain valid JSON. Remove the file to begin with an empty list.`
        : `Found non-object value ${writeJson(contents)} in settings file ${path}`;
    log.warn(`Cannot load banlist ${path}: ${why}`);
    return undefined;
  }
  try {
    const list = contents.get("banned_nets");
    if (!Array.isArray(list)) throw new BanListFormatError("banned_nets is no list");
    return list.flatMap((entry: JsonValue) => banOf(entry, log) ?? []);
  } catch (error) {
    if (!(error instanceof BanListFormatError)) throw error;
    log.warn(`Cannot parse banlist ${path}: ${error.message}`);
    return undefined;
  }
}

export async function saveBans(path: string, bans: readonly Ban[]): Promise<void> {
  const list = bans.map(({ subnet, createdSeconds, untilSeconds }) =>
    // By hand: of a time of 64 bits `JSON.stringify` would write other digits.
    [
      "        {",
      `            "version": ${VERSION},`,
      `            "ban_created": ${createdSeconds},`,
      `            "banned_until": ${untilSeconds},`,
      `            "address": ${JSON.stringify(formatSubnet(subnet))}`,
      "        }",
    ].join("\n"),
  );
  const items = list.length === 0 ? "[]" : `[\n${list.join(",\n")}\n    ]`;
  await replaceFile(path, new TextEncoder().encode(`{\n    "banned_nets": ${items}\n}\n`));
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** A ban; `undefined` where it is of a newer program, or of an address that is none to us. Other mistakes spoil the whole list. */
function banOf(entry: JsonValue, log: Logger): Ban | undefined {
  if (!(entry instanceof JsonObject)) throw new BanListFormatError("an entry of banned_nets is no object");
  const version = wholeOf(entry.get("version"));
  if (version === undefined) throw new BanListFormatError("a version is no whole number");
  if (version !== BigInt(VERSION)) {
    log.info(`Dropping entry with unknown version (${version}) from ban list`);
    return undefined;
  }
  const address = entry.get("address");
  if (typeof address !== "string") throw new BanListFormatError("an address is no text");
  const subnet = writtenSubnet(address);
  if (subnet === undefined) {
    log.info(`Dropping entry with unparseable address or subnet (${address}) from ban list`);
    return undefined;
  }
  const [created, until] = [wholeOf(entry.get("ban_created")), wholeOf(entry.get("banned_until"))];
  if (created === undefined || until === undefined)
    throw new BanListFormatError(`a time of ${address} is no whole number`);
  return { subnet, createdSeconds: Number(created), untilSeconds: until };
}

/** IPv6 is written with its prefix; where there is none, the address is of CJDNS. */
function writtenSubnet(text: string): Subnet | undefined {
  const subnet = parseSubnet(text);
  return subnet === undefined || text.includes("/") ? subnet : subnetOf(ipv6AsCjdns(subnet.address));
}

/** A whole number of 64 bits. */
function wholeOf(value: JsonValue | undefined): bigint | undefined {
  if (!(value instanceof JsonNumber) || !/^-?\d{1,20}$/.test(value.text)) return undefined;
  const whole = BigInt(value.text);
  return BigInt.asIntN(64, whole) === whole ? whole : undefined;
}
