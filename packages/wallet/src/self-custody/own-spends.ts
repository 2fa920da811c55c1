import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { ScriptFlag } from "@bitfleet/protocol/script/flags.ts";
import { witnessProgramOf } from "@bitfleet/protocol/script/script.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { DishonestAnswer } from "./snapshot.ts";

/**
 * Whether a transaction that a server tells of may spend the account's coins. Anybody can write one that does: without its signatures it is a lie, by which coins
 * seem gone, and which the wallet would hand in as a payment of its own ever after.
 */

/** Rules of all blocks that spend such outputs: what came later would refuse old signatures. */
const FLAGS = ScriptFlag.P2SH | ScriptFlag.WITNESS | ScriptFlag.TAPROOT;
const TAPROOT_VERSION = 1;

/** What each input spends, as far as it is known. */
export type SpentOutputs = readonly (TxOutput | undefined)[];

type IsOwn = (script: Uint8Array) => boolean;

/** The outputs of others without which it cannot be judged: taproot's signatures sign all amounts and scripts that are spent. */
export function missingOutputs({ inputs }: Transaction, spent: SpentOutputs, isOwn: IsOwn): readonly OutPoint[] {
  const isTaproot = ({ scriptPubKey }: TxOutput) => witnessProgramOf(scriptPubKey)?.version === TAPROOT_VERSION;
  if (!spent.some((output) => output !== undefined && isOwn(output.scriptPubKey) && isTaproot(output))) return [];
  return inputs.flatMap(({ previousOutput }, at) => (spent[at] === undefined ? [previousOutput] : []));
}

/** Throws {@link DishonestAnswer} where it spends a coin of the account without a valid signature. Nothing may be missing. */
export function checkOwnSpends(
  transaction: Transaction,
  spent: SpentOutputs,
  isOwn: IsOwn,
  secp256k1: Secp256k1,
): void {
  const cache = new SighashCache(transaction, spent);
  for (const [at, output] of spent.entries()) {
    if (output === undefined || !isOwn(output.scriptPubKey)) continue;
    if (verifyInput(transaction, at, cache, FLAGS, secp256k1) === undefined) continue;
    throw new DishonestAnswer(
      `The server tells of transaction ${displayHash(transaction.txid)}, which spends a coin of this account without its signature. Nothing is taken from it.`,
    );
  }
}
