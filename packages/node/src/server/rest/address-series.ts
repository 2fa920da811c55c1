import type { AddressSeries } from "@bitfleet/api/rest/addresses.ts";
import type { AddressPast, InBlock } from "../../indexes/address-book.ts";

/** What came to an address, and went, in one block. */
interface BlockChange {
  readonly block: InBlock["block"];
  received: number;
  sent: number;
  count: number;
}

/** A balance over time, told from what it is at the tip back to what it was. */
export function addressSeries(name: string, { tip, confirmed, items, isWhole }: AddressPast): AddressSeries {
  const changes = changesOf(items);
  const total = changes.reduce((sum, { received, sent }) => sum + received - sent, 0);
  const before = Number(confirmed) - total;
  let balance = before;
  return {
    address: name,
    is_whole: isWhole,
    balance_before: before,
    block_height: tip.height,
    heights: changes.map(({ block }) => block.height),
    times: changes.map(({ block }) => block.time),
    balances: changes.map(({ received, sent }) => {
      balance += received - sent;
      return balance;
    }),
    received: changes.map(({ received }) => received),
    sent: changes.map(({ sent }) => sent),
    transaction_counts: changes.map(({ count }) => count),
  };
}

/** By block, the lowest first. */
function changesOf(newestFirst: AddressPast["items"]): readonly BlockChange[] {
  const changes: BlockChange[] = [];
  for (const { where, received, sent } of [...newestFirst].reverse()) {
    if ("waiting" in where) continue;
    let change = changes.at(-1);
    if (change?.block !== where.block) {
      change = { block: where.block, received: 0, sent: 0, count: 0 };
      changes.push(change);
    }
    change.received += Number(received);
    change.sent += Number(sent);
    change.count++;
  }
  return changes;
}
