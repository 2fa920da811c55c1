import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { PositionedTransaction } from "./chain-rules.ts";
import type { LedgerCache } from "./ledger-cache.ts";

/** Which transactions of a block or of the mempool can matter to a wallet, so that the rules see those alone. */

/** Version of transactions whose children exclude one another (BIP431). */
const TRUC_VERSION = 3;

/** What a scan asks. `Keychain` and {@link LedgerCache} answer it. */
export interface ScanDependencies {
  readonly ledger: Pick<LedgerCache, "watches" | "isUnconfirmed" | "transaction">;
  readonly keychain: {
    /** Whether a script is the wallet's. It is the wallet's use of it: scripts that come after are watched from now on. */
    noteIfOwned(script: Uint8Array): boolean;
  };
}

/** The transactions of a block, in its order, that pay the wallet, spend its coins, or spend what one of its transactions spends. */
export function scanBlock(
  transactions: readonly Transaction[],
  dependencies: ScanDependencies,
): readonly PositionedTransaction[] {
  const found: PositionedTransaction[] = [];
  /** Of those found: their outputs may be coins of the wallet. */
  const txids = new Set<HashKey>();
  for (const [indexInBlock, transaction] of transactions.entries()) {
    if (!matters(transaction, txids, dependencies)) continue;
    found.push({ transaction, indexInBlock });
    txids.add(hashKey(transaction.txid));
  }
  return found;
}

/** {@link scanBlock} for a block that leaves the chain: what the wallet has of it is looked up by txid, since its coins are spent. */
export function scanDisconnectedBlock(
  transactions: readonly Transaction[],
  dependencies: ScanDependencies,
): readonly PositionedTransaction[] {
  const none = new Set<HashKey>();
  return [...transactions.entries()]
    .filter(([, transaction]) => {
      const isKnown = dependencies.ledger.transaction(transaction.txid) !== undefined;
      return isKnown || matters(transaction, none, dependencies);
    })
    .map(([indexInBlock, transaction]) => ({ transaction, indexInBlock }));
}

/** Whether a transaction that got into the mempool, or left it, can matter to the wallet. */
export function mattersInMempool(transaction: Transaction, dependencies: ScanDependencies): boolean {
  const { ledger } = dependencies;
  // First, whatever the wallet knows of it: scripts may have become the wallet's since.
  return (
    matters(transaction, new Set(), dependencies) ||
    ledger.isUnconfirmed(transaction.txid) ||
    (transaction.version === TRUC_VERSION &&
      transaction.inputs.some((input) => ledger.isUnconfirmed(input.previousOutput.txid)))
  );
}

function matters(
  transaction: Transaction,
  foundBefore: ReadonlySet<HashKey>,
  { ledger, keychain }: ScanDependencies,
): boolean {
  let isFound = false;
  // Each output is looked at, since each may use a script.
  for (const output of transaction.outputs) {
    if (keychain.noteIfOwned(output.scriptPubKey)) isFound = true;
  }
  return (
    isFound ||
    transaction.inputs.some(
      ({ previousOutput }) =>
        (foundBefore.size > 0 && foundBefore.has(hashKey(previousOutput.txid))) || ledger.watches(previousOutput),
    )
  );
}
