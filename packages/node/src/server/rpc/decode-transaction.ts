import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { hasValidOpcodes, SCRIPT_SIZE_MAX } from "@bitfleet/protocol/script/script.ts";

/** `witness`: only the form of BIP144; `plain`: only the form from before; `either`: whichever makes sense. */
export type TransactionForm = "witness" | "plain" | "either";

/**
 * The transaction that a hex text encodes, and nothing behind it; `undefined` where it is none. The two forms can be
 * confused where a transaction has no inputs: of two readings the one whose scripts make sense wins, then the form with
 * witnesses.
 */
export function decodeTransactionText(hex: string, form: TransactionForm): Transaction | undefined {
  const bytes = hex === "" ? undefined : tryFromHex(hex);
  if (bytes === undefined) return undefined;
  const extended = form === "plain" ? undefined : decodeWhole(bytes, "allowed");
  if (extended && hasSaneScripts(extended)) return extended;
  const plain = form === "witness" ? undefined : decodeWhole(bytes, "forbidden");
  if (plain && hasSaneScripts(plain)) return plain;
  return extended ?? plain;
}

function decodeWhole(bytes: Uint8Array, witness: "allowed" | "forbidden"): Transaction | undefined {
  try {
    const reader = new Reader(bytes);
    const tx = decodeTransaction(reader, witness);
    reader.end();
    return tx;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function hasSaneScripts(tx: Transaction): boolean {
  const isSane = (script: Uint8Array) => script.length <= SCRIPT_SIZE_MAX && hasValidOpcodes(script);
  const inputs = isCoinbase(tx) || tx.inputs.every((input) => isSane(input.scriptSig));
  return inputs && tx.outputs.every((output) => isSane(output.scriptPubKey));
}
