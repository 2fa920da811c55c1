import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { AccountSearch } from "./account-search.ts";
import { ActiveAccount } from "./active-account.ts";
import { noteOwners } from "./cosigner-owners.ts";
import { Lane } from "./lane.ts";
import { type Opened, openStateOf } from "./opened.ts";
import type { SessionState } from "./session.ts";
import type { SessionDependencies } from "./session-dependencies.ts";
import { type Stored, type StoredWallet, signersOf, summariesOf } from "./stored-wallets.ts";
import { accountIn, type BookChange, networkIn, walletIn, withActive, withFirstBlock } from "./wallet-book.ts";

/** Bytes of a name that is made here. */
const ID_SIZE = 8;

/** What all parts of a session share: the state that screens see, what is in memory while the vault is open, and the account that is followed. */
export class SessionCore {
  readonly deps: SessionDependencies;
  /** Somebody else has locked the vault. */
  onLocked: () => void = () => {};
  readonly #listeners = new Set<() => void>();
  readonly #lane = new Lane();
  readonly #search = new AccountSearch(this);
  #state: SessionState = { kind: "starting" };
  #opened: Opened | undefined;
  /** The latest call that another account be on screen. */
  #latestCall = 0;

  constructor(deps: SessionDependencies) {
    this.deps = deps;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Tells of each new state, until the answer is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }

  /** What is open is another one now. */
  tell(): void {
    if (this.#opened !== undefined) this.set(openStateOf(this.#opened));
  }

  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** Throws `VaultError` `locked` where nothing is open. */
  need(): Opened {
    if (this.#opened === undefined) throw new VaultError("locked", "The wallet is locked: unlock it first.");
    return this.#opened;
  }

  begin(opened: Omit<Opened, "turns" | "found" | "strangers" | "furtherSearch">): void {
    const furtherSearch = interruptedSearch(opened.stored);
    this.#opened = { ...opened, turns: new Lane(), found: [], strangers: new Set(), furtherSearch };
  }

  /** Ends what runs and forgets what is in memory. */
  close(): void {
    this.#opened?.active?.stop();
    this.#opened = undefined;
  }

  /** Ends the search for further accounts; none begins until `work` is done. */
  async whileSearchEnded<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#search.whileEnded(work);
  }

  newId(): string {
    return toHex(this.deps.randomBytes(ID_SIZE));
  }

  /** Decides, writes, and only then has it in memory and tells. */
  async change<Change extends BookChange>(decide: (opened: Opened) => Change): Promise<Change> {
    const made = await this.#lane.run(async () => {
      const opened = this.need();
      const before = opened.stored;
      const change = decide(opened);
      if (change.changes.length > 0) await opened.vault.write(change.changes);
      opened.stored = withLatest(change.stored, before, opened.stored);
      return change;
    });
    this.tell();
    return made;
  }

  /**
   * When all earlier ones are done: what stops, opens or removes accounts. Two at once would leave two that follow the same account, each writing over what the
   * other has written, or one that writes back what was removed.
   */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.need().turns.run(work);
  }

  /** {@link activate} in its turn, but for one that a later call overtakes. */
  async show(id: string): Promise<void> {
    const call = ++this.#latestCall;
    await this.inTurn(async () => {
      if (call !== this.#latestCall) return;
      accountIn(this.need().stored, id);
      await this.activate(id);
    });
  }

  /** Nothing of it is written any more when this resolves. In a turn. */
  async stopActive(): Promise<void> {
    const opened = this.need();
    const { active } = opened;
    active?.stop();
    opened.active = undefined;
    opened.connection = { kind: "none" };
    await active?.settled();
  }

  /** Follows an account, and remembers that it is the one on screen. In a turn. */
  async activate(id: string | undefined): Promise<void> {
    const opened = this.need();
    await this.stopActive();
    if (opened.stored.activeAccountId !== id) await this.change(({ stored }) => withActive(stored, id));
    if (id !== undefined) {
      const account = accountIn(opened.stored, id);
      await noteOwners(this, account.walletId);
      const wallet = walletIn(opened.stored, account.walletId);
      const network = networkIn(opened.stored, wallet.networkId);
      const active = await ActiveAccount.open({ account, wallet, network, vault: opened.vault }, this.deps, {
        onChanged: () => this.#note(active, opened),
        onConnection: (connection) => {
          if (this.#opened?.active !== active) return;
          opened.connection = connection;
          this.tell();
        },
        onFirstBlock: (hash) => this.#noteFirstBlock(network.id, hash),
        onLooked: (source, signal) => this.#search.begin(wallet.id, source, signal),
        onLocked: () => {
          if (this.#opened === opened) this.onLocked();
        },
        summaries: () => summariesOf(opened.stored),
        contacts: () => opened.stored.contacts,
        signers: () => signersOf(opened.stored, network.id),
      });
      // The vault was locked while it was read.
      if (this.#opened !== opened) return active.stop();
      opened.active = active;
      active.start();
    }
    this.tell();
  }

  /** Something that the account on screen shows besides its own is another one now. */
  refreshActive(): void {
    this.#opened?.active?.refresh();
    this.tell();
  }

  /** Its account's record was written by itself. Also where it was stopped meanwhile: the account is read from here when it is on screen again. */
  #note(active: ActiveAccount, opened: Opened): void {
    const { stored: account } = active.keeper;
    const accounts = opened.stored.accounts.map((one) => (one.id === account.id ? account : one));
    opened.stored = { ...opened.stored, accounts };
    if (this.#opened?.active !== active) return;
    active.refresh();
    this.tell();
  }

  async #noteFirstBlock(networkId: string, hash: string): Promise<void> {
    await this.change(({ stored }) => withFirstBlock(stored, networkId, hash));
  }
}

/** The search that was under way when the vault was locked goes on, and is told of as before: that of the wallet on screen first. */
function interruptedSearch({ wallets, activeAccountId }: Stored): Opened["furtherSearch"] {
  const isShown = ({ id }: StoredWallet) => activeAccountId?.startsWith(`${id}:`) === true;
  const searched = wallets.filter(({ search }) => search !== undefined);
  const wallet = searched.find(isShown) ?? searched[0];
  if (wallet?.search === undefined) return undefined;
  return { walletId: wallet.id, gapLimit: wallet.gapLimit, before: wallet.search.before, found: undefined };
}

/** What was decided, with the accounts that have written themselves since then. */
function withLatest(decided: Stored, before: Stored, now: Stored): Stored {
  const accounts = decided.accounts.map((one) =>
    before.accounts.includes(one) ? (now.accounts.find(({ id }) => id === one.id) ?? one) : one,
  );
  return { ...decided, accounts };
}
