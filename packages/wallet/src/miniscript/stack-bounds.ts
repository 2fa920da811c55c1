import { waysToChoose } from "./choices.ts";
import type { FragmentFields, StackBounds, StackChange } from "./expression.ts";

/** No way at all is `undefined`. */
type Change = StackChange | undefined;

/** One script behind the other. */
function inTurn(...parts: readonly Change[]): Change {
  return parts.reduce((first, second) => {
    if (first === undefined || second === undefined) return undefined;
    return { taken: first.taken + second.taken, peak: Math.max(second.peak, second.taken + first.peak) };
  }, NOTHING);
}

/** Either of two. */
function oneOf(a: Change, b: Change): Change {
  if (a === undefined || b === undefined) return a ?? b;
  return { taken: Math.max(a.taken, b.taken), peak: Math.max(a.peak, b.peak) };
}

const NOTHING: StackChange = { taken: 0, peak: 0 };

/** An opcode that leaves an item more (a push, DUP, SIZE, IFDUP of what is true). */
const ONE_MORE: StackChange = { taken: -1, peak: 0 };
/** An opcode that leaves an item less (IF, VERIFY, CHECKSIG and what makes one of two). */
const ONE_LESS: StackChange = { taken: 1, peak: 1 };
const EQUALVERIFY: StackChange = { taken: 2, peak: 2 };

const KEY_HASH_CHECK = inTurn(ONE_MORE, ONE_MORE, EQUALVERIFY);
const PREIMAGE_CHECK = inTurn(ONE_MORE, ONE_MORE, EQUALVERIFY, ONE_MORE, ONE_LESS);

/** What a fragment's script does to the stack. */
export function stackBounds<Key>({ fragment, number, keys, subs }: FragmentFields<Key>): StackBounds {
  const x = subs[0]?.stack ?? NEVER;
  const y = subs[1]?.stack ?? NEVER;
  const z = subs[2]?.stack ?? NEVER;
  switch (fragment) {
    case "0":
      return { satisfied: undefined, dissatisfied: ONE_MORE };
    case "1":
    case "older":
    case "after":
      return { satisfied: ONE_MORE, dissatisfied: undefined };
    case "pk_k":
      return { satisfied: ONE_MORE, dissatisfied: ONE_MORE };
    case "pk_h":
      return { satisfied: KEY_HASH_CHECK, dissatisfied: KEY_HASH_CHECK };
    case "sha256":
    case "hash256":
    case "ripemd160":
    case "hash160":
      return { satisfied: PREIMAGE_CHECK, dissatisfied: undefined };
    case "multi": {
      // Before: an empty item and the signatures. At the most: the keys and both numbers too. After: the answer.
      const change = { taken: number, peak: number + keys.length + 2 };
      return { satisfied: change, dissatisfied: change };
    }
    case "multi_a": {
      const change = { taken: keys.length - 1, peak: keys.length };
      return { satisfied: change, dissatisfied: change };
    }
    case "a":
    case "s":
    case "n":
      return x;
    case "c":
      return { satisfied: inTurn(x.satisfied, ONE_LESS), dissatisfied: inTurn(x.dissatisfied, ONE_LESS) };
    case "d":
      return { satisfied: inTurn(ONE_MORE, ONE_LESS, x.satisfied), dissatisfied: inTurn(ONE_MORE, ONE_LESS) };
    case "j":
      return { satisfied: inTurn(ONE_MORE, ONE_LESS, x.satisfied), dissatisfied: inTurn(ONE_MORE, ONE_LESS) };
    case "v":
      return { satisfied: inTurn(x.satisfied, ONE_LESS), dissatisfied: undefined };
    case "and_v":
      return { satisfied: inTurn(x.satisfied, y.satisfied), dissatisfied: undefined };
    case "and_b":
      return {
        satisfied: inTurn(x.satisfied, y.satisfied, ONE_LESS),
        dissatisfied: inTurn(x.dissatisfied, y.dissatisfied, ONE_LESS),
      };
    case "or_b":
      return {
        satisfied: inTurn(oneOf(inTurn(x.satisfied, y.dissatisfied), inTurn(x.dissatisfied, y.satisfied)), ONE_LESS),
        dissatisfied: inTurn(x.dissatisfied, y.dissatisfied, ONE_LESS),
      };
    case "or_c":
      return {
        satisfied: oneOf(inTurn(x.satisfied, ONE_LESS), inTurn(x.dissatisfied, ONE_LESS, y.satisfied)),
        dissatisfied: undefined,
      };
    case "or_d":
      // IFDUP leaves what is true twice, NOTIF takes one of it.
      return {
        satisfied: oneOf(inTurn(x.satisfied, ONE_MORE, ONE_LESS), inTurn(x.dissatisfied, ONE_LESS, y.satisfied)),
        dissatisfied: inTurn(x.dissatisfied, ONE_LESS, y.dissatisfied),
      };
    case "or_i":
      return {
        satisfied: inTurn(ONE_LESS, oneOf(x.satisfied, y.satisfied)),
        dissatisfied: inTurn(ONE_LESS, oneOf(x.dissatisfied, y.dissatisfied)),
      };
    case "andor":
      return {
        satisfied: oneOf(inTurn(x.satisfied, ONE_LESS, y.satisfied), inTurn(x.dissatisfied, ONE_LESS, z.satisfied)),
        dissatisfied: inTurn(x.dissatisfied, ONE_LESS, z.dissatisfied),
      };
    case "thresh": {
      const items = subs.map(({ stack }) => stack);
      // Each but the first is added to the sum of those before it.
      const join = (before: Change, item: Change, index: number) =>
        inTurn(before, item, index === 0 ? NOTHING : ONE_LESS);
      const ways = waysToChoose<Change>(items, NOTHING, join, oneOf);
      return {
        satisfied: inTurn(ways[number], ONE_MORE, ONE_LESS),
        dissatisfied: inTurn(ways[0], ONE_MORE, ONE_LESS),
      };
    }
  }
}

const NEVER: StackBounds = { satisfied: undefined, dissatisfied: undefined };
