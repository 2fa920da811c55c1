import { pause } from "@bitfleet/api/retry.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { VaultError } from "@bitfleet/vault/vault.ts";
import { type BlockReference, transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { flawOfPlace, headerFromServer, type ShownPlace } from "@bitfleet/wallet/self-custody/block-proof.ts";
import type { ConfirmationProof, ProofKind } from "@bitfleet/wallet/self-custody/confirmation-proofs.ts";
import { LinkedHeaders } from "@bitfleet/wallet/self-custody/linked-headers.ts";
import { type ChainSource, SourceProblem } from "../network/chain-source.ts";
import { inParallel } from "../network/in-parallel.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import { type Confirmed, lowestLinked, lowestOf, ProofOrder } from "./proof-order.ts";

/** Transactions of one turn, and those asked about at once: a history of thousands is gone through in an hour, and nobody's server is kept busy by it. */
export const PROOFS_OF_A_TURN = 50;
const PROOFS_AT_ONCE = 2;
/** Requests for headers in one turn. */
const HEADER_REQUESTS_OF_A_TURN = 20;
/** Between two turns, as long as there is something to do. */
export const TURN_PAUSE_MS = 10_000;
/** Turns between two times that screens are told: those of many thousands take their time to be made anew. */
const TURNS_OF_NEWS = 6;
/** So many that it does not show, with none that it does: it has no such routes, and is asked about one with each block. */
const UNSHOWN_MAX = 5;
/** So many in a row that a server is too busy for: it is left alone until the next look. */
const BUSY_MAX = 3;
/** What does not hold is asked for once more: the chain may have moved in between. */
const TRIES = 2;

interface Found {
  readonly txid: Txid;
  readonly proof: ConfirmationProof;
}

export interface ProverDependencies {
  readonly keeper: AccountKeeper;
  readonly params: ConsensusParams;
  /** Runs one after the other what changes the account. */
  readonly exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Something was found that screens show. */
  readonly onChanged: () => void;
  readonly nowMs: () => number;
  readonly turnPauseMs?: number | undefined;
}

/**
 * Asks a server, behind its answers and in no hurry, to show that an account's transactions are in the blocks that it named: first those with coins that nobody
 * spends, then the others, the newest first. What it is too busy for holds up nothing else.
 */
export class Prover {
  readonly #deps: ProverDependencies;
  #source: ChainSource | undefined;
  #links: LinkedHeaders | undefined;
  readonly #order: ProofOrder;
  #unshownCount = 0;
  #hasShown = false;
  /** This server is busy where it is asked for a branch, as one is that makes an index of transactions: lists of blocks are asked for first. */
  #isBranchBusy = false;
  #isUnderWay = false;
  #isUntold = false;

  constructor(deps: ProverDependencies) {
    this.#deps = deps;
    this.#order = new ProofOrder(deps.keeper.custody, deps.nowMs);
  }

  /** All is known that the server has of the account. Answers at once; what breaks it off leaves the rest to the next call. `signal`: for as long as the account is followed. */
  begin(source: ChainSource, signal: AbortSignal): void {
    if (source !== this.#source) this.#changeTo(source);
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    this.#run(signal)
      .catch((error: unknown) => {
        // A server that is away, a vault that is locked or full: all else is a fault of the program, which is to be seen.
        if (!signal.aborted && !(error instanceof SourceProblem) && !(error instanceof VaultError)) throw error;
      })
      .finally(() => {
        this.#isUnderWay = false;
      });
  }

  #changeTo(source: ChainSource): void {
    this.#source = source;
    this.#deps.keeper.custody.proofs.forgetUnprovable();
    this.#order.reset();
    this.#unshownCount = 0;
    this.#hasShown = false;
    this.#isBranchBusy = false;
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      for (let turn = 0; await this.#turn(this.#source!, signal); turn++) {
        if (turn % TURNS_OF_NEWS === 0) this.#tell();
        await pause(this.#deps.turnPauseMs ?? TURN_PAUSE_MS, signal);
      }
    } finally {
      this.#tell();
    }
  }

  #tell(): void {
    if (!this.#isUntold) return;
    this.#isUntold = false;
    this.#deps.onChanged();
  }

  /** Whether there is more to do. */
  async #turn(source: ChainSource, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const { ledger, proofs } = this.#deps.keeper.custody;
    const tip = ledger.bestBlock();
    if (tip === undefined) return false;
    const targets = this.#order.targets(tip);
    if (targets === undefined) return false;
    const { open, alone } = targets;
    const found: Found[] = [];
    const note = ({ txid, state }: Confirmed, kind: ProofKind) => {
      this.#order.noteAsked(txid, kind === "broken");
      found.push({ txid, proof: { block: state.block.hash, kind } });
    };
    let hasMoreHeaders = false;
    try {
      const { links, flawed, hasMore } = await this.#link(source, tip, lowestOf([...open, ...alone], tip), signal);
      hasMoreHeaders = hasMore;
      for (const record of alone.slice(0, PROOFS_OF_A_TURN)) {
        const kind = await this.#linkOf(record, links, flawed, source, signal);
        if (kind !== "alone") note(record, kind);
      }
      const prove = async (record: Confirmed) => {
        const seen = await this.#prove(record, links, source, signal);
        const kind = seen === "alone" ? await this.#linkOf(record, links, flawed, source, signal) : seen;
        if (source !== this.#source) return;
        if (kind === undefined || kind === "unprovable") this.#order.noteAsked(record.txid, false);
        if (kind === undefined) return;
        if (kind === "unprovable") return this.#noteUnshown(record);
        this.#hasShown = true;
        proofs.isServerMute = false;
        note(record, kind);
      };
      let busyCount = 0;
      const proveOrPutOff = async (record: Confirmed) => {
        try {
          await prove(record);
          busyCount = 0;
        } catch (error) {
          if (!isBusy(error)) throw error;
          if (source === this.#source) this.#order.putOff(record.txid);
          if (++busyCount >= BUSY_MAX) throw error;
        }
      };
      const wasMute = proofs.isServerMute;
      await throughAll(open.slice(0, PROOFS_OF_A_TURN), (record) =>
        proofs.isServerMute && !wasMute ? undefined : proveOrPutOff(record),
      );
      // All is to be asked that was not while it showed nothing.
      if (wasMute && !proofs.isServerMute) return true;
    } finally {
      // What was found until it was broken off is not asked for again.
      if (found.length > 0) {
        this.#isUntold = true;
        await this.#deps.exclusively(() => this.#deps.keeper.takeProofs(found));
      }
      // It changes what there is to be spent.
      if (found.some(({ proof }) => proof.kind === "broken")) this.#tell();
    }
    if (proofs.isServerMute) return false;
    return hasMoreHeaders || Math.max(open.length, alone.length) > PROOFS_OF_A_TURN;
  }

  /** Headers from the newest block down to `end`, as far as one turn goes. `flawed`: the header of the next block below, asked for by its hash, is shown twice not to be right. */
  async #link(source: ChainSource, tip: BlockReference, end: number, signal: AbortSignal) {
    this.#links ??= new LinkedHeaders(tip, this.#deps.params);
    const links = this.#links;
    links.begin(tip);
    let flaws = 0;
    for (let asked = 0; links.nextHeight >= end && !this.#order.isUnlinked; asked++) {
      if (asked >= HEADER_REQUESTS_OF_A_TURN) return { links, flawed: false, hasMore: true };
      const wanted = links.nextHeight - end + 1;
      const headers = await unlessBusy(() => source.proofs.headersDown(links.nextHeight, wanted, signal));
      // Payments can be proved all the same; what is upon them with the next look.
      if (headers === "busy") break;
      if (headers === undefined || headers.length === 0) {
        this.#order.isUnlinked = (await source.tip(signal)).hash === displayHash(tip.hash);
        break;
      }
      const before = links.nextHeight;
      for (const header of headers) if (links.nextHeight < end || links.take(header) !== undefined) break;
      if (links.nextHeight < before) continue;
      // Blocks may have come meanwhile, and others gone: then it is looked at anew by itself.
      if ((await source.tip(signal)).hash !== displayHash(tip.hash)) break;
      // What is at a height is another block's where one of several servers behind an address has another chain, or an answer was kept since before a
      // reorganisation. The header with the very hash can be no other one.
      const header = await source.proofs.header(links.nextHash, signal);
      this.#order.isUnlinked = header === undefined;
      if (header !== undefined && links.take(header) !== undefined && ++flaws >= TRIES)
        return { links, flawed: true, hasMore: false };
    }
    return { links, flawed: false, hasMore: false };
  }

  /** How the block of a transaction, which holds it, stands to the newest one. */
  async #linkOf(
    { state: { block } }: Confirmed,
    links: LinkedHeaders,
    flawed: boolean,
    source: ChainSource,
    signal: AbortSignal,
  ): Promise<ProofKind> {
    const header = links.headerAt(block.height);
    if (header !== undefined && equalBytes(header.hash, block.hash)) return "linked";
    if (block.height < lowestLinked(links.tip) || (header === undefined && !flawed)) return "alone";
    const isSaidStill = (await source.blockHash(block.height, signal)) === displayHash(block.hash);
    return isSaidStill && (await source.tip(signal)).hash === displayHash(links.tip.hash) ? "broken" : "alone";
  }

  /** Whether the block that a server names holds a transaction; `undefined` where the server names another one now. */
  async #prove(
    record: Confirmed,
    links: LinkedHeaders,
    source: ChainSource,
    signal: AbortSignal,
  ): Promise<"alone" | "broken" | "unprovable" | undefined> {
    const { block } = record.state;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const header = await this.#headerOf(block, links, source, signal);
      const shown = typeof header === "object" ? await this.#placeShown(record, attempt, source, signal) : undefined;
      if (typeof header === "object" && shown !== undefined) {
        if (flawOfPlace(transactionOf(record), header, shown) === undefined) return "alone";
      }
      if ((await source.blockHash(block.height, signal)) !== displayHash(block.hash)) return undefined;
      if (header === undefined || (typeof header === "object" && shown === undefined)) return "unprovable";
    }
    return "broken";
  }

  async #headerOf(
    block: BlockReference,
    links: LinkedHeaders,
    source: ChainSource,
    signal: AbortSignal,
  ): Promise<BlockHeader | string | undefined> {
    const linked = links.headerAt(block.height);
    if (linked !== undefined && equalBytes(linked.hash, block.hash)) return linked;
    const bytes = await source.proofs.header(block.hash, signal);
    return bytes && headerFromServer(bytes, block, this.#deps.params);
  }

  /** At first by its branch; by the whole list where that is not had, or did not hold, or the server is busy for it alone. */
  async #placeShown(
    { txid, state }: Confirmed,
    attempt: number,
    { proofs }: ChainSource,
    signal: AbortSignal,
  ): Promise<ShownPlace | undefined> {
    const branch = () => proofs.branch(txid, signal);
    const txids = () => proofs.txids(state.block.hash, signal);
    if (attempt > 1 || this.#isBranchBusy) return (await txids()) ?? (await branch());
    try {
      return (await branch()) ?? (await txids());
    } catch (error) {
      if (!isBusy(error)) throw error;
      const shown = await txids();
      if (shown === undefined) throw error;
      this.#isBranchBusy = true;
      return shown;
    }
  }

  #noteUnshown({ txid, state }: Confirmed): void {
    const { proofs } = this.#deps.keeper.custody;
    this.#isUntold = true;
    proofs.noteUnprovable(txid, state.block.hash);
    if (this.#hasShown || ++this.#unshownCount < UNSHOWN_MAX) return;
    proofs.isServerMute = true;
    this.#order.noteMute();
  }
}

const isBusy = (error: unknown) => error instanceof SourceProblem && error.kind === "busy";

async function unlessBusy<Answer>(ask: () => Promise<Answer>): Promise<Answer | "busy"> {
  try {
    return await ask();
  } catch (error) {
    if (isBusy(error)) return "busy";
    throw error;
  }
}

/** Does some at once, and begins no more after a failure, with which it rejects when the others have ended too: none is left under way. */
async function throughAll<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void> | undefined,
): Promise<void> {
  const failures: unknown[] = [];
  await inParallel(
    items,
    async (item) => {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    },
    PROOFS_AT_ONCE,
  );
  if (failures.length > 0) throw failures[0];
}
