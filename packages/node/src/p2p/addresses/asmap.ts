import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { linkedIpv4, networkClassOf } from "@bitfleet/protocol/wire/address-class.ts";
import { ipv6FromAddress, type NetworkAddress } from "@bitfleet/protocol/wire/network-address.ts";

/**
 * Maps of addresses to autonomous systems (the networks of providers), in the form that Bitcoin Core's `-asmap` reads.
 *
 * The bytes are a string of bits, the lowest of each byte first. They are instructions that walk down a binary trie by the bits of
 * an address, the highest first. Each instruction is a code word and a number:
 *
 * | word | number | meaning |
 * |---|---|---|
 * | 0 | a system | the address is of that system |
 * | 10 | a count of bits | the next bit chooses: 0 goes on, 1 goes on so many bits later |
 * | 110 | a one, then up to eight bits | the next bits must be these, else the default holds |
 * | 111 | a system | is the default from here on; before the first one it is 0, no system |
 */

const Instruction = { RETURN: 0, JUMP: 1, MATCH: 2, DEFAULT: 3 } as const;
type Instruction = (typeof Instruction)[keyof typeof Instruction];

/** How numbers of a kind are written: from `min` on, in classes of as many bits as `sizes` says, the most frequent first. */
interface NumberForm {
  readonly min: number;
  readonly sizes: readonly number[];
}

const sizesFrom = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, step) => first + step);

const INSTRUCTION_FORM: NumberForm = { min: 0, sizes: [0, 0, 1] };
const SYSTEM_FORM: NumberForm = { min: 1, sizes: sizesFrom(15, 24) };
const MATCH_FORM: NumberForm = { min: 2, sizes: sizesFrom(1, 8) };
const JUMP_FORM: NumberForm = { min: 17, sizes: sizesFrom(5, 30) };

/** Bits of a full match. Of two in a row one is full. */
const MATCH_BITS_MAX = 8;
const ADDRESS_BITS = 128;
/** Bits that fill up the last byte. */
const PADDING_BITS_MAX = 7;

/** A map that was checked: every address leads to an end. */
export class Asmap {
  readonly bytes: Uint8Array;
  /** sha256d of the bytes, in internal order: names the map in peers.dat. */
  readonly version: Uint8Array;

  /** Throws `DecodeError` where the bytes are no map, or one that could be shorter. */
  constructor(bytes: Uint8Array) {
    checkMap(new BitReader(bytes));
    this.bytes = bytes;
    this.version = sha256d(bytes);
  }

  /** Number of the autonomous system that a public IPv4 or IPv6 address is of; 0 where none is known. */
  systemOf(address: NetworkAddress): number {
    const kind = networkClassOf(address);
    if (kind !== "ipv4" && kind !== "ipv6") return 0;
    const ipv4 = linkedIpv4(address);
    return this.#lookUp(ipv4 === undefined ? address.bytes : ipv6FromAddress({ network: "ipv4", bytes: ipv4 }));
  }

  #lookUp(address: Uint8Array): number {
    const code = new BitReader(this.bytes);
    let depth = 0;
    let byDefault = 0;
    for (;;) {
      switch (readInstruction(code)) {
        case Instruction.RETURN:
          return code.number(SYSTEM_FORM);
        case Instruction.DEFAULT:
          byDefault = code.number(SYSTEM_FORM);
          break;
        case Instruction.JUMP: {
          const size = code.number(JUMP_FORM);
          if (addressBit(address, depth++) === 1) code.position += size;
          break;
        }
        case Instruction.MATCH:
          for (const bit of readMatch(code)) if (addressBit(address, depth++) !== bit) return byDefault;
      }
    }
  }
}

/** Number of the autonomous system of an address; 0 where none is known, or there is no map. */
export function systemOf(asmap: Asmap | undefined, address: NetworkAddress): number {
  return asmap?.systemOf(address) ?? 0;
}

/** Throws where some address would lead out of the map, some part is never reached, or the end is not filled up with zeros. */
function checkMap(code: BitReader): void {
  checkSubtree(code, ADDRESS_BITS);
  if (code.remaining > PADDING_BITS_MAX) code.fail("there is more than padding behind the map");
  while (code.remaining > 0) if (code.bit() !== 0) code.fail("the padding is not zero");
}

/** Checks what addresses go through of which `bitsLeft` bits were not looked at, and leaves the reader behind it. */
function checkSubtree(code: BitReader, bitsLeft: number): void {
  let before: Instruction | undefined;
  let hasShortMatch = false;
  for (let left = bitsLeft; ; ) {
    const instruction = readInstruction(code);
    switch (instruction) {
      case Instruction.RETURN:
        if (before === Instruction.DEFAULT) code.fail("a default that nothing falls back to");
        code.number(SYSTEM_FORM);
        return;
      case Instruction.DEFAULT:
        if (before === Instruction.DEFAULT) code.fail("a default that another replaces");
        code.number(SYSTEM_FORM);
        break;
      case Instruction.JUMP:
        checkFork(code, left);
        return;
      case Instruction.MATCH: {
        const { length } = readMatch(code);
        if (before !== Instruction.MATCH) hasShortMatch = false;
        if (length < MATCH_BITS_MAX && hasShortMatch) code.fail("two short matches that could be one");
        hasShortMatch = length < MATCH_BITS_MAX;
        left -= length;
        if (left < 0) code.fail("a match beyond the end of the address");
      }
    }
    before = instruction;
  }
}

/** A jump must lead just behind what those go through that do not jump. Each fork takes a bit, which limits the depth. */
function checkFork(code: BitReader, bitsLeft: number): void {
  const size = code.number(JUMP_FORM);
  if (bitsLeft === 0) code.fail("a jump beyond the end of the address");
  const target = code.position + size;
  checkSubtree(code, bitsLeft - 1);
  if (code.position !== target) code.fail("a jump into the middle of another part");
  checkSubtree(code, bitsLeft - 1);
}

function readInstruction(code: BitReader): Instruction {
  return code.number(INSTRUCTION_FORM) as Instruction;
}

/** The bits to match: those behind the first one of the number. */
function readMatch(code: BitReader): readonly number[] {
  const [, ...bits] = [...code.number(MATCH_FORM).toString(2)].map(Number);
  return bits;
}

function addressBit(address: Uint8Array, depth: number): number {
  return (address[depth >> 3]! >> (7 - (depth & 7))) & 1;
}

/** Reads the bits of a map. Every read throws `DecodeError` where the bits end. */
class BitReader {
  position = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length * 8 - this.position;
  }

  fail(why: string): never {
    throw new DecodeError(why, this.position >> 3);
  }

  bit(): number {
    if (this.remaining <= 0) this.fail("the map ends too early");
    const { position } = this;
    this.position++;
    return (this.#bytes[position >> 3]! >> (position & 7)) & 1;
  }

  /** A one for each class that the number is beyond, a zero (not in the last class), and its place in the class, highest bit first. */
  number({ min, sizes }: NumberForm): number {
    let value = min;
    let index = 0;
    for (; index < sizes.length - 1 && this.bit() === 1; index++) value += 2 ** sizes[index]!;
    let place = 0;
    for (let left = sizes[index]!; left > 0; left--) place = place * 2 + this.bit();
    return value + place;
  }
}
