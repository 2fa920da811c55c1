import { VaultError } from "@bitfleet/vault/vault.ts";
import {
  type Phrase,
  phraseDescriptors,
  privatePhraseDescriptors,
} from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { accountRows } from "./account-keeper.ts";
import { newPhrase, phraseWallet, watchedFacts, watchWallet } from "./new-wallet.ts";
import type { Session } from "./session.ts";
import type { SessionCore } from "./session-core.ts";
import { prefixesOf } from "./session-dependencies.ts";
import { accountStateOf } from "./stored.ts";
import { phraseOf } from "./stored-wallets.ts";
import {
  ACCOUNTS_MAX,
  type AddedWallet,
  accountIn,
  nameOf,
  networkIn,
  nextAccount,
  renamedAccount,
  renamedWallet,
  walletIn,
  withAccount,
  withForgotten,
  withoutAccounts,
  withWallet,
} from "./wallet-book.ts";
import { writeInParts } from "./write-in-parts.ts";

const NO_PHRASE = "This wallet only watches: it has no phrase.";

type WalletsPart = Pick<
  Session,
  | "newPhrase"
  | "addPhraseWallet"
  | "addWatchWallet"
  | "readWatched"
  | "renameWallet"
  | "removeWallet"
  | "revealPhrase"
  | "privateDescriptors"
  | "addAccount"
  | "renameAccount"
  | "removeAccount"
  | "activateAccount"
>;

/** The part of a session that has wallets and their accounts. */
export function walletsPart(core: SessionCore): WalletsPart {
  const { deps } = core;
  const networkOf = (id: string) => networkIn(core.need().stored, id);

  const add = (added: AddedWallet) =>
    core.inTurn(async () => {
      const { account } = await core.change(({ stored }) => withWallet(stored, added));
      await core.activate(account.id);
    });

  const removeAccounts = async (ids: readonly string[]) => {
    const opened = core.need();
    const isActive = opened.active !== undefined && ids.includes(opened.active.keeper.stored.id);
    if (isActive) await core.stopActive();
    const rows = await Promise.all(ids.map((id) => accountRows(id, opened.vault)));
    // The rows may be too many for one write: in between the accounts are as if nobody had looked for them yet.
    await core.change(({ stored }) => withForgotten(stored, ids));
    await writeInParts(opened.vault, rows.flat());
    await core.change(({ stored }) => withoutAccounts(stored, ids));
    if (isActive) await core.activate(nextAccount(opened.stored, ids[0]!)?.id);
    // Its phrase may have been one of those that sign for the account on screen.
    else core.refreshActive();
  };

  const revealed = async (walletId: string, passphrase: string): Promise<Phrase> => {
    const { vault, stored } = core.need();
    if (walletIn(stored, walletId).kind === "watch") throw new Error(NO_PHRASE);
    if (!(await vault.isPassphrase(passphrase)))
      throw new VaultError("wrong-passphrase", "This is not the passphrase.");
    const phrase = await phraseOf(walletId, vault);
    if (phrase === undefined) throw new Error(NO_PHRASE);
    return phrase;
  };

  return {
    newPhrase: (wordCount) => newPhrase(wordCount, deps),

    async addPhraseWallet(wallet) {
      await add(phraseWallet(wallet, networkOf(wallet.networkId), core.newId()));
    },

    async addWatchWallet(wallet) {
      await add(watchWallet(wallet, networkOf(wallet.networkId), core.newId(), deps));
    },

    readWatched: (text, networkId) => watchedFacts(text, networkOf(networkId), deps),

    async renameWallet(id, name) {
      await core.change(({ stored }) => renamedWallet(stored, id, name));
      core.refreshActive();
    },

    async removeWallet(id) {
      await core.inTurn(async () => {
        const { stored } = core.need();
        walletIn(stored, id);
        await removeAccounts(stored.accounts.flatMap((one) => (one.walletId === id ? [one.id] : [])));
      });
    },

    async revealPhrase(walletId, passphrase) {
      return (await revealed(walletId, passphrase)).words;
    },

    async privateDescriptors(accountId, passphrase) {
      const { stored } = core.need();
      const account = accountIn(stored, accountId);
      const phrase = await revealed(account.walletId, passphrase);
      const prefixes = prefixesOf(networkIn(stored, walletIn(stored, account.walletId).networkId));
      const { descriptors } = accountStateOf(account.state);
      return privatePhraseDescriptors(phrase, account.index ?? 0, descriptors, prefixes);
    },

    addAccount: (walletId, name) =>
      core.inTurn(async () => {
        const { vault, stored } = core.need();
        const wallet = walletIn(stored, walletId);
        const phrase = await phraseOf(walletId, vault);
        if (phrase === undefined) throw new Error("A wallet that watches has one account: add another wallet.");
        const used = new Set(stored.accounts.flatMap((one) => (one.walletId === walletId ? [one.index ?? 0] : [])));
        // One that was removed comes back first: what is in it would not be found by a later number.
        let index = 0;
        while (used.has(index)) index++;
        if (index >= ACCOUNTS_MAX) throw new Error(`A wallet has at most ${ACCOUNTS_MAX} accounts.`);
        const descriptors = phraseDescriptors(phrase, index, prefixesOf(networkIn(stored, wallet.networkId)));
        const { account } = await core.change((opened) =>
          withAccount(opened.stored, { walletId, index, name, descriptors }),
        );
        await core.activate(account.id);
      }),

    renameAccount: (id, name) =>
      core.inTurn(async () => {
        const { active } = core.need();
        if (active?.keeper.stored.id === id) await active.rename(nameOf(name, "the account"));
        else await core.change(({ stored }) => renamedAccount(stored, id, name));
        core.refreshActive();
      }),

    removeAccount: (id) =>
      core.inTurn(async () => {
        const { stored } = core.need();
        const { walletId } = accountIn(stored, id);
        if (stored.accounts.filter((one) => one.walletId === walletId).length === 1)
          throw new Error("This is the wallet's only account: remove the wallet.");
        await removeAccounts([id]);
      }),

    activateAccount: (id) => core.show(id),
  };
}
