/** Brings lists that are each in one order together into one list in that order, reading no more of each than is asked for. */

/** Lists whose first items are asked for at a time. */
const OPENED_AT_ONCE = 64;

/**
 * Gives what is next of all lists, in groups: items of several lists that have the same place come together. `isBefore` says of two items
 * whether the first comes first; where neither does, they have the same place.
 */
export async function* newestOfMany<Item>(
  lists: readonly AsyncIterator<Item>[],
  isBefore: (a: Item, b: Item) => boolean,
): AsyncGenerator<readonly [Item, ...Item[]]> {
  const heads = await firstItems(lists);
  for (;;) {
    const first = leading(heads, isBefore);
    if (first === undefined) return;
    const group: [Item, ...Item[]] = [first];
    for (const [index, head] of heads.entries()) {
      if (head === undefined || isBefore(first, head)) continue;
      if (head !== first) group.push(head);
      heads[index] = await nextOf(lists[index]!);
    }
    yield group;
  }
}

async function firstItems<Item>(lists: readonly AsyncIterator<Item>[]): Promise<(Item | undefined)[]> {
  const heads: (Item | undefined)[] = [];
  for (let start = 0; start < lists.length; start += OPENED_AT_ONCE) {
    heads.push(...(await Promise.all(lists.slice(start, start + OPENED_AT_ONCE).map(nextOf))));
  }
  return heads;
}

async function nextOf<Item>(list: AsyncIterator<Item>): Promise<Item | undefined> {
  const { value, done } = await list.next();
  return done === true ? undefined : value;
}

function leading<Item>(
  heads: readonly (Item | undefined)[],
  isBefore: (a: Item, b: Item) => boolean,
): Item | undefined {
  let first: Item | undefined;
  for (const head of heads) if (head !== undefined && (first === undefined || isBefore(head, first))) first = head;
  return first;
}
