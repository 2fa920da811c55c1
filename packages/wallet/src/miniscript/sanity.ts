import { fold, type Miniscript } from "./expression.ts";
import { isWithinOpsLimit, isWithinStackLimit, scriptSizeMax } from "./limits.ts";
import { hasType } from "./types.ts";

/** Which miniscripts a wallet may pay to: those that do what they seem to, and nobody else can change their witnesses. */

/** Whether the fragments go together, in a script that is not too long. */
export function isValid(node: Miniscript<unknown>): boolean {
  return node.type !== 0 && node.scriptSize <= scriptSizeMax(node.context);
}

/** Whether it can be a script of its own. */
export function isValidScript(node: Miniscript<unknown>): boolean {
  return isValid(node) && hasType(node.type, "B");
}

/** Whether a witness that should satisfy it always does. */
function isWithinLimits(node: Miniscript<unknown>): boolean {
  return isValid(node) && isWithinOpsLimit(node) && isWithinStackLimit(node);
}

/** The fragments in which a key stands more than once; `keyName` tells equal keys by equal names. */
function withDuplicateKeys<Key>(root: Miniscript<Key>, keyName: (key: Key) => string): ReadonlySet<Miniscript<Key>> {
  const found = new Set<Miniscript<Key>>();
  // The larger set takes in the smaller ones: none is copied over and over up the tree.
  fold<Key, Set<string> | undefined>(root, (node, subs) => {
    const sets = [new Set<string>(), ...subs].sort((a, b) => (b?.size ?? 0) - (a?.size ?? 0));
    const names = [node.keys.map(keyName), ...sets.slice(1)];
    const [all] = sets;
    if (all === undefined || sets.includes(undefined) || !names.every((list) => addAllNew(all, list ?? []))) {
      found.add(node);
      return undefined;
    }
    return all;
  });
  return found;
}

/** Adds names; false where one is there already. */
function addAllNew(all: Set<string>, names: Iterable<string>): boolean {
  for (const name of names) {
    if (all.has(name)) return false;
    all.add(name);
  }
  return true;
}

/** Whether a wallet may pay to it. `keyName` tells equal keys by equal names. */
export function isSane<Key>(root: Miniscript<Key>, keyName: (key: Key) => string): boolean {
  return isSaneScript(root, insanePartOf(root, withDuplicateKeys(root, keyName)));
}

function isSaneScript(root: Miniscript<unknown>, insanePart: Miniscript<unknown> | undefined): boolean {
  return insanePart === undefined && isValidScript(root) && hasType(root.type, "s");
}

/** The innermost fragment that is not sane, the first of several. */
function insanePartOf<Key>(
  root: Miniscript<Key>,
  duplicates: ReadonlySet<Miniscript<Key>>,
): Miniscript<Key> | undefined {
  const isSanePart = (node: Miniscript<Key>) =>
    isWithinLimits(node) && hasType(node.type, "mk") && !duplicates.has(node);
  return fold<Key, Miniscript<Key> | undefined>(
    root,
    (node, subs) => subs.find((sub) => sub !== undefined) ?? (isSanePart(node) ? undefined : node),
  );
}

/** What there is to say of a miniscript that is not sane. */
export interface Insanity<Key> {
  /** The innermost fragment that is to blame, the first of several. */
  readonly node: Miniscript<Key>;
  /** What is wrong with it, to be put behind its text. */
  readonly complaint: string;
}

/** Why a wallet should not pay to a script, in Core's words; `undefined` where nothing speaks against it. */
export function insanityOf<Key>(root: Miniscript<Key>, keyName: (key: Key) => string): Insanity<Key> | undefined {
  const duplicates = withDuplicateKeys(root, keyName);
  const insanePart = insanePartOf(root, duplicates);
  const node = insanePart ?? root;
  const isSaneRoot = isSaneScript(root, insanePart);
  if (isSaneRoot && root.stack.satisfied !== undefined) return undefined;
  if (!isValid(node)) return { node, complaint: " is invalid" };
  if (isSaneRoot) return { node, complaint: " is not satisfiable" };
  const reason = reasonOf(node, node === root, duplicates.has(node));
  return { node, complaint: reason === undefined ? " is not sane" : ` is not sane: ${reason}` };
}

function reasonOf(node: Miniscript<unknown>, isRoot: boolean, hasDuplicateKeys: boolean): string | undefined {
  if (!hasType(node.type, "m")) return "malleable witnesses exist";
  if (isRoot && !hasType(node.type, "s")) return "witnesses without signature exist";
  if (!hasType(node.type, "k")) return "contains mixes of timelocks expressed in blocks and seconds";
  if (hasDuplicateKeys) return "contains duplicate public keys";
  return isWithinLimits(node) ? undefined : "needs witnesses that may exceed resource limits";
}
