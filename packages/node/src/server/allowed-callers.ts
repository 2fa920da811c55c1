import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { isInSubnet, parseSubnet, type Subnet } from "../p2p/addresses/subnet.ts";

const LOOPBACK: readonly Subnet[] = ["127.0.0.0/8", "::1"].map((text) => parseSubnet(text)!);

/**
 * Says of the address that a connection comes from whether it may call: from loopback, or from one of the ranges of `-rpcallowip`.
 * IPv4 mapped into IPv6 counts as IPv4.
 */
export function addressFilter(allow: readonly Subnet[]): (address: string) => boolean {
  const ranges = [...LOOPBACK, ...allow];
  return (text) => {
    // The zone of a link-local address names an interface of this machine, which no range can.
    const address = parseAddress(text.replace(/%.*$/, ""));
    return address !== undefined && ranges.some((range) => isInSubnet(range, address));
  };
}
