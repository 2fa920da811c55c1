import { hasAddress } from "./address-book.ts";
import { compareAddresses } from "./address-order.ts";
import { scriptKey } from "./change-set.ts";
import { historyOf } from "./history.ts";
import type { LedgerView } from "./ledger-store.ts";
import { isChangeScript } from "./transaction-amounts.ts";
import { transactionOf, type WalletTransaction } from "./wallet-transaction.ts";

/**
 * The scripts of a wallet's addresses that were paid to, in groups of which everybody can see that they have one owner: they were spent
 * from in one transaction, or got its change. Groups and what is in them are in Core's order.
 */
export function addressGroupsOf(view: LedgerView): readonly (readonly Uint8Array[])[] {
  const groups = new Groups();
  for (const record of historyOf(view)) {
    groups.join(ownedTogether(view, record));
    for (const script of ownOutputs(view, record)) groups.join([script]);
  }
  return groups
    .all()
    .map((group) => group.sort(compareAddresses))
    .sort(([a], [b]) => compareAddresses(a!, b!));
}

/** Addresses of the coins that a transaction spends and, where there are some, of its change. */
function ownedTogether(view: LedgerView, record: WalletTransaction): readonly Uint8Array[] {
  const spent = transactionOf(record)
    .inputs.map((input) => view.coin(input.previousOutput)?.script)
    .filter((script) => script !== undefined && hasAddress(script)) as Uint8Array[];
  if (spent.length === 0) return [];
  return [...spent, ...ownOutputs(view, record).filter((script) => isChangeScript(view, script))];
}

function ownOutputs(view: LedgerView, record: WalletTransaction): readonly Uint8Array[] {
  const { txid } = record;
  return transactionOf(record)
    .outputs.filter((output, index) => hasAddress(output.scriptPubKey) && view.coin({ txid, index }) !== undefined)
    .map((output) => output.scriptPubKey);
}

/** Disjoint sets of scripts. */
class Groups {
  readonly #groupOf = new Map<string, Map<string, Uint8Array>>();

  /** From now on all of these, and what is together with any of them, are together. */
  join(scripts: readonly Uint8Array[]): void {
    let joined: Map<string, Uint8Array> | undefined;
    for (const script of scripts) {
      const key = scriptKey(script);
      const group = this.#groupOf.get(key) ?? new Map([[key, script]]);
      if (group === joined) continue;
      const [small, large]: readonly Map<string, Uint8Array>[] =
        joined === undefined || joined.size < group.size ? [joined ?? new Map(), group] : [group, joined];
      for (const [memberKey, member] of small!) {
        large!.set(memberKey, member);
        this.#groupOf.set(memberKey, large!);
      }
      this.#groupOf.set(key, large!);
      joined = large;
    }
  }

  all(): Uint8Array[][] {
    return [...new Set(this.#groupOf.values())].map((group) => [...group.values()]);
  }
}
