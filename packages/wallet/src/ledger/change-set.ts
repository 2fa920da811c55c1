import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { hashKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { AddressBookEntry } from "./address-book.ts";
import type { DescriptorId, ScriptOwner, WalletCoin } from "./wallet-coin.ts";
import type { BlockReference, WalletTransaction } from "./wallet-transaction.ts";

/**
 * What changes in a wallet by one event: the only way in which its state is written. A plain value, which survives
 * `structuredClone`; a store puts and deletes rows and knows no rule. Within each pair of lists no key stands twice, and what is
 * deleted is not put.
 */
export interface ChangeSet {
  /** New, or in place of the record with their txid. */
  readonly transactions: readonly WalletTransaction[];
  readonly removedTransactions: readonly Txid[];
  /** New, or in place of the coin with their outpoint. */
  readonly coins: readonly WalletCoin[];
  readonly removedCoins: readonly OutPoint[];
  /** What transactions of the wallet spend, whether it is the wallet's or not. One that is there already stays. */
  readonly spends: readonly Spend[];
  readonly removedSpends: readonly Spend[];
  /** New, or in place of the entry with their script. */
  readonly addressBook: readonly AddressBookEntry[];
  /** Scripts of entries to delete. */
  readonly removedAddresses: readonly Uint8Array[];
  /** Coins that are not to be spent, new or in place of the lock of their outpoint. */
  readonly lockedCoins: readonly LockedCoin[];
  readonly unlockedCoins: readonly OutPoint[];
  /** How far descriptors have come, in place of what was. */
  readonly descriptors: readonly DescriptorProgress[];
  /** Scripts that were derived: new rows. One that is there already stays. */
  readonly scripts: readonly DerivedScript[];
  /** The block up to which the wallet has seen the chain; `undefined`: as before. */
  readonly bestBlock: BlockReference | undefined;
}

/** That a transaction has an input which spends an outpoint. Several may, of which at most one gets into the chain. */
export interface Spend {
  readonly outPoint: OutPoint;
  readonly txid: Txid;
}

export interface LockedCoin {
  readonly outPoint: OutPoint;
  /** Whether the lock outlives the program: the others a store keeps in memory. */
  readonly isPersistent: boolean;
}

/** How far a descriptor has come. */
export interface DescriptorProgress {
  readonly id: DescriptorId;
  /** The index of the next address to give out. */
  readonly nextIndex: number;
  /** The indexes watched: from `rangeStart` to before `rangeEnd`. */
  readonly rangeStart: number;
  readonly rangeEnd: number;
}

/** One of a descriptor's scripts (for `combo` there are several to an index). */
export interface DerivedScript extends ScriptOwner {
  readonly script: Uint8Array;
  /** With the first script of an index: the public keys behind hardened steps, which nobody finds again while private keys are locked. */
  readonly hardenedKeys?: readonly Uint8Array[];
}

export const EMPTY_CHANGE_SET: ChangeSet = {
  transactions: [],
  removedTransactions: [],
  coins: [],
  removedCoins: [],
  spends: [],
  removedSpends: [],
  addressBook: [],
  removedAddresses: [],
  lockedCoins: [],
  unlockedCoins: [],
  descriptors: [],
  scripts: [],
  bestBlock: undefined,
};

/** Whether nothing changes. */
export function isEmptyChangeSet({ bestBlock, ...lists }: ChangeSet): boolean {
  return bestBlock === undefined && Object.values(lists).every((list) => list.length === 0);
}

/** One change set that does what `first` and then `second` do. */
export function mergeChangeSets(first: ChangeSet, second: ChangeSet): ChangeSet {
  const [transactions, removedTransactions] = mergeRows(
    [first.transactions, first.removedTransactions, second.transactions, second.removedTransactions],
    (record) => hashKey(record.txid),
    hashKey,
  );
  const [coins, removedCoins] = mergeRows(
    [first.coins, first.removedCoins, second.coins, second.removedCoins],
    (coin) => outPointKey(coin.outPoint),
    outPointKey,
  );
  const [spends, removedSpends] = mergeRows(
    [first.spends, first.removedSpends, second.spends, second.removedSpends],
    spendKey,
    spendKey,
  );
  const [addressBook, removedAddresses] = mergeRows(
    [first.addressBook, first.removedAddresses, second.addressBook, second.removedAddresses],
    (entry) => scriptKey(entry.script),
    scriptKey,
  );
  const [lockedCoins, unlockedCoins] = mergeRows(
    [first.lockedCoins, first.unlockedCoins, second.lockedCoins, second.unlockedCoins],
    (lock) => outPointKey(lock.outPoint),
    outPointKey,
  );
  return {
    transactions,
    removedTransactions,
    coins,
    removedCoins,
    spends,
    removedSpends,
    addressBook,
    removedAddresses,
    lockedCoins,
    unlockedCoins,
    descriptors: [...new Map([...first.descriptors, ...second.descriptors].map((each) => [each.id, each])).values()],
    scripts: first.scripts.length === 0 ? second.scripts : [...first.scripts, ...second.scripts],
    bestBlock: second.bestBlock ?? first.bestBlock,
  };
}

type RowLists<Row, Key> = readonly [
  put: readonly Row[],
  removed: readonly Key[],
  putLater: readonly Row[],
  removedLater: readonly Key[],
];

/** The last word on each row. */
function mergeRows<Row, Key>(
  [put, removed, putLater, removedLater]: RowLists<Row, Key>,
  keyOfRow: (row: Row) => string,
  keyOf: (key: Key) => string,
): [Row[], Key[]] {
  const rows = new Map(put.map((row) => [keyOfRow(row), row]));
  const keys = new Map(removed.map((key) => [keyOf(key), key]));
  for (const key of removedLater) {
    rows.delete(keyOf(key));
    keys.set(keyOf(key), key);
  }
  for (const row of putLater) {
    rows.set(keyOfRow(row), row);
    keys.delete(keyOfRow(row));
  }
  return [[...rows.values()], [...keys.values()]];
}

/** The Map key of a spend. */
export function spendKey(spend: Spend): string {
  return outPointKey(spend.outPoint) + hashKey(spend.txid);
}

/** Longer scripts are made into keys piece by piece: a call takes no more arguments than some tens of thousands. */
const KEY_PIECE_SIZE = 4096;

/** The Map key of a script: a character for each byte. */
export function scriptKey(script: Uint8Array): string {
  // One call for all bytes: put together one by one, a key takes ten times as long, and blocks have thousands.
  if (script.length <= KEY_PIECE_SIZE) return String.fromCharCode.apply(null, script as unknown as number[]);
  let key = "";
  for (let start = 0; start < script.length; start += KEY_PIECE_SIZE) {
    key += scriptKey(script.subarray(start, start + KEY_PIECE_SIZE));
  }
  return key;
}
