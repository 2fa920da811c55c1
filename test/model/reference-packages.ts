import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { idOf, spentKeys } from "./reference-chain.ts";

/** Why transactions are no package, whatever the mempool holds. `isFamily` asks for one child, the last, and its parents. */
export function packageShapeFault(transactions: readonly Transaction[], isFamily: boolean): string | undefined {
  const ids = transactions.map(idOf);
  const spends = transactions.map(({ inputs }) => inputs.map(({ previousOutput }) => toHex(previousOutput.txid)));
  const weight = transactions.reduce(
    (total, { strippedBytes, bytes }) => total + strippedBytes.length * 3 + bytes.length,
    0,
  );
  if (ids.length > 25) return "package-too-many-transactions";
  if (ids.length > 1 && weight > 404_000) return "package-too-large";
  if (new Set(ids).size < ids.length) return "package-contains-duplicates";
  const isSorted = spends.every((own, index) => !own.some((id) => ids.indexOf(id) >= index));
  if (!isSorted) return "package-not-sorted";
  const conflicts = transactions.some((tx, index) =>
    transactions.slice(index + 1).some((other) => spentKeys(tx).some((key) => spentKeys(other).includes(key))),
  );
  if (conflicts) return "conflict-in-package";
  if (!isFamily || ids.length === 1) return undefined;
  const isComplete = ids.slice(0, -1).every((id) => spends.at(-1)!.includes(id));
  return isComplete ? undefined : "package-not-child-with-parents";
}
