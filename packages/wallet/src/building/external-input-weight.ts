import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import {
  type TransactionFields,
  type TxInput,
  type TxOutput,
  WITNESS_SCALE_FACTOR,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import type { SigVersion } from "@bitfleet/protocol/script/machine.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { TransactionChecker } from "@bitfleet/protocol/script/transaction-checker.ts";
import { verifyScript } from "@bitfleet/protocol/script/verify.ts";

/** Outpoint and sequence. */
const INPUT_FRAME_SIZE = 32 + 4 + 4;
/** Of an ECDSA signature in DER with its hash type, its s being the lower one. */
const SIGNATURE_SIZE_MAX = 72;

/** Weight units of an input as it stands, the count of its witness elements included. */
export function signedInputWeight({ scriptSig, witness }: TxInput): number {
  const size = INPUT_FRAME_SIZE + compactSizeLength(scriptSig.length) + scriptSig.length;
  const witnessSize = witness.reduce(
    (sum, item) => sum + compactSizeLength(item.length) + item.length,
    compactSizeLength(witness.length),
  );
  return size * WITNESS_SCALE_FACTOR + witnessSize;
}

/** The checker of an input, which weighs the ECDSA signatures that hold. */
class SignatureScale extends TransactionChecker {
  /** Weight units by which the signatures could be larger. */
  slack = 0;

  override checkEcdsa(signature: Uint8Array, publicKey: Uint8Array, code: Uint8Array, version: SigVersion): boolean {
    if (!super.checkEcdsa(signature, publicKey, code, version)) return false;
    const weightOfByte = version === "base" ? WITNESS_SCALE_FACTOR : 1;
    this.slack += weightOfByte * (SIGNATURE_SIZE_MAX - signature.length);
    return true;
  }
}

/**
 * Weight units at most of an input of somebody else's, from how it is signed now: its signatures may come out larger next time. Which
 * of its bytes are signatures is seen by running its scripts.
 */
export function externalInputWeight(
  tx: TransactionFields,
  inputIndex: number,
  spentOutputs: readonly TxOutput[],
  secp256k1: Secp256k1,
): number {
  const { scriptSig, witness } = tx.inputs[inputIndex]!;
  const scale = new SignatureScale(tx, inputIndex, new SighashCache(tx, spentOutputs), secp256k1);
  verifyScript(scriptSig, spentOutputs[inputIndex]!.scriptPubKey, witness, STANDARD_SCRIPT_FLAGS, scale);
  return signedInputWeight(tx.inputs[inputIndex]!) + scale.slack;
}
