import { input, outPoint, output, transaction } from "../consensus/test-kit.ts";
import type { Transaction, TransactionFields } from "../primitives/transaction.ts";
import { payToWitnessPublicKeyHash } from "../script/templates.ts";

/** What the tests of policy build transactions with. Nothing is signed: policy reads forms. */

/** A standard output script that nobody has the key of. */
export const STANDARD_SCRIPT = payToWitnessPublicKeyHash(new Uint8Array(20).fill(7));

/** A transaction that nothing can be said against: one input, one output worth 100,000 satoshis. */
export function standardTransaction(fields: Partial<TransactionFields> = {}): Transaction {
  return transaction({ inputs: [input(outPoint(1))], outputs: [output(100_000n, STANDARD_SCRIPT)], ...fields });
}

/** A standard transaction that spends the output `index` of each of `parents`. */
export function childOf(
  parents: readonly Transaction[],
  fields: Partial<TransactionFields> = {},
  index = 0,
): Transaction {
  return standardTransaction({ inputs: parents.map(({ txid }) => input({ txid, index })), ...fields });
}

/** A transaction of exactly `weight` units (70,000 at least), by the witness of its first input. */
export function ofWeight(weight: number, fields: Partial<TransactionFields> = {}): Transaction {
  const padded = (size: number) => {
    const { inputs, ...rest } = standardTransaction(fields);
    const [first, ...others] = inputs;
    return standardTransaction({
      version: rest.version,
      outputs: rest.outputs,
      lockTime: rest.lockTime,
      inputs: [{ ...first!, witness: [new Uint8Array(size)] }, ...others],
    });
  };
  const least = 0x10000;
  return padded(least + weight - padded(least).weight);
}
