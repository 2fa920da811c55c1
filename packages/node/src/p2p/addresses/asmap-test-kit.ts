import { ipv6FromAddress } from "@bitfleet/protocol/wire/network-address.ts";
import { parseSubnet } from "./subnet.ts";

/** Writes maps of autonomous systems, for tests: bits as text of `0` and `1`, in the order in which they are read. */

/** A number of a form that begins with `min` and has classes of so many bits. */
function numberBits(value: number, min: number, sizes: readonly number[]): string {
  let rest = value - min;
  let bits = "";
  for (const [index, size] of sizes.entries()) {
    const isLast = index === sizes.length - 1;
    if (rest < 2 ** size || isLast) return `${bits}${isLast ? "" : "0"}${rest.toString(2).padStart(size, "0")}`;
    bits += "1";
    rest -= 2 ** size;
  }
  return bits;
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, step) => first + step);

export const returnBits = (system: number) => `0${numberBits(system, 1, range(15, 24))}`;
export const defaultBits = (system: number) => `111${numberBits(system, 1, range(15, 24))}`;
/** `size`: bits to skip. */
export const jumpBits = (size: number) => `10${numberBits(size, 17, range(5, 30))}`;
/** `pattern`: one to eight bits. */
export const matchBits = (pattern: string) => `110${numberBits(Number.parseInt(`1${pattern}`, 2), 2, range(1, 8))}`;
/** Who has a one as the next bit goes to `one`. */
export const forkBits = (zero: string, one: string) => jumpBits(zero.length) + zero + one;

/** Fills the last byte up with zeros. */
export function bytesOfBits(bits: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [index, bit] of [...bits].entries()) if (bit === "1") bytes[index >> 3]! |= 1 << (index & 7);
  return bytes;
}

interface TrieNode {
  system?: number;
  readonly children: [TrieNode | undefined, TrieNode | undefined];
}

/** A map of ranges that do not overlap: `[["1.0.0.0/8", 64512]]`. */
export function encodeAsmap(ranges: readonly (readonly [range: string, system: number])[]): Uint8Array {
  const root: TrieNode = { children: [undefined, undefined] };
  for (const [text, system] of ranges) {
    let node = root;
    for (const bit of prefixOf(text)) {
      node.children[bit] ??= { children: [undefined, undefined] };
      node = node.children[bit]!;
    }
    node.system = system;
  }
  return bytesOfBits(nodeBits(root));
}

function prefixOf(text: string): readonly (0 | 1)[] {
  const { address, prefixBits } = parseSubnet(text)!;
  const length = prefixBits! + (address.network === "ipv4" ? 96 : 0);
  const bits = [...ipv6FromAddress(address)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return [...bits.slice(0, length)].map((bit) => (bit === "1" ? 1 : 0));
}

function nodeBits(from: TrieNode): string {
  let node = from;
  let path = "";
  for (;;) {
    const [zero, one] = node.children;
    if (node.system !== undefined || (zero !== undefined && one !== undefined)) break;
    path += zero === undefined ? "1" : "0";
    node = (zero ?? one)!;
  }
  const matches = (path.match(/.{1,8}/g) ?? []).map(matchBits).join("");
  const [zero, one] = node.children;
  return matches + (node.system === undefined ? forkBits(nodeBits(zero!), nodeBits(one!)) : returnBits(node.system));
}
