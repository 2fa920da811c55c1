import type { AccountDescriptor } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { type DescriptorState, newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import type { FoundFurther } from "./session.ts";
import { accountStateOf, accountStateValue } from "./stored.ts";
import { accountChange, type Stored, type StoredAccount, type StoredWallet, walletChange } from "./stored-wallets.ts";
import { type BookChange, checkedGapLimit, walletIn } from "./wallet-book.ts";

/** What becomes of wallets by a search behind longer gaps, decided before it is written. Refusals are thrown as sentences. */

export interface FurtherWish {
  readonly gapLimit: number;
  /** What the wallet has now. */
  readonly before: FoundFurther;
  /** Whether accounts that were removed here are to be found, too. */
  readonly takesRemoved: boolean;
}

/**
 * A wallet that is to be looked through behind longer gaps: its accounts with those of their descriptors (`all`, by account) again that were given up since nothing
 * was found of them. Throws where the limit is no larger one.
 */
export function withGapLimit(
  stored: Stored,
  walletId: string,
  { gapLimit, before, takesRemoved }: FurtherWish,
  all: ReadonlyMap<string, readonly AccountDescriptor[]>,
): BookChange {
  const wallet = walletIn(stored, walletId);
  if (checkedGapLimit(gapLimit) <= wallet.gapLimit)
    throw new Error(`This wallet is looked through behind ${wallet.gapLimit} unused addresses in a row already.`);
  const search = { before, gapLimitBefore: wallet.search?.gapLimitBefore ?? wallet.gapLimit };
  const removed = takesRemoved ? [] : wallet.removed;
  const accounts = stored.accounts.map((one) => withDescriptors(one, all.get(one.id) ?? []));
  return changed(stored, { ...wallet, gapLimit, isSearched: false, search, removed }, accounts);
}

function withDescriptors(account: StoredAccount, all: readonly AccountDescriptor[]): StoredAccount {
  const state = accountStateOf(account.state);
  const missing = all.filter(({ id }) => !state.descriptors.some((one) => one.id === id));
  if (missing.length === 0) return account;
  const descriptors = [...state.descriptors, ...missing];
  const progress = [...state.progress, ...newAccount(missing).progress];
  return { ...account, state: accountStateValue({ ...state, descriptors, progress }) };
}

/** Further accounts of the wallet were looked for. */
export function withSearched(stored: Stored, walletId: string): BookChange {
  return changed(stored, { ...walletIn(stored, walletId), isSearched: true, search: undefined }, stored.accounts);
}

/**
 * A wallet that is to be looked through behind shorter gaps: what was used stays watched, and unused addresses that are further behind are watched no more. Throws
 * where the limit is no smaller one.
 */
export function withLowerGapLimit(stored: Stored, walletId: string, gapLimit: number): BookChange {
  const wallet = walletIn(stored, walletId);
  if (checkedGapLimit(gapLimit) >= wallet.gapLimit)
    throw new Error(`This wallet is looked through behind ${wallet.gapLimit} unused addresses in a row.`);
  const accounts = stored.accounts.map((one) => (one.walletId === walletId ? narrowed(one, gapLimit) : one));
  return changed(stored, { ...wallet, gapLimit }, accounts);
}

function narrowed(account: StoredAccount, gapLimit: number): StoredAccount {
  const state = accountStateOf(account.state);
  const progress = state.progress.map((each): DescriptorState => {
    const rangeEnd = Math.min(each.rangeEnd, Math.max(each.nextIndex + gapLimit, each.shownIndex + 1));
    const lookedEnd = Math.min(each.lookedEnd, rangeEnd);
    return { ...each, rangeEnd, lookedEnd, farEnd: Math.min(each.farEnd ?? lookedEnd, rangeEnd) };
  });
  return { ...account, state: accountStateValue({ ...state, progress }) };
}

function changed(stored: Stored, wallet: StoredWallet, accounts: readonly StoredAccount[]): BookChange {
  const changedAccounts = accounts.filter((one) => !stored.accounts.includes(one));
  return {
    stored: { ...stored, accounts, wallets: stored.wallets.map((one) => (one.id === wallet.id ? wallet : one)) },
    changes: [walletChange(wallet), ...changedAccounts.map(accountChange)],
  };
}
