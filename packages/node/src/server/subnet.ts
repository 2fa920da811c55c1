import { BlockList, isIP } from "node:net";

/** A range of addresses: `127.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `::1`, `[fd00::]/8`. */
export interface Subnet {
  readonly address: string;
  readonly prefixBits: number;
}

/** Reads a subnet; `undefined` where the text is none. */
export function parseSubnet(text: string): Subnet | undefined {
  const [host = "", mask, ...more] = text.split("/");
  const address = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
  const family = isIP(address);
  if (family === 0 || more.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (mask === undefined) return { address, prefixBits: bits };
  const prefixBits = /^[0-9]{1,3}$/.test(mask) ? Number(mask) : family === 4 ? prefixOfNetmask(mask) : undefined;
  return prefixBits === undefined || prefixBits > bits ? undefined : { address, prefixBits };
}

/** Bits of a netmask like 255.255.0.0; `undefined` where its ones are not in one run. */
function prefixOfNetmask(mask: string): number | undefined {
  if (isIP(mask) !== 4) return undefined;
  const bits = mask
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, "").length : undefined;
}

const LOOPBACK: readonly Subnet[] = [
  { address: "127.0.0.0", prefixBits: 8 },
  { address: "::1", prefixBits: 128 },
];

/** Says of a peer's address whether it is loopback or in one of the subnets. IPv4 mapped into IPv6 counts as IPv4. */
export function addressFilter(allow: readonly Subnet[]): (address: string) => boolean {
  // One list for each family: a BlockList would find IPv4 addresses in IPv6 ranges.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefixBits } of [...LOOPBACK, ...allow]) {
    const family = familyOf(address);
    if (family !== undefined) lists[family].addSubnet(address, prefixBits, family);
  }
  return (address) => {
    const plain = /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address.replace(/%.*$/, "");
    const family = familyOf(plain);
    return family !== undefined && lists[family].check(plain, family);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}
