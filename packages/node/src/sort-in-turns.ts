import { socketTurn } from "./turns.ts";

/** Items that are compared and moved before others have a turn. */
const LOT = 5000;

/** A sorted copy, of a hundred thousand items too without holding sockets up: lots are sorted by themselves and merged. Stable. */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  lot = LOT,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let at = 0; at < items.length; at += lot) {
    if (at > 0) await socketTurn();
    runs.push(items.slice(at, at + lot).sort(compare));
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      const [first, second] = [runs[at]!, runs[at + 1]];
      merged.push(second === undefined ? first : await merge(first, second, compare, lot));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  first: readonly Item[],
  second: readonly Item[],
  compare: (a: Item, b: Item) => number,
  lot: number,
): Promise<Item[]> {
  const merged: Item[] = [];
  let [left, right] = [0, 0];
  while (left < first.length || right < second.length) {
    const isLeft = right === second.length || (left < first.length && compare(first[left]!, second[right]!) <= 0);
    merged.push(isLeft ? first[left++]! : second[right++]!);
    if (merged.length % lot === 0) await socketTurn();
  }
  return merged;
}
