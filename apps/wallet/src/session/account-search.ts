import type { OpenVault } from "@bitfleet/vault/vault.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { type AccountContext, CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { inTurns } from "@bitfleet/wallet/steps.ts";
import type { ChainSource } from "../network/chain-source.ts";
import { AccountKeeper } from "./account-keeper.ts";
import { type Look, look } from "./look.ts";
import type { Opened } from "./opened.ts";
import { withSearched } from "./search-book.ts";
import { prefixesOf, type SessionDependencies } from "./session-dependencies.ts";
import { custodyOptions, phraseOf, type StoredAccount, type StoredWallet } from "./stored-wallets.ts";
import { ACCOUNTS_MAX, type BookChange, networkIn, walletIn, withAccount, withKept } from "./wallet-book.ts";
import { noteSearched } from "./wallet-contents.ts";

/** So many accounts in a row that nobody ever paid end the search. BIP44 says one; this app lets somebody use a later one alone. */
const UNUSED_MAX = 2;
/** What failed may fail again for the same reason, an account that is too large for one: it is not tried with each look. */
const RETRY_MS = 10 * 60_000;

/** Where and with what it looks. */
interface SearchedPlace {
  readonly source: ChainSource;
  readonly signal: AbortSignal;
  /** Nothing new is to be looked at any more. */
  readonly enough: AbortSignal;
  readonly context: AccountContext;
}

/** What it needs of the session. */
export interface SearchedSession {
  readonly deps: Pick<SessionDependencies, "secp256k1" | "nowMs" | "turns">;
  readonly opened: Opened | undefined;
  need(): Opened;
  tell(): void;
  change(decide: (opened: Opened) => BookChange): Promise<BookChange>;
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Looks for further accounts of a phrase that was restored: what is in them is the phrase's, too (BIP44, "account discovery"). */
export class AccountSearch {
  readonly #session: SearchedSession;
  #underWay: Promise<void> | undefined;
  #enough = new AbortController();
  /** Calls that end what is under way, during which none begins. */
  #endCount = 0;
  /** The last one that failed, by its signal: whoever unlocks or changes the account has it tried at once. */
  #failed: { readonly signal: AbortSignal; readonly atMs: number } | undefined;

  constructor(session: SearchedSession) {
    this.#session = session;
  }

  /**
   * Goes on with the search of a wallet where it is not done; answers at once. What breaks it off leaves it to the next call. `signal`: for as long as
   * the server is the network's and the vault open.
   */
  begin(walletId: string, source: ChainSource, signal: AbortSignal): void {
    const wallet = this.#session.opened?.stored.wallets.find(({ id }) => id === walletId);
    if (this.#underWay !== undefined || this.#endCount > 0 || wallet?.isSearched !== false) return;
    const { nowMs } = this.#session.deps;
    const sinceFailureMs = signal === this.#failed?.signal ? Math.abs(nowMs() - this.#failed.atMs) : RETRY_MS;
    if (sinceFailureMs < RETRY_MS) return;
    this.#underWay = this.#search(wallet, source, signal)
      .catch(() => {
        this.#failed = { signal, atMs: nowMs() };
      })
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  /** Ends what is under way: accounts that were found are kept. None begins until `work` is done, which then says what becomes of the wallet's search. */
  async whileEnded<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#endCount++;
    this.#enough.abort();
    try {
      await this.#underWay;
      return await work();
    } finally {
      if (--this.#endCount === 0) this.#enough = new AbortController();
    }
  }

  async #search(wallet: StoredWallet, source: ChainSource, signal: AbortSignal): Promise<void> {
    const { vault, stored } = this.#session.need();
    const enough = this.#enough.signal;
    const context = {
      prefixes: prefixesOf(networkIn(stored, wallet.networkId)),
      secp256k1: this.#session.deps.secp256k1,
    };
    const phrase = await phraseOf(wallet.id, vault);
    const { turns } = this.#session.deps;
    let unusedCount = 0;
    for (let index = 0; phrase !== undefined && index < ACCOUNTS_MAX && unusedCount < UNUSED_MAX; index++) {
      if (enough.aborted) return;
      const known = this.#known(wallet.id, index);
      if (known !== undefined || wallet.removed.includes(index)) {
        unusedCount = 0;
        if (known !== undefined) await this.#lookAgain(known.id, wallet, { source, signal, enough, context });
        continue;
      }
      const descriptors = phraseDescriptors(phrase, index, context.prefixes);
      const custody = new CustodyAccount(newAccount(descriptors), custodyOptions(wallet), context);
      await inTurns(custody.widen(), { turns, signal });
      const seen = await look(custody, source, signal, { enough });
      if (seen.snapshot.transactions.length === 0) {
        unusedCount++;
        continue;
      }
      unusedCount = 0;
      await this.#session.inTurn(async () => {
        signal.throwIfAborted();
        if (this.#known(wallet.id, index) === undefined)
          await this.#keep({ walletId: wallet.id, index, custody, seen }, vault, enough);
      });
    }
    signal.throwIfAborted();
    if (enough.aborted) return;
    const asked = this.#session.need().furtherSearch;
    await this.#session.change((opened) => withSearched(opened.stored, wallet.id));
    // Another one may have been asked for meanwhile: this is not its end.
    if (this.#session.opened?.furtherSearch === asked) await noteSearched(this.#session, wallet.id);
  }

  #known(walletId: string, index: number): StoredAccount | undefined {
    return this.#session.need().stored.accounts.find((one) => one.walletId === walletId && one.index === index);
  }

  /**
   * An account that is here and not on screen: it may have more behind a longer gap. The one on screen was looked at before this search began, and one that comes
   * on screen meanwhile is looked at there.
   */
  async #lookAgain(id: string, wallet: StoredWallet, place: SearchedPlace): Promise<void> {
    const { source, signal, enough, context } = place;
    const { nowMs, turns } = this.#session.deps;
    const isOnScreen = () => this.#session.need().active?.keeper.stored.id === id;
    const current = () => this.#session.need().stored.accounts.find((one) => one.id === id);
    const keep = (keeper: AccountKeeper) => this.#session.change((opened) => withKept(opened.stored, keeper.stored));
    const keeper = await this.#session.inTurn(async () => {
      const account = current();
      if (account === undefined || isOnScreen()) return undefined;
      const { vault } = this.#session.need();
      const opened = await AccountKeeper.open(account, vault, custodyOptions(wallet), context, { turns, signal });
      await keep(opened);
      return opened;
    });
    if (keeper === undefined) return;
    const { custody } = keeper;
    await inTurns(custody.widen(), { turns, signal });
    const seen = await look(custody, source, signal, { enough, isSearch: true });
    await this.#session.inTurn(async () => {
      signal.throwIfAborted();
      if (isOnScreen() || current() !== keeper.stored) return;
      custody.noteLooked(seen.ranges, seen.farNext);
      if (!enough.aborted) custody.settleDoubts();
      await keeper.takeSnapshot(seen.snapshot, seen.fees, Math.floor(nowMs() / 1000), { turns });
      await keep(keeper);
    });
  }

  /** Its record is written last: where that is interrupted, the next search finds the account anew. */
  async #keep(
    found: {
      readonly walletId: string;
      readonly index: number;
      readonly custody: CustodyAccount;
      readonly seen: Look;
    },
    vault: OpenVault,
    enough: AbortSignal,
  ): Promise<void> {
    const { walletId, index, custody, seen } = found;
    const { stored, found: foundAccounts } = this.#session.need();
    walletIn(stored, walletId);
    const { descriptors } = custody;
    const { account } = withAccount(stored, { walletId, index, name: `Account ${index + 1}`, descriptors });
    const keeper = AccountKeeper.begin(account, vault, custody);
    custody.noteLooked(seen.ranges);
    // Ended before its end it says nothing of older kinds of addresses: they are looked at when the account is on screen.
    if (!enough.aborted) custody.settleDoubts();
    const { nowMs, turns } = this.#session.deps;
    await keeper.takeSnapshot(seen.snapshot, seen.fees, Math.floor(nowMs() / 1000), { turns });
    foundAccounts.push(account.id);
    await this.#session.change((opened) => withKept(opened.stored, keeper.stored));
  }
}
