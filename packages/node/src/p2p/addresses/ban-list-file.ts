import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Logger } from "../../ports.ts";
import type { Ban } from "./ban-list.ts";
import { readIfThere, replaceFile } from "./checked-file.ts";
import { formatSubnet, parseSubnet } from "./subnet.ts";

/** banlist.json as Bitcoin Core has it. */

const VERSION = 1;

/** Bans of the file; `undefined` where there is none, or it cannot be read: the log says so. */
export async function loadBans(path: string, log: Logger): Promise<readonly Ban[] | undefined> {
  const bytes = await readIfThere(path);
  if (bytes === undefined) return undefined;
  try {
    const { banned_nets: list } = JSON.parse(new TextDecoder().decode(bytes)) as { banned_nets?: unknown };
    if (!Array.isArray(list)) throw new SyntaxError("banned_nets is no list");
    return list.flatMap((entry) => banOf(entry, log) ?? []);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError) && !(error instanceof DecodeError))
      throw error;
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

function banOf(entry: unknown, log: Logger): Ban | undefined {
  if (typeof entry !== "object" || entry === null) throw new SyntaxError("an entry of banned_nets is no object");
  const { version, ban_created: created, banned_until: until, address } = entry as Record<string, unknown>;
  if (version !== VERSION) {
    log.info(`Dropping entry with unknown version (${String(version)}) from ban list`);
    return undefined;
  }
  const subnet = typeof address === "string" ? parseSubnet(address) : undefined;
  if (subnet === undefined || !Number.isSafeInteger(created) || !Number.isSafeInteger(until)) {
    log.info(`Dropping entry with unparseable address or subnet (${String(address)}) from ban list`);
    return undefined;
  }
  return { subnet, createdSeconds: created as number, untilSeconds: until as number };
}
