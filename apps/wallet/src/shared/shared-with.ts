import { multisigAccountPath } from "@bitfleet/wallet/keys/accounts.ts";
import { formatKeyPath } from "@bitfleet/wallet/keys/keys.ts";
import type { WalletSummary } from "../session/records.ts";

/** The names of the shared wallets that a wallet's words sign for. */
export function sharedWith(wallets: readonly WalletSummary[], walletId: string): readonly string[] {
  return wallets
    .filter(({ shared }) => shared?.cosigners.some(({ ownerId }) => ownerId === walletId))
    .map(({ name }) => name);
}

/** The lowest account number of which a wallet's words share nothing yet: who joins two wallets by one key shows all of both that they belong together. */
export function freeAccount(wallets: readonly WalletSummary[], walletId: string): number {
  const own = wallets.flatMap(({ shared }) => shared?.cosigners ?? []).filter(({ ownerId }) => ownerId === walletId);
  const isUsed = (account: number) => {
    const paths = [0, 1].map((coinType) => formatKeyPath(multisigAccountPath("wsh", coinType, account)));
    return own.some(({ path }) => paths.includes(path));
  };
  let account = 0;
  while (isUsed(account)) account++;
  return account;
}
