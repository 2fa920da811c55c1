import { rememberingSignatures } from "@bitfleet/protocol/crypto/verified-signatures.ts";
import type { OpenVault } from "@bitfleet/vault/vault.ts";
import type { Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { type Phrase, phraseSecrets } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { addPhraseKeys, namesFingerprint } from "@bitfleet/wallet/self-custody/phrase-psbt.ts";
import { addCosignerKeys } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { inTurns, type Steps } from "@bitfleet/wallet/steps.ts";
import type { ChainSource } from "../network/chain-source.ts";
import type { Account, Watch } from "./account.ts";
import { AccountKeeper } from "./account-keeper.ts";
import { AccountPayments } from "./account-payments.ts";
import { keySweep, type SweepDependencies } from "./account-sweep.ts";
import { accountView } from "./account-view.ts";
import { Follower } from "./follower.ts";
import { Lane } from "./lane.ts";
import { Prover } from "./prover.ts";
import type { CosignerSummary, SavedNetwork, SharedSummary, WalletSummary } from "./records.ts";
import type { Contact, NetworkConnection } from "./session.ts";
import { paramsOf, prefixesOf, type SessionDependencies } from "./session-dependencies.ts";
import { custodyOptions, phraseOf, type StoredAccount, type StoredWallet } from "./stored-wallets.ts";

export interface ActiveEvents {
  /** The account is another one now: a new view of it is wanted. */
  onChanged(): void;
  onConnection(connection: NetworkConnection): void;
  onFirstBlock(hash: string): Promise<void>;
  /** All is known that a server has of the account; `signal` aborts when it is no longer followed. */
  onLooked(source: ChainSource, signal: AbortSignal): void;
  /** Somebody else has locked the vault. */
  onLocked(): void;
  summaries(): readonly WalletSummary[];
  contacts(): readonly Contact[];
  /** Wallets of this device that have a phrase, and the fingerprints of their master keys: any of them may be a cosigner. */
  signers(): readonly Signer[];
}

export interface Signer {
  readonly walletId: string;
  readonly fingerprints: ReadonlySet<string>;
}

export interface ActiveParts {
  readonly account: StoredAccount;
  readonly wallet: StoredWallet;
  readonly network: SavedNetwork;
  readonly vault: OpenVault;
}

/** Of some payments of as many coins as one can have: each is looked at in several steps. */
const SIGNATURES_REMEMBERED = 5_000;
/** Numbers of 52 bits: as many as a fraction has. */
const UNIT_BYTES = 7;

/** The account on screen, with what follows it and what is done with it. */
export class ActiveAccount {
  readonly keeper: AccountKeeper;
  readonly network: SavedNetwork;
  readonly #follower: Follower;
  readonly #payments: AccountPayments;
  readonly #sweeps: SweepDependencies;
  readonly #events: ActiveEvents;
  readonly #wallet: StoredWallet;
  readonly #vault: OpenVault;
  readonly #deps: SessionDependencies;
  readonly #lane = new Lane();
  readonly #ending = new AbortController();
  #tipTime = 0;
  #account: Account;

  static async open(parts: ActiveParts, deps: SessionDependencies, events: ActiveEvents): Promise<ActiveAccount> {
    const { account, wallet, network, vault } = parts;
    const secp256k1 = rememberingSignatures(deps.secp256k1, SIGNATURES_REMEMBERED);
    const context = { prefixes: prefixesOf(network), secp256k1 };
    const keeper = await AccountKeeper.open(account, vault, custodyOptions(wallet), context, { turns: deps.turns });
    return new ActiveAccount(keeper, parts, deps, events);
  }

  private constructor(keeper: AccountKeeper, parts: ActiveParts, deps: SessionDependencies, events: ActiveEvents) {
    this.keeper = keeper;
    this.network = parts.network;
    this.#wallet = parts.wallet;
    this.#vault = parts.vault;
    this.#deps = deps;
    this.#events = events;
    const context = () => ({ keeper, contacts: events.contacts() });
    const source = () => this.#follower.source;
    const lead = <Result>(steps: Steps<Result>, watch: Watch | undefined) => this.#lead(steps, watch);
    const exclusively = <Result>(work: () => Promise<Result>) => this.#exclusively(work);
    const onChanged = () => events.onChanged();
    const { nowMs } = deps;
    const prover = new Prover({ keeper, params: paramsOf(parts.network), exclusively, onChanged, nowMs });
    this.#follower = new Follower(
      keeper,
      parts.network,
      {
        onConnection: (connection) => {
          if (connection.kind === "live") this.#tipTime = connection.facts.tipTime;
          events.onConnection(connection);
        },
        onAccount: onChanged,
        onFirstBlock: (hash) => events.onFirstBlock(hash),
        onLooked: (source, signal) => {
          prover.begin(source, signal);
          events.onLooked(source, signal);
        },
        onLocked: () => events.onLocked(),
      },
      { ...deps, exclusively },
    );
    this.#payments = new AccountPayments(keeper, {
      context,
      chain: parts.network.chain,
      source,
      tip: () => ({ height: keeper.custody.tipHeight, time: this.#tipTime }),
      secrets: () => this.#secrets(),
      lead,
      exclusively,
      nowMs: deps.nowMs,
      unit: () => this.#unit(),
      signal: this.#ending.signal,
      onAnswered: (txid) => this.#follower.noteSent(txid),
      onMade: () => {
        events.onChanged();
        this.#follower.wake();
      },
    });
    this.#sweeps = { context, payments: this.#payments, source, lead, nowMs, signal: this.#ending.signal };
    this.#account = this.#view();
  }

  start(): void {
    this.#follower.start();
  }

  stop(): void {
    this.#ending.abort(new Error("The wallet was locked, or another account chosen."));
    this.#follower.stop();
  }

  wake(): void {
    this.#follower.wake();
  }

  /** See {@link Follower.endSearch}. */
  async endSearch(): Promise<void> {
    await this.#follower.endSearch();
  }

  /** When it was stopped: nothing is written any more. */
  async settled(): Promise<void> {
    await this.#lane.run(async () => {});
  }

  async rename(name: string): Promise<void> {
    await this.#exclusively(() => this.keeper.rename(name));
    this.#events.onChanged();
  }

  get account(): Account {
    return this.#account;
  }

  /** Makes a new view: something that it shows is another one now. */
  refresh(): void {
    this.#account = this.#view();
  }

  #view(): Account {
    const { keeper } = this;
    return accountView({
      keeper,
      payments: this.#payments,
      wallet: this.#summary(),
      contacts: this.#events.contacts(),
      chain: this.network.chain,
      exclusively: (work) => this.#exclusively(work),
      secrets: () => this.#secrets(),
      ownSecrets: async () => (this.#hasKeys() ? this.#secrets() : new SigningMaterial()),
      addNamedSecrets: (psbt, found, watch) => this.#addNamedSecrets(psbt, found, watch),
      lead: (steps, watch) => this.#lead(steps, watch),
      sweepKey: (text, signal) => keySweep(text, this.#sweeps, signal),
      fingerprints: new Set(this.#events.signers().flatMap(({ fingerprints }) => [...fingerprints])),
      cosigners: this.#cosigners(),
      onChanged: () => this.#events.onChanged(),
    });
  }

  #summary(): WalletSummary {
    const { id, name, networkId, kind, gapLimit, removed } = this.#wallet;
    const found = this.#events.summaries().find((one) => one.id === id);
    return (
      found ?? { id, name, networkId, kind, gapLimit, removedCount: removed.length, shared: undefined, accounts: [] }
    );
  }

  /** Of shared wallets of this network; its own come first, whatever others call the same keys. */
  #cosigners(): readonly CosignerSummary[] {
    const own = this.#summary().shared?.cosigners ?? [];
    const others = this.#events.summaries().filter(({ networkId }) => networkId === this.network.id);
    return [...own, ...others.flatMap(({ shared }) => shared?.cosigners ?? [])];
  }

  /** Whether a phrase of this device signs for it, alone or with others. */
  #hasKeys(): boolean {
    const { kind, shared } = this.#summary();
    return kind === "phrase" || shared?.cosigners.some(({ ownerId }) => ownerId !== undefined) === true;
  }

  async #exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#lane.run(async () => {
      this.#ending.signal.throwIfAborted();
      return work();
    });
  }

  /** Derived for one use out of the vault, which must be open. */
  async #secrets(): Promise<SigningMaterial> {
    const { shared } = this.#summary();
    if (shared !== undefined && this.#hasKeys()) return this.#sharedSecrets(shared);
    const { index } = this.keeper.stored;
    const phrase = await this.#phrase();
    if (phrase === undefined || index === undefined)
      throw new Error("This wallet only watches: make a PSBT, and sign it where the keys are.");
    return phraseSecrets(phrase, index, this.keeper.custody.context);
  }

  /** The keys of a shared wallet that phrases of this device have. */
  async #sharedSecrets({ cosigners }: SharedSummary): Promise<SigningMaterial> {
    const found = new SigningMaterial();
    try {
      for (const ownerId of new Set(cosigners.map((one) => one.ownerId))) {
        const phrase = ownerId === undefined ? undefined : await phraseOf(ownerId, this.#vault);
        this.#ending.signal.throwIfAborted();
        if (phrase !== undefined) addCosignerKeys(phrase, cosigners, found, this.keeper.custody.context);
      }
      return found;
    } catch (error) {
      found.wipe();
      throw error;
    }
  }

  async #addNamedSecrets(psbt: Psbt, found: SigningMaterial, watch: Watch | undefined): Promise<void> {
    for (const { walletId, fingerprints } of this.#events.signers()) {
      const isNamed = psbt.inputs.some((input) => [...fingerprints].some((one) => namesFingerprint(input, one)));
      const phrase = isNamed ? await phraseOf(walletId, this.#vault) : undefined;
      if (phrase === undefined) continue;
      await this.#lead(addPhraseKeys(psbt, phrase, found, this.keeper.custody.context), watch);
    }
  }

  /** In turns with the page, until the vault is locked or whoever waits has enough of it. */
  #lead<Result>(steps: Steps<Result>, watch: Watch | undefined): Promise<Result> {
    const { turns } = this.#deps;
    const throwIfAborted = () => {
      this.#ending.signal.throwIfAborted();
      watch?.signal?.throwIfAborted();
    };
    return inTurns(steps, { turns, signal: { throwIfAborted }, onStep: watch?.onStep });
  }

  async #phrase(): Promise<Phrase | undefined> {
    this.#ending.signal.throwIfAborted();
    return phraseOf(this.#wallet.id, this.#vault);
  }

  #unit(): number {
    let value = 0;
    for (const byte of this.#deps.randomBytes(UNIT_BYTES)) value = value * 256 + byte;
    return (value % 2 ** 52) / 2 ** 52;
  }
}
