/** Miniscript (BIP379): a script as a tree of fragments, each of which says what it takes to satisfy it. */

/** Where a miniscript stands: behind a P2WSH output, or as a leaf of a taproot output's tree. */
export type MiniscriptContext = "wsh" | "tapscript";

/** In front of another fragment, as `asctdvjn:X`; `t`, `l` and `u` are short forms of others. */
export type Wrapper = "a" | "s" | "c" | "d" | "v" | "j" | "n";

export type HashFragment = "sha256" | "hash256" | "ripemd160" | "hash160";

/** The fragments by name. `pk`, `pkh`, `and_n` and the wrappers `t`, `l`, `u` are short forms and have none of their own. */
export type Fragment =
  | ("0" | "1" | "pk_k" | "pk_h" | "older" | "after" | HashFragment)
  | Wrapper
  | ("and_v" | "and_b" | "or_b" | "or_c" | "or_d" | "or_i" | "andor" | "thresh" | "multi" | "multi_a");

/** What a fragment says for itself. */
export interface FragmentFields<Key> {
  readonly fragment: Fragment;
  readonly context: MiniscriptContext;
  /** Lock time of `older` and `after`, threshold of `thresh`, `multi` and `multi_a`; 0 for others. */
  readonly number: number;
  /** Of `pk_k`, `pk_h`, `multi` and `multi_a`. */
  readonly keys: readonly Key[];
  /** Of the hash fragments. */
  readonly hash: Uint8Array;
  /** The fragments within, in their order as text. */
  readonly subs: readonly Miniscript<Key>[];
}

/** Kind and properties of a fragment, as bits; see `types`. */
export type MiniscriptType = number;

/** The most of something, where there is a way to it at all. */
export type Most = number | undefined;

/** The most of something that satisfying and dissatisfying a fragment takes. */
export interface Bounds {
  readonly satisfied: Most;
  readonly dissatisfied: Most;
}

/**
 * How a script, along whatever way it takes, changes the size of the stack. Counted from its end, since all scripts of a
 * kind leave as much: what is taken of a script put behind another's is then the sum.
 */
export interface StackChange {
  /** Items that there are more of before than after, at most. */
  readonly taken: number;
  /** Items that there are more of at any time than after, at most. */
  readonly peak: number;
}

/** How satisfying and dissatisfying a fragment change the stack, where there is a way to it. */
export interface StackBounds {
  readonly satisfied: StackChange | undefined;
  readonly dissatisfied: StackChange | undefined;
}

/** A fragment, with what follows from it and from those within. Values are never changed. */
export interface Miniscript<Key> extends FragmentFields<Key> {
  /** 0 where the fragments within may not stand there. */
  readonly type: MiniscriptType;
  /** Bytes of its script. */
  readonly scriptSize: number;
  /** Opcodes that push nothing. */
  readonly opcodeCount: number;
  /** Keys of multisigs that run. */
  readonly checkedKeys: Bounds;
  readonly stack: StackBounds;
  /** Bytes of witness items, the length of each among them. */
  readonly witnessSizes: Bounds;
}

/**
 * Works from the leaves up: `combine` is called for every fragment with what it answered for those within, from left to
 * right. Trees can be as deep as scripts are long, so none of this recurses.
 */
export function fold<Key, Result>(
  root: Miniscript<Key>,
  combine: (node: Miniscript<Key>, subs: readonly Result[]) => Result,
): Result {
  const open: { readonly node: Miniscript<Key>; readonly results: Result[] }[] = [{ node: root, results: [] }];
  for (;;) {
    const top = open.at(-1)!;
    const next = top.node.subs[top.results.length];
    if (next !== undefined) {
      open.push({ node: next, results: [] });
      continue;
    }
    open.pop();
    const result = combine(top.node, top.results);
    const parent = open.at(-1);
    if (parent === undefined) return result;
    parent.results.push(result);
  }
}
