import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type AddressPrefixes, encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { Op, opcodeName, smallNumberOf } from "@bitfleet/protocol/script/opcodes.ts";
import { type OutputType, outputTypeOf } from "@bitfleet/protocol/script/templates.ts";

/** Scripts as Esplora shows them: opcodes by the names of rust-bitcoin, output types by names of its own. */

export interface EsploraScript {
  readonly scriptpubkey: string;
  readonly scriptpubkey_asm: string;
  readonly scriptpubkey_type: string;
  readonly scriptpubkey_address?: string;
}

const TYPE_NAMES: Readonly<Record<OutputType, string>> = {
  pubkey: "p2pk",
  pubkeyhash: "p2pkh",
  scripthash: "p2sh",
  multisig: "multisig",
  nulldata: "op_return",
  witness_v0_keyhash: "v0_p2wpkh",
  witness_v0_scripthash: "v0_p2wsh",
  witness_v1_taproot: "v1_p2tr",
  anchor: "anchor",
  witness_unknown: "unknown",
  nonstandard: "unknown",
};

export function esploraScript(script: Uint8Array, prefixes: AddressPrefixes): EsploraScript {
  const type = outputTypeOf(script);
  const address = type === "pubkey" ? undefined : encodeAddress(script, prefixes);
  return {
    scriptpubkey: toHex(script),
    scriptpubkey_asm: esploraAsm(script),
    scriptpubkey_type: typeNameOf(script, type),
    ...(address !== undefined && { scriptpubkey_address: address }),
  };
}

function typeNameOf(script: Uint8Array, type: OutputType): string {
  if (script.length === 0) return "empty";
  // Also where what comes behind is no push of data.
  return script[0] === Op.RETURN ? "op_return" : TYPE_NAMES[type];
}

const RENAMED = new Map<number, string>([
  [Op.ONE_NEGATE, "OP_PUSHNUM_NEG1"],
  [Op.CHECKLOCKTIMEVERIFY, "OP_CLTV"],
  [Op.CHECKSEQUENCEVERIFY, "OP_CSV"],
]);

/** A script in words. What is cut off in the middle of a push is said to be so. */
export function esploraAsm(script: Uint8Array): string {
  const words: string[] = [];
  let at = 0;
  while (at < script.length) {
    const opcode = script[at++]!;
    const sizeLength = PUSH_SIZE_LENGTHS.get(opcode);
    if (opcode === Op.ZERO || (opcode > 75 && sizeLength === undefined)) {
      words.push(nameOf(opcode));
      continue;
    }
    if (sizeLength !== undefined && at + sizeLength > script.length) {
      words.push("<unexpected end>");
      break;
    }
    const size = sizeLength === undefined ? opcode : littleEndian(script.subarray(at, at + sizeLength));
    at += sizeLength ?? 0;
    words.push(sizeLength === undefined ? `OP_PUSHBYTES_${size}` : `OP_PUSHDATA${sizeLength}`);
    if (at + size > script.length) {
      words.push("<push past end>");
      break;
    }
    if (size > 0) words.push(toHex(script.subarray(at, at + size)));
    at += size;
  }
  return words.join(" ");
}

const PUSH_SIZE_LENGTHS: ReadonlyMap<number, number> = new Map([
  [Op.PUSHDATA1, 1],
  [Op.PUSHDATA2, 2],
  [Op.PUSHDATA4, 4],
]);

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

function nameOf(opcode: number): string {
  const number = smallNumberOf(opcode);
  if (number !== undefined) return number === 0 ? "OP_0" : `OP_PUSHNUM_${number}`;
  return RENAMED.get(opcode) ?? (opcode > Op.CHECKSIGADD ? `OP_RETURN_${opcode}` : opcodeName(opcode));
}

/** The last item that an input script pushes: the script behind a script hash. */
export function lastPush(script: Uint8Array): Uint8Array | undefined {
  let last: Uint8Array | undefined;
  let at = 0;
  while (at < script.length) {
    const opcode = script[at++]!;
    const sizeLength = PUSH_SIZE_LENGTHS.get(opcode);
    const size = sizeLength === undefined ? opcode : littleEndian(script.subarray(at, at + sizeLength));
    if (opcode > Op.PUSHDATA4) continue;
    at += sizeLength ?? 0;
    if (at + size > script.length) return undefined;
    last = script.subarray(at, at + size);
    at += size;
  }
  return last;
}
