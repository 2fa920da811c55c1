import type { Transaction } from "../primitives/transaction.ts";
import { displayHash } from "../primitives/types.ts";

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
  if (stranger !== undefined) {
    const [own, other] = tx.version === TRUC_VERSION ? ["version=3", "non-version=3"] : ["non-version=3", "version=3"];
    return `${own} ${names(tx)} cannot spend from ${other} ${names(stranger.tx)}`;
  }
  if (tx.version !== TRUC_VERSION) return undefined;
  if (virtualSize > TRUC_VIRTUAL_SIZE_MAX) return tooBig("version=3", tx, virtualSize, TRUC_VIRTUAL_SIZE_MAX);
  const [parent] = parents;
  if (parent === undefined) return undefined;
  if (parents.length + 1 > FAMILY_COUNT_MAX || parent.ancestorCount + 1 > FAMILY_COUNT_MAX)
    return `${names(tx)} would have too many ancestors`;
  if (virtualSize > TRUC_CHILD_VIRTUAL_SIZE_MAX)
    return tooBig("version=3 child", tx, virtualSize, TRUC_CHILD_VIRTUAL_SIZE_MAX);
  return parent.descendantCount > 0 ? `${names(parent.tx)} would exceed descendant count limit` : undefined;
}

function tooBig(what: string, tx: Transaction, size: number, sizeMax: number): string {
  return `${what} ${names(tx)} is too big: ${size} > ${sizeMax} virtual bytes`;
}

const names = (tx: Transaction) => `tx ${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;
