import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { availableCoins } from "@bitfleet/wallet/ledger/available-coins.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import { spentLookup } from "@bitfleet/wallet/ledger/trust.ts";
import { isPending } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import type { AccountBalance } from "./account.ts";

/** What an account holds. */
export function balanceOf(custody: CustodyAccount): AccountBalance {
  const { ledger, query } = custody;
  const { trusted, untrustedPending, immature } = balancesOf(ledger, query);
  const frozen = frozenValue(custody);
  const pending = untrustedPending + unsentChange(custody);
  return { spendable: trusted - frozen, pending, immature, frozen, total: trusted + pending + immature };
}

export function totalOf(custody: CustodyAccount): Sats {
  return balanceOf(custody).total;
}

function frozenValue({ ledger, query }: CustodyAccount): Sats {
  if ([...ledger.lockedCoins()].length === 0) return 0n;
  const all = availableCoins(ledger, query, { includesLocked: true });
  return all.reduce((sum, { coin }) => (ledger.isLocked(coin.outPoint) ? sum + coin.value : sum), 0n);
}

/** Change of payments that the network has not taken yet: it counts, or a payment would look as if it had cost all of its coins. */
function unsentChange({ ledger }: CustodyAccount): Sats {
  const spentBy = spentLookup(ledger);
  let sum = 0n;
  for (const coin of ledger.unspentCoins()) {
    if (coin.height !== undefined || !coin.isFromMe) continue;
    const record = ledger.transaction(coin.outPoint.txid)!;
    if (record.state.kind === "inactive" && isPending(record) && spentBy(coin) === undefined) sum += coin.value;
  }
  return sum;
}
