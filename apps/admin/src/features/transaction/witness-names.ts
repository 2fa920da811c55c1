import type { TransactionInputView } from "@bitfleet/api/rest/transactions.ts";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { lastPushOf } from "@bitfleet/protocol/script/script.ts";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.witness;

/** A part of what an input gives to be let in, by the name of what it does. */
export interface NamedPart {
  readonly name: string;
  readonly hex: string;
  /** In assembly where it is a script, else its digits. */
  readonly asm: string;
}

/** First byte of an annex (BIP341). */
const ANNEX_PREFIX = "50";

/** The script behind the hash of a P2SH output: the last thing that the input script pushes. */
export function redeemScriptOf(input: TransactionInputView): NamedPart | undefined {
  if (input.prevout?.script.type !== "scripthash") return undefined;
  const script = lastPushOf(fromHex(input.script_sig_hex));
  if (script === undefined) return undefined;
  return { name: transactionTexts.scripts.redeem, hex: toHex(script), asm: disassembleScript(script) };
}

/** The witness stack, bottom first, each item by what it is for the output that is spent. */
export function witnessPartsOf(input: TransactionInputView): readonly NamedPart[] {
  const { witness } = input;
  switch (witnessKindOf(input)) {
    case "key-v0":
      return witness.map((hex, index) => plain(index === 0 ? texts.signature : texts.publicKey, hex));
    case "script-v0":
      return witness.map((hex, index) =>
        index === witness.length - 1 ? scriptPart(texts.script, hex) : plain(texts.item(index), hex),
      );
    case "taproot":
      return taprootParts(witness);
    default:
      return witness.map((hex, index) => plain(texts.item(index), hex));
  }
}

function witnessKindOf(input: TransactionInputView): "key-v0" | "script-v0" | "taproot" | "other" {
  const type = input.prevout?.script.type;
  if (type === "witness_v0_keyhash") return "key-v0";
  if (type === "witness_v0_scripthash") return "script-v0";
  if (type === "witness_v1_taproot") return "taproot";
  // Nested in P2SH the program is what the input script pushes: 0 and 20 or 32 bytes.
  if (type === "scripthash" && /^160014[0-9a-f]{40}$/.test(input.script_sig_hex)) return "key-v0";
  if (type === "scripthash" && /^220020[0-9a-f]{64}$/.test(input.script_sig_hex)) return "script-v0";
  return "other";
}

/** BIP341: a signature alone, or what a script takes, the script and its control block; behind either there may be an annex. */
function taprootParts(witness: readonly string[]): readonly NamedPart[] {
  const hasAnnex = witness.length > 1 && witness.at(-1)!.startsWith(ANNEX_PREFIX);
  const count = witness.length - (hasAnnex ? 1 : 0);
  return witness.map((hex, index) => {
    if (index === count) return plain(texts.annex, hex);
    if (count === 1) return plain(texts.signature, hex);
    if (index === count - 1) return plain(texts.control, hex);
    return index === count - 2 ? scriptPart(texts.leaf, hex) : plain(texts.item(index), hex);
  });
}

const plain = (name: string, hex: string): NamedPart => ({ name, hex, asm: hex });

function scriptPart(name: string, hex: string): NamedPart {
  return { name, hex, asm: disassembleScript(fromHex(hex)) };
}
