import type { Transaction } from "../primitives/transaction.ts";
import { displayHash, hashKey } from "../primitives/types.ts";

/** BIP431: transactions of this version are topologically restricted until confirmation. */
export const TRUC_VERSION = 3;
export const TRUC_VIRTUAL_SIZE_MAX = 10_000;
/** Of one with an unconfirmed parent. */
export const TRUC_CHILD_VIRTUAL_SIZE_MAX = 1000;
/** One unconfirmed parent or one unconfirmed child, the transaction itself counted. */
const FAMILY_COUNT_MAX = 2;

/** An unconfirmed parent as the rules see it. */
export interface TrucParent {
  readonly tx: Transaction;
  /** Itself counted. */
  readonly ancestorCount: number;
  /** Its unconfirmed descendants, itself not counted, those left out that the new transaction replaces. */
  readonly descendantCount: number;
}

/**
 * BIP431: why a transaction may not join its unconfirmed parents, or `undefined`. All of them are of version 3 or none; of
 * version 3 a family is two, and both are small.
 */
export function trucViolation(
  tx: Transaction,
  virtualSize: number,
  parents: readonly TrucParent[],
): string | undefined {
  const stranger = parents.find((parent) => (parent.tx.version === TRUC_VERSION) !== (tx.version === TRUC_VERSION));
  if (stranger !== undefined) return estranged(tx, stranger.tx);
  if (tx.version !== TRUC_VERSION) return undefined;
  if (virtualSize > TRUC_VIRTUAL_SIZE_MAX) return tooBig("version=3", tx, virtualSize, TRUC_VIRTUAL_SIZE_MAX);
  const [parent] = parents;
  if (parent === undefined) return undefined;
  if (parents.length + 1 > FAMILY_COUNT_MAX || parent.ancestorCount + 1 > FAMILY_COUNT_MAX) return tooManyAncestors(tx);
  if (virtualSize > TRUC_CHILD_VIRTUAL_SIZE_MAX)
    return tooBig("version=3 child", tx, virtualSize, TRUC_CHILD_VIRTUAL_SIZE_MAX);
  return parent.descendantCount > 0 ? tooManyDescendants(parent.tx) : undefined;
}

/** A transaction of a package, each of which passed {@link trucViolation} with its parents in the mempool. */
export interface TrucMember {
  readonly tx: Transaction;
  readonly virtualSize: number;
  /** In the mempool. Descendants that the package would replace count: nothing of a family is replaced by a package. */
  readonly parents: readonly TrucParent[];
}

/** BIP431 within a package, parents before children: the violation that comes first, or `undefined`. */
export function trucPackageViolation(members: readonly TrucMember[]): string | undefined {
  for (const member of members) {
    const violation = memberViolation(member, members);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

function memberViolation({ tx, virtualSize, parents }: TrucMember, members: readonly TrucMember[]): string | undefined {
  const parentsInPackage = members.filter((other) => spends(tx, other.tx)).map((other) => other.tx);
  if (tx.version !== TRUC_VERSION) {
    const all = [...parents.map((parent) => parent.tx), ...parentsInPackage];
    const stranger = all.find(({ version }) => version === TRUC_VERSION);
    return stranger && estranged(tx, stranger);
  }
  const ancestorCount = (parents[0]?.ancestorCount ?? 0) + parentsInPackage.length;
  if (parents.length + parentsInPackage.length + 1 > FAMILY_COUNT_MAX || ancestorCount + 1 > FAMILY_COUNT_MAX)
    return tooManyAncestors(tx);
  const parent = parents[0]?.tx ?? parentsInPackage[0];
  if (parent === undefined) return undefined;
  if (virtualSize > TRUC_CHILD_VIRTUAL_SIZE_MAX)
    return tooBig("version=3 child", tx, virtualSize, TRUC_CHILD_VIRTUAL_SIZE_MAX);
  if (parent.version !== TRUC_VERSION) return estranged(tx, parent);
  for (const other of members) {
    if (other.tx === tx) continue;
    for (const { previousOutput } of other.tx.inputs) {
      const spent = hashKey(previousOutput.txid);
      if (spent === hashKey(parent.txid)) return tooManyDescendants(parent);
      if (spent === hashKey(tx.txid)) return tooManyAncestors(other.tx);
    }
  }
  return parents.some(({ descendantCount }) => descendantCount > 0) ? tooManyDescendants(parent) : undefined;
}

function spends(tx: Transaction, parent: Transaction): boolean {
  const key = hashKey(parent.txid);
  return tx.inputs.some(({ previousOutput }) => hashKey(previousOutput.txid) === key);
}

function estranged(tx: Transaction, parent: Transaction): string {
  const [own, other] = tx.version === TRUC_VERSION ? ["version=3", "non-version=3"] : ["non-version=3", "version=3"];
  return `${own} ${names(tx)} cannot spend from ${other} ${names(parent)}`;
}

const tooManyAncestors = (tx: Transaction) => `${names(tx)} would have too many ancestors`;
const tooManyDescendants = (parent: Transaction) => `${names(parent)} would exceed descendant count limit`;

function tooBig(what: string, tx: Transaction, size: number, sizeMax: number): string {
  return `${what} ${names(tx)} is too big: ${size} > ${sizeMax} virtual bytes`;
}

const names = (tx: Transaction) => `tx ${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;
