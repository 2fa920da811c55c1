/** Bytes of a script that are instructions, by theme. The names are the ones that everybody writes, without `OP_`. */
export const Op = {
  // Push: 01 to 4b push as many bytes as they say, these push what they name
  ZERO: 0x00,
  PUSHDATA1: 0x4c,
  PUSHDATA2: 0x4d,
  PUSHDATA4: 0x4e,
  ONE_NEGATE: 0x4f,
  RESERVED: 0x50,
  ONE: 0x51,
  TWO: 0x52,
  THREE: 0x53,
  SIXTEEN: 0x60,

  // Flow
  NOP: 0x61,
  VER: 0x62,
  IF: 0x63,
  NOTIF: 0x64,
  VERIF: 0x65,
  VERNOTIF: 0x66,
  ELSE: 0x67,
  ENDIF: 0x68,
  VERIFY: 0x69,
  RETURN: 0x6a,

  // Stack
  TOALTSTACK: 0x6b,
  FROMALTSTACK: 0x6c,
  TWO_DROP: 0x6d,
  TWO_DUP: 0x6e,
  THREE_DUP: 0x6f,
  TWO_OVER: 0x70,
  TWO_ROT: 0x71,
  TWO_SWAP: 0x72,
  IFDUP: 0x73,
  DEPTH: 0x74,
  DROP: 0x75,
  DUP: 0x76,
  NIP: 0x77,
  OVER: 0x78,
  PICK: 0x79,
  ROLL: 0x7a,
  ROT: 0x7b,
  SWAP: 0x7c,
  TUCK: 0x7d,

  // Byte strings
  CAT: 0x7e,
  SUBSTR: 0x7f,
  LEFT: 0x80,
  RIGHT: 0x81,
  SIZE: 0x82,

  // Bits
  INVERT: 0x83,
  AND: 0x84,
  OR: 0x85,
  XOR: 0x86,
  EQUAL: 0x87,
  EQUALVERIFY: 0x88,
  RESERVED1: 0x89,
  RESERVED2: 0x8a,

  // Numbers
  ONE_ADD: 0x8b,
  ONE_SUB: 0x8c,
  TWO_MUL: 0x8d,
  TWO_DIV: 0x8e,
  NEGATE: 0x8f,
  ABS: 0x90,
  NOT: 0x91,
  ZERO_NOTEQUAL: 0x92,
  ADD: 0x93,
  SUB: 0x94,
  MUL: 0x95,
  DIV: 0x96,
  MOD: 0x97,
  LSHIFT: 0x98,
  RSHIFT: 0x99,
  BOOLAND: 0x9a,
  BOOLOR: 0x9b,
  NUMEQUAL: 0x9c,
  NUMEQUALVERIFY: 0x9d,
  NUMNOTEQUAL: 0x9e,
  LESSTHAN: 0x9f,
  GREATERTHAN: 0xa0,
  LESSTHANOREQUAL: 0xa1,
  GREATERTHANOREQUAL: 0xa2,
  MIN: 0xa3,
  MAX: 0xa4,
  WITHIN: 0xa5,

  // Hashes and signatures
  RIPEMD160: 0xa6,
  SHA1: 0xa7,
  SHA256: 0xa8,
  HASH160: 0xa9,
  HASH256: 0xaa,
  CODESEPARATOR: 0xab,
  CHECKSIG: 0xac,
  CHECKSIGVERIFY: 0xad,
  CHECKMULTISIG: 0xae,
  CHECKMULTISIGVERIFY: 0xaf,

  // Room for upgrades
  NOP1: 0xb0,
  /** BIP65, once NOP2 */
  CHECKLOCKTIMEVERIFY: 0xb1,
  /** BIP112, once NOP3 */
  CHECKSEQUENCEVERIFY: 0xb2,
  NOP4: 0xb3,
  NOP5: 0xb4,
  NOP6: 0xb5,
  NOP7: 0xb6,
  NOP8: 0xb7,
  NOP9: 0xb8,
  NOP10: 0xb9,
  /** BIP342 */
  CHECKSIGADD: 0xba,

  INVALIDOPCODE: 0xff,
} as const;

/** Largest byte with a meaning as an instruction: what follows is unknown to every script version. */
export const OPCODE_MAX = Op.NOP10;

/**
 * Disabled after CVE-2010-5137 and kin: a script that contains one fails even where it would not run. In tapscript they
 * are OP_SUCCESSx.
 */
const DISABLED_OPCODES: ReadonlySet<number> = new Set([
  ...[Op.CAT, Op.SUBSTR, Op.LEFT, Op.RIGHT],
  ...[Op.INVERT, Op.AND, Op.OR, Op.XOR],
  ...[Op.TWO_MUL, Op.TWO_DIV, Op.MUL, Op.DIV, Op.MOD, Op.LSHIFT, Op.RSHIFT],
]);

/** BIP342: opcodes that make a tapscript succeed at once, so that later soft forks may give them a meaning. Ends included. */
const OP_SUCCESS_RANGES: readonly (readonly [first: number, last: number])[] = [
  [80, 80],
  [98, 98],
  [126, 129],
  [131, 134],
  [137, 138],
  [141, 142],
  [149, 153],
  [187, 254],
];

const IS_DISABLED = Uint8Array.from({ length: 256 }, (_, opcode) => Number(DISABLED_OPCODES.has(opcode)));
const IS_OP_SUCCESS = Uint8Array.from({ length: 256 }, (_, opcode) =>
  Number(OP_SUCCESS_RANGES.some(([first, last]) => first <= opcode && opcode <= last)),
);

export function isDisabledOpcode(opcode: number): boolean {
  return IS_DISABLED[opcode] === 1;
}

export function isOpSuccess(opcode: number): boolean {
  return IS_OP_SUCCESS[opcode] === 1;
}

/** The number that ZERO and ONE to SIXTEEN push, or `undefined` for other opcodes. */
export function smallNumberOf(opcode: number): number | undefined {
  if (opcode === Op.ZERO) return 0;
  return opcode >= Op.ONE && opcode <= Op.SIXTEEN ? opcode - Op.ONE + 1 : undefined;
}

/** The opcode that pushes a number from 0 to 16. */
export function opcodeOfSmallNumber(number: number): number {
  return number === 0 ? Op.ZERO : Op.ONE + number - 1;
}

/** Digits that identifiers cannot begin with, in {@link Op} and as everybody writes them. */
const WRITTEN_DIGITS: readonly (readonly [inTable: string, written: string])[] = [
  ["ZERO_", "0"],
  ["ONE_", "1"],
  ["TWO_", "2"],
  ["THREE_", "3"],
];

function writtenName(name: string): string {
  const digit = WRITTEN_DIGITS.find(([prefix]) => name.startsWith(prefix));
  return `OP_${digit ? digit[1] + name.slice(digit[0].length) : name}`;
}

const NAMES: readonly string[] = (() => {
  const names = new Array<string>(256).fill("OP_UNKNOWN");
  for (const [name, opcode] of Object.entries(Op)) names[opcode] = writtenName(name);
  names[Op.ONE_NEGATE] = "-1";
  for (let number = 0; number <= 16; number++) names[opcodeOfSmallNumber(number)] = String(number);
  return names;
})();

/** An opcode as people read it: `OP_DUP`, and plain digits for the ones that push numbers. `OP_UNKNOWN` for the rest. */
export function opcodeName(opcode: number): string {
  return NAMES[opcode] ?? "OP_UNKNOWN";
}

const OPCODES_BY_NAME: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap((name, opcode) =>
    name === "OP_UNKNOWN" || (opcode < Op.NOP && opcode !== Op.RESERVED) || opcode > OPCODE_MAX
      ? []
      : [
          [name, opcode],
          [name.slice("OP_".length), opcode],
        ],
  ),
);

/** The opcode called `name`, with or without `OP_`; those that push have none, since they are written as what they push. */
export function opcodeNamed(name: string): number | undefined {
  return OPCODES_BY_NAME.get(name);
}
