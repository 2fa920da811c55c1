import { parseEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";
import { isInSubnet, parseSubnet, type Subnet } from "./subnet.ts";

/** What the operator allows a peer beyond the usual, as getpeerinfo's `permissions` names it. */
export type PermissionFlag = "bloomfilter" | "noban" | "forcerelay" | "relay" | "mempool" | "download" | "addr";

/** A set of permissions as bits; 0 for none. */
export type PermissionFlags = number;

const DOWNLOAD = 1 << 6;
const RELAY = 1 << 3;

/** Bits of each; `noban` includes `download`, `forcerelay` includes `relay`. In the order in which they are shown. */
const BITS: Readonly<Record<PermissionFlag, number>> = {
  bloomfilter: 1 << 1,
  noban: (1 << 4) | DOWNLOAD,
  forcerelay: (1 << 2) | RELAY,
  relay: RELAY,
  mempool: 1 << 5,
  download: DOWNLOAD,
  addr: 1 << 7,
};

/** Names as options have them, with the long and the short form of bloom filters. */
const NAMES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(BITS),
  ["bloom", BITS.bloomfilter],
  ["all", Object.values(BITS).reduce((all, bits) => all | bits, 0)],
]);

/** No permission was named: the defaults apply, which depend on other options. */
const IMPLICIT = 1 << 8;

export function hasPermission(flags: PermissionFlags, flag: PermissionFlag): boolean {
  return (flags & BITS[flag]) === BITS[flag];
}

/** Names of the permissions in Core's order. */
export function permissionNames(flags: PermissionFlags): readonly PermissionFlag[] {
  return (Object.keys(BITS) as PermissionFlag[]).filter((flag) => hasPermission(flags, flag));
}

/** Peers of a subnet with permissions. */
export interface WhitelistEntry {
  readonly subnet: Subnet;
  readonly permissions: PermissionFlags;
  /** Which connections it holds for. */
  readonly direction: "in" | "out" | "both";
}

/** Reads `-whitelist=[permissions@]subnet`. `reachesCjdns`: see {@link parseSubnet}. */
export function parseWhitelist(text: string, reachesCjdns = false): WhitelistEntry | { readonly error: string } {
  const parsed = parsePermissions(text, ["in", "out"]);
  if ("error" in parsed) return parsed;
  const { permissions, direction, rest } = parsed;
  const subnet = parseSubnet(rest, reachesCjdns);
  return subnet === undefined
    ? { error: `Invalid netmask specified in -whitelist: '${rest}'` }
    : { subnet, permissions, direction };
}

/** Reads `-whitebind=[permissions@]address:port`. */
export function parseWhitebind(
  text: string,
): { readonly endpoint: NetworkEndpoint; readonly permissions: PermissionFlags } | { readonly error: string } {
  const parsed = parsePermissions(text, ["in"]);
  if ("error" in parsed) return parsed;
  const { permissions, rest } = parsed;
  const endpoint = parseEndpoint(rest, 0);
  if (endpoint === undefined) return { error: `Cannot resolve -whitebind address: '${rest}'` };
  return endpoint.port === 0
    ? { error: `Need to specify a port with -whitebind: '${rest}'` }
    : { endpoint, permissions };
}

const OUT_WITH_WHITEBIND = 'whitebind may only be used for incoming connections ("out" was passed)';

interface ParsedPermissions {
  readonly permissions: PermissionFlags;
  readonly direction: WhitelistEntry["direction"];
  readonly rest: string;
}

/** The first name that does not fit is the one complained of. */
function parsePermissions(
  text: string,
  allowedDirections: readonly string[],
): ParsedPermissions | { readonly error: string } {
  const at = text.indexOf("@");
  if (at === -1) return { permissions: IMPLICIT, direction: "in", rest: text };
  let permissions = 0;
  const directions = new Set<string>();
  for (const name of text.slice(0, at).split(",")) {
    const bits = NAMES.get(name);
    if (allowedDirections.includes(name)) directions.add(name);
    else if (name === "out") return { error: OUT_WITH_WHITEBIND };
    else if (bits !== undefined) permissions |= bits;
    else if (name !== "") return { error: `Invalid P2P permission: '${name}'` };
  }
  if (directions.size > 0 && permissions === 0) return { error: `Only direction was set, no permissions: '${text}'` };
  const direction = directions.size === 2 ? "both" : directions.has("out") ? "out" : "in";
  return { permissions, direction, rest: text.slice(at + 1) };
}

export interface ImplicitPermissions {
  /** `-whitelistrelay`. */
  readonly whitelistRelay: boolean;
  /** `-whitelistforcerelay`. */
  readonly whitelistForceRelay: boolean;
}

/**
 * Permissions of a connection: those of the address it came in on (`given`), and of every entry that its own address is in.
 * `address` is undefined where it is not known.
 */
export function permissionsFor(
  address: NetworkAddress | undefined,
  entries: readonly WhitelistEntry[],
  given: PermissionFlags,
  implicit: ImplicitPermissions,
): PermissionFlags {
  let flags = given;
  for (const { subnet, permissions } of entries) {
    if (address !== undefined && isInSubnet(subnet, address)) flags |= permissions;
  }
  if ((flags & IMPLICIT) === 0) return flags;
  flags = (flags & ~IMPLICIT) | BITS.mempool | BITS.noban;
  if (implicit.whitelistForceRelay) flags |= BITS.forcerelay;
  return implicit.whitelistRelay ? flags | BITS.relay : flags;
}
