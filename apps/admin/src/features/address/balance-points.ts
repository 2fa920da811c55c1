import type { AddressHistoryItem, AddressSeries } from "@bitfleet/api/rest/addresses.ts";

/** A balance over time, for a chart: ascending times, each with what there was from then on, in satoshis. */
export interface BalancePoints {
  readonly times: readonly number[];
  readonly balances: readonly number[];
}

/**
 * Goes back from the balance of now through the history, which comes newest first and may be its newest part alone. What waits is one
 * step, since its order is no order in time. The last point is `now` (seconds since 1970), so that the line reaches the present.
 */
export function balancePoints(items: readonly AddressHistoryItem[], total: number, now: number): BalancePoints {
  if (items.length === 0) return { times: [], balances: [] };
  const times: number[] = [];
  const balances: number[] = [];
  let balance = total;
  for (const item of waitingTogether(items)) {
    times.push(item.time);
    balances.push(balance);
    balance -= item.value;
  }
  return pointsOf(times.reverse(), balances.reverse(), total, now);
}

function waitingTogether(items: readonly AddressHistoryItem[]): readonly Pick<AddressHistoryItem, "time" | "value">[] {
  const waiting = items.filter((item) => item.block_height === null);
  if (waiting.length < 2) return items;
  const value = waiting.reduce((sum, item) => sum + item.value, 0);
  const time = Math.max(...waiting.map((item) => item.time));
  return [{ time, value }, ...items.filter((item) => item.block_height !== null)];
}

/** The same from the balances behind each block, with what waits in the last point. */
export function seriesPoints(
  { times, balances }: Pick<AddressSeries, "times" | "balances">,
  total: number,
  now: number,
): BalancePoints {
  return times.length === 0 ? { times: [], balances: [] } : pointsOf(times, balances, total, now);
}

function pointsOf(times: readonly number[], balances: readonly number[], total: number, now: number): BalancePoints {
  // Headers may say an earlier time than the block before theirs.
  let latest = 0;
  const ascending = times.map((time) => {
    latest = Math.max(latest, time);
    return latest;
  });
  return { times: [...ascending, Math.max(latest, now)], balances: [...balances, total] };
}
