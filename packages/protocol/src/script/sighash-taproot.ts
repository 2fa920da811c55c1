import { sha256 } from "../crypto/hash.ts";
import type { Hash256 } from "../primitives/types.ts";
import type { TaprootContext } from "./machine.ts";
import { encodeOutputs, type SighashCache, SighashType } from "./sighash.ts";
import { taggedWriter } from "./taproot.ts";

/** Version of the format, first byte of what is signed. */
const EPOCH = 0;

/** BIP342: the type of public keys that tapscript signatures commit to: 32 bytes, BIP340. */
const KEY_VERSION = 0;

/** BIP341: the only bytes that name a hash type. */
export function isTaprootHashType(hashType: number): boolean {
  return (hashType >= 0x00 && hashType <= 0x03) || (hashType >= 0x81 && hashType <= 0x83);
}

/**
 * BIP341 and, with a leaf hash, BIP342: what a Schnorr signature signs. `undefined` where the hash type is none, where
 * SIGHASH_SINGLE has no output at the input's index, or where not all spent outputs are known.
 */
export function taprootSighash(
  cache: SighashCache,
  inputIndex: number,
  hashType: number,
  context: Pick<TaprootContext, "annexHash" | "leafHash" | "codeSeparatorPosition">,
): Hash256 | undefined {
  if (!isTaprootHashType(hashType)) return undefined;
  const { tx } = cache;
  const amounts = cache.spentAmountsSha256;
  const scripts = cache.spentScriptsSha256;
  if (amounts === undefined || scripts === undefined) return undefined;
  const input = tx.inputs[inputIndex]!;
  const anyoneCanPay = (hashType & SighashType.ANYONECANPAY) !== 0;
  const outputType = hashType & ~SighashType.ANYONECANPAY;

  const writer = taggedWriter("TapSighash", 256);
  writer.uint8(EPOCH).uint8(hashType).uint32(tx.version).uint32(tx.lockTime);
  if (!anyoneCanPay) writer.bytes(cache.prevoutsSha256).bytes(amounts).bytes(scripts).bytes(cache.sequencesSha256);
  if (outputType === SighashType.DEFAULT || outputType === SighashType.ALL) writer.bytes(cache.outputsSha256);

  const spendsByScript = context.leafHash !== undefined;
  writer.uint8((spendsByScript ? 2 : 0) + (context.annexHash !== undefined ? 1 : 0));
  if (anyoneCanPay) {
    writer.bytes(input.previousOutput.txid).uint32(input.previousOutput.index);
    writer.bytes(encodeOutputs([cache.spentOutputs[inputIndex]!])).uint32(input.sequence);
  } else {
    writer.uint32(inputIndex);
  }
  if (context.annexHash !== undefined) writer.bytes(context.annexHash);

  if (outputType === SighashType.SINGLE) {
    const output = tx.outputs[inputIndex];
    if (output === undefined) return undefined;
    writer.bytes(sha256(encodeOutputs([output])));
  }
  if (context.leafHash !== undefined) {
    writer.bytes(context.leafHash).uint8(KEY_VERSION).uint32(context.codeSeparatorPosition);
  }
  return sha256(writer.finish());
}
