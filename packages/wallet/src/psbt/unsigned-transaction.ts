import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { Psbt, PsbtInput } from "./psbt.ts";

const SEQUENCE_FINAL = 0xffffffff;

/**
 * The lock time of a PSBT's transaction (BIP370): the greatest that inputs ask for, of a kind that all that ask accept,
 * heights before times; where none asks, the fallback. `undefined` where there is no such kind.
 */
export function lockTimeOf({
  version,
  inputs,
  fallbackLockTime,
}: Pick<Psbt, "version" | "inputs" | "fallbackLockTime">): number | undefined {
  const fallback = fallbackLockTime ?? 0;
  if (version < 2) return fallback;
  const asking = inputs.filter(
    ({ requiredTimeLock, requiredHeightLock }) => requiredTimeLock !== undefined || requiredHeightLock !== undefined,
  );
  if (asking.length === 0) return fallback;
  return greatest(asking, "requiredHeightLock") ?? greatest(asking, "requiredTimeLock");
}

/** `undefined` where one of the inputs does not accept that kind. */
function greatest(inputs: readonly PsbtInput[], kind: "requiredHeightLock" | "requiredTimeLock"): number | undefined {
  let most = 0;
  for (const { [kind]: lock } of inputs) {
    if (lock === undefined) return undefined;
    most = Math.max(most, lock);
  }
  return most;
}

/** The transaction with empty scripts and witnesses; `undefined` where no lock time suits all inputs. */
export function unsignedTransactionOf(psbt: Psbt): Transaction | undefined {
  const lockTime = lockTimeOf(psbt);
  if (lockTime === undefined) return undefined;
  const inputs = psbt.inputs.map(({ previousOutput, sequence }) => ({
    previousOutput,
    scriptSig: EMPTY_BYTES,
    sequence: sequence ?? SEQUENCE_FINAL,
    witness: [],
  }));
  const outputs = psbt.outputs.map(({ value, scriptPubKey }) => ({ value, scriptPubKey }));
  return new Transaction({ version: psbt.txVersion, inputs, outputs, lockTime });
}

/** BIP174, BIP370: what tells whether two PSBTs are of one transaction. In version 2 sequences may still change. */
export function uniqueIdOf(psbt: Psbt): Txid | undefined {
  const tx = unsignedTransactionOf(psbt);
  if (tx === undefined || psbt.version < 2) return tx?.txid;
  return new Transaction({ ...fieldsOf(tx), inputs: tx.inputs.map((input) => ({ ...input, sequence: 0 })) }).txid;
}

const fieldsOf = ({ version, inputs, outputs, lockTime }: Transaction) => ({ version, inputs, outputs, lockTime });
