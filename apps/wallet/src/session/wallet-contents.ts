import type { Opened } from "./opened.ts";
import type { FoundFurther } from "./session.ts";

/** What a wallet has, of all of its accounts. */
export async function walletContents({ vault, stored }: Opened, walletId: string): Promise<FoundFurther> {
  const rows = await vault.list("transactions", `${walletId}:`);
  const accounts = stored.accounts.filter((one) => one.walletId === walletId);
  return {
    accounts: accounts.length,
    // One between two accounts is one.
    transactions: new Set(rows.map(({ key }) => key.slice(key.indexOf("/") + 1))).size,
    sats: accounts.reduce((sum, { total }) => sum + total, 0n),
  };
}

/** The search of a wallet is done, or was stopped: says what it found, where it was asked for. */
export async function noteSearched(
  core: { readonly opened: Opened | undefined; tell(): void },
  walletId: string,
  isStopped = false,
): Promise<void> {
  const { opened } = core;
  const search = opened?.furtherSearch;
  if (opened === undefined || search?.walletId !== walletId || search.found !== undefined) return;
  const { before } = search;
  const now = await walletContents(opened, walletId);
  if (opened.furtherSearch !== search) return;
  const found: FoundFurther = {
    accounts: Math.max(0, now.accounts - before.accounts),
    transactions: Math.max(0, now.transactions - before.transactions),
    sats: now.sats - before.sats,
  };
  opened.furtherSearch = { ...search, found, isStopped };
  core.tell();
}
