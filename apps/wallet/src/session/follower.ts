import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { GAP_LIMIT } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { DishonestAnswer } from "@bitfleet/wallet/self-custody/snapshot.ts";
import { isToBeSentAgain, toBeSentAgain } from "@bitfleet/wallet/self-custody/snapshot-rules.ts";
import { inTurns, type Turns } from "@bitfleet/wallet/steps.ts";
import { type ChainSource, type ChainTip, type ServerFacts, SourceProblem } from "../network/chain-source.ts";
import { type Connected, connect } from "../network/connect.ts";
import type { SourceDependencies } from "../network/server-place.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import { FetchedTransactions, type LookProgress, look } from "./look.ts";
import { impossibleTip, isPublicChain } from "./possible-tip.ts";
import type { SavedNetwork } from "./records.ts";
import type { NetworkConnection, NetworkFacts, RefusedReason } from "./session.ts";
import { watchedFirst } from "./watched-first.ts";

/** How long nothing is asked where events tell, and where they do not. */
const QUIET_MS = 60_000;
const POLL_MS = 15_000;
/** Where each look asks for every script by itself. */
const SCRIPT_POLL_MS = 30_000;
/** An account of thousands of addresses takes long to look at: nobody's server is kept busy by it. So many times as long nothing is asked. */
const REST_FACTOR = 4;
/** Events come in bunches: one look for all of them. */
const NEWS_DELAY_MS = 150;
/** Waits between tries while a server does not answer: twice as long each time. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
/** An account that is too large does not become smaller. */
const TOO_MANY_RETRY_MS = 10 * 60_000;
/** How long a server may have fewer blocks than were seen before, as one of several behind one address may, until its owner is asked what to do. */
const BEHIND_PATIENCE_MS = 2 * 60_000;
/** A payment that a server does not have is handed in again no sooner. */
const RESEND_MS = 30_000;

export interface FollowerEvents {
  onConnection(connection: NetworkConnection): void;
  /** The account's history or balance may have changed. */
  onAccount(): void;
  /** The first block of the network is known for the first time. */
  onFirstBlock(hash: string): Promise<void>;
  /** All is known that the server has of the account. `signal` aborts when nobody follows any more. */
  onLooked(source: ChainSource, signal: AbortSignal): void;
  /** Somebody else has locked the vault: nobody follows any more. */
  onLocked(): void;
}

export interface FollowerDependencies extends SourceDependencies {
  readonly nowMs: () => number;
  /** How the page has its turn while much is taken in. */
  readonly turns: Turns;
  /** Runs one after the other what changes the account. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** Keeps one account up with its network until it is stopped: connects, looks, listens, and comes back after every break. */
export class Follower {
  readonly #keeper: AccountKeeper;
  readonly #network: SavedNetwork;
  readonly #events: FollowerEvents;
  readonly #deps: FollowerDependencies;
  readonly #ending = new AbortController();
  readonly #sentMs = new Map<string, number>();
  /** Nothing new is to be looked at any more. */
  readonly #enough = new AbortController();
  #looking: Promise<unknown> | undefined;
  readonly #fetched = new FetchedTransactions();
  #connected: Connected | undefined;
  #wake: () => void = () => {};
  #hasNews = false;
  #failures = 0;
  /** Since when the server has had fewer blocks than were seen before. */
  #behindSinceMs: number | undefined;
  #isByEvents = false;
  #live: { readonly network: SavedNetwork; readonly facts: NetworkFacts } | undefined;
  #listening: { readonly names: string; readonly ending: AbortController } | undefined;

  constructor(keeper: AccountKeeper, network: SavedNetwork, events: FollowerEvents, deps: FollowerDependencies) {
    this.#keeper = keeper;
    this.#network = network;
    this.#events = events;
    this.#deps = deps;
  }

  /** Begins; answers at once. */
  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#ending.abort();
    this.#listening?.ending.abort();
    this.#wake();
  }

  /** Ends the search for further addresses: resolves when what it has found is taken in. Whoever calls opens the account anew, with a smaller gap limit. */
  async endSearch(): Promise<void> {
    this.#enough.abort();
    await this.#looking?.catch(() => {});
  }

  /** Looks now; where the server does not answer, asks it again now. */
  wake(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** The server, while one answers that is the network's. */
  get source(): ChainSource | undefined {
    return this.#connected?.source;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    let network = this.#network;
    while (!signal.aborted) {
      let delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures);
      try {
        if (this.#failures === 0) this.#tell({ kind: "connecting", network });
        await this.#deps.leadTo(network);
        const connected = await connect(network, this.#deps, signal);
        const refusal = this.#refusalOf(connected.facts, network);
        if (refusal !== undefined) {
          this.#tell({ kind: "refused", network, ...refusal });
        } else {
          const { firstBlock } = connected.facts;
          if (network.firstBlock === undefined && firstBlock !== undefined) {
            network = { ...network, firstBlock };
            await this.#events.onFirstBlock(firstBlock);
          }
          if (connected.facts.isCatchingUp) throw catchingUp(connected.facts);
          this.#refuseTip(connected.facts.tip, network);
          this.#connected = connected;
          await this.#follow(connected, network);
        }
      } catch (error) {
        if (signal.aborted) return;
        const connection = this.#connectionAfter(error, network);
        if (connection === undefined) return this.#events.onLocked();
        this.#tell(connection);
        if (error instanceof SourceProblem && error.kind === "too-many") delayMs = TOO_MANY_RETRY_MS;
      } finally {
        this.#connected = undefined;
        this.#live = undefined;
        this.#isByEvents = false;
        this.#listening?.ending.abort();
        this.#listening = undefined;
      }
      this.#failures++;
      this.#hasNews = false;
      await this.#wait(delayMs);
    }
  }

  /** Looks and listens until the server fails. */
  async #follow({ source, facts }: Connected, network: SavedNetwork): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      this.#hasNews = false;
      const beganMs = this.#deps.nowMs();
      const looking = this.#look(source, network);
      this.#looking = looking;
      const { tip, isMoving } = await looking;
      const tookMs = this.#deps.nowMs() - beganMs;
      // Only now it is of use: a server whose answers are not believed is asked less and less often, too.
      this.#failures = 0;
      this.#behindSinceMs = undefined;
      const resent = await this.#sendAgain(source);
      this.#listen(source);
      this.#tellLive({ network, facts: factsOf(facts, source, tip) });
      this.#events.onLooked(source, signal);
      if (isMoving || resent) this.#hasNews = true;
      const quietMs = this.#isByEvents ? QUIET_MS : source.protocol === "esplora" ? SCRIPT_POLL_MS : POLL_MS;
      if (!this.#hasNews) await this.#wait(Math.max(quietMs, tookMs * REST_FACTOR));
      // What comes in the same moment is looked at together.
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, NEWS_DELAY_MS));
    }
  }

  async #look(source: ChainSource, network: SavedNetwork): Promise<{ tip: ChainTip; isMoving: boolean }> {
    const { signal } = this.#ending;
    const { custody } = this.#keeper;
    const { turns, nowMs } = this.#deps;
    await inTurns(custody.widen(), { turns, signal });
    const newCount = custody.ranges("new").reduce((sum, { from, end }) => sum + end - from, 0);
    // For the first time, or behind longer gaps than before: all else takes no time to speak of.
    const isSearch = newCount >= GAP_LIMIT || custody.ranges("looked").length === 0;
    if (isSearch) this.#tell({ kind: "scanning", network, looked: 0, found: 0 });
    const { version } = this.#keeper;
    const onProgress = ({ looked, found }: LookProgress) => {
      if (isSearch) this.#tell({ kind: "scanning", network, looked, found });
    };
    const enough = this.#enough.signal;
    const seen = await look(custody, source, signal, { onProgress, bytes: this.#fetched, enough, isSearch });
    this.#refuseTip(seen.tip, network);
    await this.#refuseOtherChain(seen.tip, source, network);
    return this.#deps.exclusively(async () => {
      signal.throwIfAborted();
      // A payment that was made meanwhile is not in what the server said before.
      if (this.#keeper.version !== version) return { ...seen, isMoving: true };
      custody.noteLooked(seen.ranges, seen.farNext);
      // Ended before its end it says nothing of what was not looked at.
      if (!enough.aborted) custody.settleDoubts();
      await this.#keeper.takeSnapshot(seen.snapshot, seen.fees, Math.floor(nowMs() / 1000), { turns, signal });
      this.#fetched.clear();
      this.#events.onAccount();
      return seen;
    });
  }

  /** A public chain cannot have any number of blocks, and never becomes shorter. A private one may be taken back by who runs it. */
  #refuseTip(tip: ChainTip, { chain }: SavedNetwork): void {
    const impossible = impossibleTip(chain, tip, Math.floor(this.#deps.nowMs() / 1000));
    // Before anything of it is stored: a height that was taken makes every honest server one that lags behind.
    if (impossible !== undefined) throw new SourceProblem("unexpected", impossible);
    const known = this.#keeper.custody.tipHeight;
    if (tip.height >= known || !isPublicChain(chain)) return;
    const [has, seen] = [tip.height, known].map((height) => height.toLocaleString("en"));
    throw new SourceProblem("behind", `The server knows ${has} blocks, and this wallet has seen ${seen}.`);
  }

  /** What answers may become another server, or begin its chain anew, while it is followed: it is asked what it is, as at first. */
  async #refuseOtherChain({ hash }: ChainTip, source: ChainSource, { firstBlock }: SavedNetwork): Promise<void> {
    const known = this.#keeper.custody.ledger.bestBlock();
    if (firstBlock === undefined || known === undefined || displayHash(known.hash) === hash) return;
    if ((await source.blockHash(1, this.#ending.signal)) === firstBlock) return;
    throw new SourceProblem("busy", "The server tells of another chain than before: it is asked again what it is.");
  }

  /** Hands in again what the server should have and does not. Whether anything was. */
  async #sendAgain(source: ChainSource): Promise<boolean> {
    let hasSent = false;
    const { ledger } = this.#keeper.custody;
    for (const { txid } of toBeSentAgain(ledger)) {
      // Each takes its time: one may have been given up while another was sent.
      const record = ledger.transaction(txid);
      if (record === undefined || !isToBeSentAgain(record)) continue;
      const name = displayHash(txid);
      const nowMs = this.#deps.nowMs();
      if (nowMs - (this.#sentMs.get(name) ?? Number.NEGATIVE_INFINITY) < RESEND_MS) continue;
      try {
        await source.broadcast(record.bytes, this.#ending.signal);
        hasSent = true;
      } catch (error) {
        // Refused now, it may be taken later: what it depends on may come, or fees fall. A server may also take no payments, or not from this
        // key, and answer all else.
        if (!(error instanceof SourceProblem) || error.kind === "offline") throw error;
      }
      this.noteSent(name);
    }
    return hasSent;
  }

  /** A payment was handed in just now, and taken or refused. */
  noteSent(txid: string): void {
    this.#sentMs.set(txid, this.#deps.nowMs());
  }

  /** Listens to the scripts that matter most, anew where those have become others. */
  #listen(source: ChainSource): void {
    if (source.follow === undefined) return;
    const scripts = watchedFirst(this.#keeper.custody);
    const names = scripts.map((script) => script.join()).join(";");
    if (this.#listening?.names === names) return;
    this.#listening?.ending.abort();
    const ending = new AbortController();
    this.#listening = { names, ending };
    source
      .follow({
        scripts,
        signal: ending.signal,
        onNews: () => this.wake(),
        onState: (state) => {
          if (ending.signal.aborted) return;
          const isLost = this.#isByEvents && state !== "live";
          this.#isByEvents = state === "live";
          // As long as events came nobody looked: the server may be gone.
          if (isLost) this.wake();
          if (this.#live !== undefined) this.#tellLive(this.#live);
        },
      })
      .catch(() => {
        // Nobody listens then: the next looks come by themselves.
        if (!ending.signal.aborted) this.#isByEvents = false;
      });
  }

  #refusalOf(facts: ServerFacts, network: SavedNetwork): { reason: RefusedReason; problem: string } | undefined {
    if (facts.chain !== network.chain)
      return {
        reason: "other-network",
        problem: `This server is on ${facts.chain}, and the wallet's network "${network.name}" is on ${network.chain}. Nothing is taken from it, and nothing sent to it.`,
      };
    if (network.firstBlock === undefined || facts.firstBlock === network.firstBlock) return undefined;
    if (facts.isCatchingUp) return undefined;
    return {
      reason: "other-chain",
      problem:
        "This server's chain begins with other blocks than the one that the wallet knows. Where the development network was begun anew, let the wallet forget the old chain; keys, labels and contacts stay.",
    };
  }

  /** `undefined` where it is of no use to go on: the vault was locked. */
  #connectionAfter(error: unknown, network: SavedNetwork): NetworkConnection | undefined {
    const sinceMs = this.#deps.nowMs();
    if (error instanceof SourceProblem) {
      if (error.kind === "key" || error.kind === "no-index" || error.kind === "too-many")
        return { kind: "refused", network, reason: error.kind, problem: error.message };
      if (error.kind === "behind") return this.#behind(error.message, network);
      return { kind: "offline", network, problem: error.message, sinceMs };
    }
    if (error instanceof VaultError && error.code === "locked") return undefined;
    const isSaid = error instanceof DishonestAnswer || error instanceof RangeError || error instanceof VaultError;
    const message = error instanceof Error ? error.message : String(error);
    const problem = isSaid ? message : `Something is wrong in this program: ${message}`;
    return { kind: "offline", network, problem, sinceMs };
  }

  /** A server that stays behind may be the honest one: its owner decides that, and meanwhile it is asked again. */
  #behind(problem: string, network: SavedNetwork): NetworkConnection {
    const sinceMs = this.#deps.nowMs();
    this.#behindSinceMs ??= sinceMs;
    if (sinceMs - this.#behindSinceMs < BEHIND_PATIENCE_MS)
      return { kind: "offline", network, problem: `${problem} It lags behind, and is asked again.`, sinceMs };
    return { kind: "refused", network, reason: "behind", problem: `${problem} ${BEHIND}` };
  }

  #tellLive(live: { readonly network: SavedNetwork; readonly facts: NetworkFacts }): void {
    this.#live = live;
    this.#tell({ kind: "live", ...live, by: this.#isByEvents ? "events" : "polling" });
  }

  #tell(connection: NetworkConnection): void {
    if (!this.#ending.signal.aborted) this.#events.onConnection(connection);
  }

  /** Until woken, or the time is over. */
  #wait(delayMs: number): Promise<void> {
    if (this.#hasNews || this.#ending.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, delayMs);
      this.#wake = done;
    });
  }
}

const BEHIND =
  "It may still catch up, and is asked again by itself. If it is right, a server before it told of blocks that do not exist: let the wallet look anew then.";

const catchingUp = ({ tip }: ServerFacts) =>
  new SourceProblem("busy", `The server is still catching up with its network and has come to block ${tip.height}.`);

export function factsOf({ chain, hasFaucet }: ServerFacts, source: ChainSource, tip: ChainTip): NetworkFacts {
  const { protocol, pagesUrl } = source;
  return { chain, protocol, tipHeight: tip.height, tipTime: tip.time, pagesUrl, hasFaucet };
}
