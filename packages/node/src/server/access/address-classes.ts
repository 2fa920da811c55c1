import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { parseAddress } from "@bitfleet/protocol/wire/address-text.ts";
import { isInSubnet, parseSubnet, type Subnet } from "../../p2p/addresses/subnet.ts";
import type { BucketPolicy } from "./token-buckets.ts";

/** What limits need to know of an address. */
export interface AddressClass {
  /** Whether it is free of limits: loopback, or one that the operator named. */
  readonly isExempt: boolean;
  /** Who counts as one caller: an IPv4 address; of IPv6 the /64, of which whoever has one address has all. */
  readonly id: string;
  /** The name of that caller's bucket. */
  readonly bucketId: string;
  /** Its limit, where it is no common one. */
  readonly policy: BucketPolicy | undefined;
}

/** A limit of its own for some addresses. */
export interface AddressLimit {
  readonly range: Subnet;
  readonly policy: BucketPolicy;
}

const LOOPBACK: readonly Subnet[] = ["127.0.0.0/8", "::1"].map((text) => parseSubnet(text)!);
/** Leading bytes of an IPv6 address that its owner cannot choose. */
const IPV6_NETWORK_SIZE = 8;
/** Addresses whose class is remembered; then all are forgotten at once, which costs no more than looking at them again. */
const REMEMBERED_MAX = 10_000;

/** Looks at addresses, and remembers what it saw: it is asked with every request. */
export class AddressClasses {
  readonly #exempt: readonly Subnet[];
  readonly #limits: readonly AddressLimit[];
  readonly #seen = new Map<string, AddressClass>();

  constructor(exempt: readonly Subnet[], limits: readonly AddressLimit[]) {
    this.#exempt = [...LOOPBACK, ...exempt];
    this.#limits = limits;
  }

  of(address: string): AddressClass {
    const seen = this.#seen.get(address);
    if (seen !== undefined) return seen;
    const found = this.#look(address);
    if (this.#seen.size >= REMEMBERED_MAX) this.#seen.clear();
    this.#seen.set(address, found);
    return found;
  }

  #look(text: string): AddressClass {
    // The zone of a link-local address names an interface of this machine.
    const address = parseAddress(text.replace(/%.*$/, ""));
    if (address === undefined) return { isExempt: false, ...namesOf("unknown"), policy: undefined };
    const isExempt = this.#exempt.some((range) => isInSubnet(range, address));
    const { bytes, network } = address;
    const id = network === "ipv4" ? bytes.join(".") : toHex(bytes.subarray(0, IPV6_NETWORK_SIZE));
    return { isExempt, ...namesOf(id), policy: this.#limits.find(({ range }) => isInSubnet(range, address))?.policy };
  }
}

/** Made once: a text that is put together anew for each call would cost more than to look it up. */
const namesOf = (id: string) => ({ id, bucketId: `address:${id}` });
