import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type OpenVault, type Salvaged, type VaultChange, VaultError } from "@bitfleet/vault/vault.ts";
import {
  type Phrase,
  phraseDescriptors,
  privatePhraseDescriptors,
} from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { accountRows } from "./account-keeper.ts";
import { ActiveAccount } from "./active-account.ts";
import { AutoLock } from "./auto-lock.ts";
import { factsAt, networkAt } from "./found-network.ts";
import { Lane } from "./lane.ts";
import { newPhrase, phraseWallet, watchedFacts, watchWallet } from "./new-wallet.ts";
import { type Opened, openStateOf } from "./opened.ts";
import type { SavedNetwork, WalletSettings } from "./records.ts";
import type {
  Contact,
  NetworkFacts,
  NetworkPlace,
  NewPhraseWallet,
  NewWatchWallet,
  Session,
  SessionState,
  WatchedFacts,
} from "./session.ts";
import { prefixesOf, type SessionDependencies } from "./session-dependencies.ts";
import { accountStateOf } from "./stored.ts";
import { phraseOf, readStored, signersOf, summariesOf } from "./stored-wallets.ts";
import { UnlockDelays } from "./unlock-delays.ts";
import { sentenceOf, unlookedState } from "./unlooked-state.ts";
import {
  type AddedWallet,
  accountIn,
  type BookChange,
  nameOf,
  networkIn,
  nextAccount,
  renamedAccount,
  renamedWallet,
  walletIn,
  withAccount,
  withActive,
  withContact,
  withFirstBlock,
  withNetwork,
  withoutAccounts,
  withoutChain,
  withoutContact,
  withoutNetwork,
  withSettings,
  withWallet,
} from "./wallet-book.ts";

/** Bytes of a name that is made here. */
const ID_SIZE = 8;
/** Accounts of a phrase: BIP44 has no limit, but looking through many takes long. */
const ACCOUNTS_MAX = 100;

/** The session of a page. Nothing is read before somebody looks at `state`; then `starting` comes first. */
export function createSession(deps: SessionDependencies): Session {
  return new WalletSession(deps);
}

class WalletSession implements Session {
  readonly #deps: SessionDependencies;
  readonly #listeners = new Set<() => void>();
  readonly #delays: UnlockDelays;
  readonly #lane = new Lane();
  readonly #autoLock: AutoLock;
  #state: SessionState = { kind: "starting" };
  #opened: Opened | undefined;

  constructor(deps: SessionDependencies) {
    this.#deps = deps;
    this.#delays = new UnlockDelays(deps.nowMs);
    this.#autoLock = new AutoLock(deps.nowMs, () => this.lock());
    void this.#begin();
  }

  get state(): SessionState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async lookAgain(): Promise<void> {
    if (this.#state.kind === "unusable") await this.#begin();
  }

  async create(passphrase: string): Promise<void> {
    await this.#open(() => this.#deps.vault.create(passphrase));
  }

  async unlock(passphrase: string): Promise<void> {
    this.#delays.refuseEarly();
    try {
      await this.#open(() => this.#deps.vault.unlock(passphrase));
    } catch (error) {
      if (error instanceof VaultError && error.code === "wrong-passphrase") {
        this.#delays.noteFailure(error.retryAfterMs);
        this.#set(this.#lockedState());
      } else if (error instanceof VaultError && error.code === "damaged") {
        this.#set({ kind: "damaged", problem: error.message });
      }
      throw error;
    }
    this.#delays.reset();
  }

  lock(): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    this.#close();
    this.#set(this.#lockedState());
    opened.vault.lock().catch(() => {
      // It is locked or gone already.
    });
  }

  touch(): void {
    this.#autoLock.touch();
  }

  async changePassphrase(current: string, next: string): Promise<void> {
    await this.#need().vault.changePassphrase(current, next);
  }

  async isPassphrase(passphrase: string): Promise<boolean> {
    return this.#need().vault.isPassphrase(passphrase);
  }

  async backup(passphrase: string): Promise<Uint8Array> {
    return this.#need().vault.backup(passphrase);
  }

  async restoreBackup(backup: Uint8Array, backupPassphrase: string, passphrase: string): Promise<void> {
    await this.#open(() => this.#deps.vault.restore(backup, backupPassphrase, passphrase));
  }

  async salvage(passphrase: string): Promise<Salvaged> {
    const { vault } = this.#deps;
    if (vault.salvage === undefined) throw new VaultError("damaged", "Nothing can be read of this vault any more.");
    return vault.salvage(passphrase);
  }

  async destroy(): Promise<void> {
    this.#close();
    await this.#deps.vault.destroy();
    this.#set({ kind: "absent" });
  }

  async changeSettings(change: Partial<WalletSettings>): Promise<void> {
    const { stored } = await this.#change((opened) => withSettings(opened.stored, change));
    this.#autoLock.begin(stored.settings.autoLockMinutes);
  }

  async tryNetwork(place: NetworkPlace): Promise<NetworkFacts> {
    return factsAt(place, this.#deps);
  }

  async saveNetwork(place: NetworkPlace & { readonly name: string; readonly id?: string }): Promise<SavedNetwork> {
    const network = await networkAt(place, this.#need().stored, () => this.#newId(), this.#deps);
    await this.#change(({ stored }) => withNetwork(stored, network));
    if (this.#need().active?.network.id === network.id) await this.#activate(this.#need().stored.activeAccountId);
    return network;
  }

  async removeNetwork(id: string): Promise<void> {
    await this.#change(({ stored }) => withoutNetwork(stored, id));
  }

  retryNow(): void {
    this.#opened?.active?.wake();
  }

  async acceptOtherChain(): Promise<void> {
    const opened = this.#need();
    const network = opened.active?.network;
    if (network === undefined) return;
    await this.#stopActive();
    const wallets = new Set(opened.stored.wallets.flatMap((one) => (one.networkId === network.id ? [one.id] : [])));
    const accounts = opened.stored.accounts.filter(({ walletId }) => wallets.has(walletId));
    const rows = await Promise.all(accounts.map(({ id }) => opened.vault.list("transactions", `${id}/`)));
    const removed = rows.flat().map(({ key }): VaultChange => ({ collection: "transactions", key }));
    await this.#change(({ stored }) => withoutChain(stored, network.id, removed));
    await this.#activate(opened.stored.activeAccountId);
  }

  newPhrase(wordCount: 12 | 24): string {
    return newPhrase(wordCount, this.#deps);
  }

  async addPhraseWallet(wallet: NewPhraseWallet): Promise<void> {
    const network = networkIn(this.#need().stored, wallet.networkId);
    await this.#addWallet(phraseWallet(wallet, network, this.#newId()));
  }

  async addWatchWallet(wallet: NewWatchWallet): Promise<void> {
    const network = networkIn(this.#need().stored, wallet.networkId);
    await this.#addWallet(watchWallet(wallet, network, this.#newId(), this.#deps));
  }

  readWatched(text: string, networkId: string): WatchedFacts | { readonly error: string } {
    return watchedFacts(text, networkIn(this.#need().stored, networkId), this.#deps);
  }

  async renameWallet(id: string, name: string): Promise<void> {
    await this.#change(({ stored }) => renamedWallet(stored, id, name));
    this.#refreshActive();
  }

  async removeWallet(id: string): Promise<void> {
    const { stored } = this.#need();
    walletIn(stored, id);
    await this.#removeAccounts(stored.accounts.flatMap((one) => (one.walletId === id ? [one.id] : [])));
  }

  async revealPhrase(walletId: string, passphrase: string): Promise<string> {
    return (await this.#revealed(walletId, passphrase)).words;
  }

  async privateDescriptors(accountId: string, passphrase: string): Promise<readonly string[]> {
    const { stored } = this.#need();
    const account = accountIn(stored, accountId);
    const phrase = await this.#revealed(account.walletId, passphrase);
    const prefixes = prefixesOf(networkIn(stored, walletIn(stored, account.walletId).networkId));
    const { descriptors } = accountStateOf(account.state);
    return privatePhraseDescriptors(phrase, account.index ?? 0, descriptors, prefixes);
  }

  async #revealed(walletId: string, passphrase: string): Promise<Phrase> {
    const { vault, stored } = this.#need();
    if (walletIn(stored, walletId).kind === "watch") throw new Error(NO_PHRASE);
    if (!(await vault.isPassphrase(passphrase)))
      throw new VaultError("wrong-passphrase", "This is not the passphrase.");
    const phrase = await phraseOf(walletId, vault);
    if (phrase === undefined) throw new Error(NO_PHRASE);
    return phrase;
  }

  async addAccount(walletId: string, name: string): Promise<void> {
    const { vault, stored } = this.#need();
    const wallet = walletIn(stored, walletId);
    const phrase = await phraseOf(walletId, vault);
    if (phrase === undefined) throw new Error("A wallet that watches has one account: add another wallet.");
    const used = stored.accounts.flatMap((one) => (one.walletId === walletId ? [one.index ?? 0] : []));
    const index = Math.max(-1, ...used) + 1;
    if (index >= ACCOUNTS_MAX) throw new Error(`A wallet has at most ${ACCOUNTS_MAX} accounts.`);
    const descriptors = phraseDescriptors(phrase, index, prefixesOf(networkIn(stored, wallet.networkId)));
    const { account } = await this.#change((opened) =>
      withAccount(opened.stored, { walletId, index, name, descriptors }),
    );
    await this.#activate(account.id);
  }

  async renameAccount(id: string, name: string): Promise<void> {
    const { active } = this.#need();
    if (active?.keeper.stored.id === id) await active.rename(nameOf(name, "the account"));
    else await this.#change(({ stored }) => renamedAccount(stored, id, name));
    this.#refreshActive();
  }

  async removeAccount(id: string): Promise<void> {
    const { stored } = this.#need();
    const { walletId } = accountIn(stored, id);
    if (stored.accounts.filter((one) => one.walletId === walletId).length === 1)
      throw new Error("This is the wallet's only account: remove the wallet.");
    await this.#removeAccounts([id]);
  }

  async activateAccount(id: string): Promise<void> {
    accountIn(this.#need().stored, id);
    await this.#activate(id);
  }

  contacts(): readonly Contact[] {
    return this.#opened?.stored.contacts ?? [];
  }

  async saveContact(contact: Omit<Contact, "id"> & { readonly id?: string }): Promise<Contact> {
    const id = contact.id ?? this.#newId();
    const change = await this.#change(({ stored }) => withContact(stored, { ...contact, id }));
    this.#refreshActive();
    return change.contact;
  }

  async removeContact(id: string): Promise<void> {
    await this.#change(({ stored }) => withoutContact(stored, id));
    this.#refreshActive();
  }

  async #begin(): Promise<void> {
    try {
      const state = await this.#deps.vault.state();
      if (state.kind === "absent") this.#set({ kind: "absent" });
      else if (state.kind === "damaged") this.#set({ kind: "damaged", problem: state.problem });
      else this.#set(this.#lockedState());
    } catch (error) {
      this.#set(unlookedState(error));
    }
  }

  #lockedState(): SessionState {
    return { kind: "locked", failures: this.#delays.failures, waitUntilMs: this.#delays.waitUntilMs };
  }

  async #open(open: () => Promise<OpenVault>): Promise<void> {
    const vault = await open();
    this.#close();
    try {
      const stored = await readStored(vault);
      this.#opened = { vault, stored, active: undefined, connection: { kind: "none" } };
      const first = nextAccount(stored, stored.activeAccountId ?? "");
      this.#autoLock.begin(stored.settings.autoLockMinutes);
      await this.#activate(first?.id);
    } catch (error) {
      this.#close();
      await vault.lock().catch(() => {});
      if (!(error instanceof VaultError)) this.#set({ kind: "damaged", problem: sentenceOf(error) });
      throw error;
    }
  }

  /** Ends what runs and forgets what is in memory. */
  #close(): void {
    this.#autoLock.stop();
    this.#opened?.active?.stop();
    this.#opened = undefined;
  }

  #need(): Opened {
    if (this.#opened === undefined) throw new VaultError("locked", "The wallet is locked: unlock it first.");
    return this.#opened;
  }

  /** Decides, writes, and only then has it in memory and tells. */
  async #change<Change extends BookChange>(decide: (opened: Opened) => Change): Promise<Change> {
    const made = await this.#lane.run(async () => {
      const opened = this.#need();
      const change = decide(opened);
      if (change.changes.length > 0) await opened.vault.write(change.changes);
      opened.stored = change.stored;
      return change;
    });
    this.#tell();
    return made;
  }

  async #addWallet(added: AddedWallet): Promise<void> {
    const { account } = await this.#change(({ stored }) => withWallet(stored, added));
    await this.#activate(account.id);
  }

  async #removeAccounts(ids: readonly string[]): Promise<void> {
    const opened = this.#need();
    const isActive = opened.active !== undefined && ids.includes(opened.active.keeper.stored.id);
    if (isActive) await this.#stopActive();
    const rows = await Promise.all(ids.map((id) => accountRows(id, opened.vault)));
    await this.#change(({ stored }) => withoutAccounts(stored, ids, rows.flat()));
    if (isActive) await this.#activate(nextAccount(opened.stored, ids[0]!)?.id);
  }

  /** Nothing of it is written any more when this resolves. */
  async #stopActive(): Promise<void> {
    const opened = this.#need();
    const { active } = opened;
    active?.stop();
    opened.active = undefined;
    opened.connection = { kind: "none" };
    await active?.settled();
  }

  /** Follows an account, and remembers that it is the one on screen. */
  async #activate(id: string | undefined): Promise<void> {
    const opened = this.#need();
    await this.#stopActive();
    if (opened.stored.activeAccountId !== id) await this.#change(({ stored }) => withActive(stored, id));
    if (id !== undefined) {
      const account = accountIn(opened.stored, id);
      const wallet = walletIn(opened.stored, account.walletId);
      const network = networkIn(opened.stored, wallet.networkId);
      const active = await ActiveAccount.open({ account, wallet, network, vault: opened.vault }, this.#deps, {
        onChanged: () => this.#noteActive(active),
        onConnection: (connection) => {
          if (this.#opened?.active !== active) return;
          opened.connection = connection;
          this.#tell();
        },
        onFirstBlock: (hash) => this.#noteFirstBlock(network.id, hash),
        onLocked: () => this.#noteLocked(),
        summaries: () => summariesOf(opened.stored),
        contacts: () => opened.stored.contacts,
        signers: () => signersOf(opened.stored, network.id),
      });
      // Another one was chosen, or the vault locked, while this one was read.
      if (this.#opened !== opened || opened.stored.activeAccountId !== id) return active.stop();
      opened.active = active;
      active.start();
    }
    this.#tell();
  }

  /** Its account's record was written by itself. */
  #noteActive(active: ActiveAccount): void {
    const opened = this.#opened;
    if (opened?.active !== active) return;
    const { stored: account } = active.keeper;
    const accounts = opened.stored.accounts.map((one) => (one.id === account.id ? account : one));
    opened.stored = { ...opened.stored, accounts };
    active.refresh();
    this.#tell();
  }

  #refreshActive(): void {
    this.#opened?.active?.refresh();
    this.#tell();
  }

  async #noteFirstBlock(networkId: string, hash: string): Promise<void> {
    await this.#change(({ stored }) => withFirstBlock(stored, networkId, hash));
  }

  /** By somebody else: what is open is closed. */
  #noteLocked(): void {
    if (this.#opened === undefined) return;
    this.#close();
    this.#set(this.#lockedState());
  }

  #tell(): void {
    if (this.#opened !== undefined) this.#set(openStateOf(this.#opened));
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }

  #newId(): string {
    return toHex(this.#deps.randomBytes(ID_SIZE));
  }
}

const NO_PHRASE = "This wallet only watches: it has no phrase.";
