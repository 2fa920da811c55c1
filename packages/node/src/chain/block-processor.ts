import type { ChainLink } from "@bitfleet/protocol/consensus/chain-view.ts";
import { checkBlock, contextualCheckBlock } from "@bitfleet/protocol/consensus/check-block.ts";
import { contextualCheckBlockHeader } from "@bitfleet/protocol/consensus/check-header.ts";
import { workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import type { BlockRejectKind } from "@bitfleet/protocol/consensus/verdict.ts";
import {
  type BlockReject,
  blockReject,
  isReject,
  type Reject,
  rejectText,
} from "@bitfleet/protocol/consensus/verdict.ts";
import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import { isLargeBlock, socketTurn } from "../turns.ts";
import { acceptBlock, acceptHeader } from "./accept-block.ts";
import { activateBestChain, announceTip, disconnectTo } from "./activate-chain.ts";
import type { BlockIndexEntry } from "./block-index.ts";
import { AHEAD_BLOCKS_MAX, type BlocksAtHand } from "./blocks-ahead.ts";
import type { Chainstate } from "./chainstate.ts";
import { Lane } from "./lane.ts";
import { lowestToDisconnect, pruneIfDue } from "./prune-blocks.ts";
import { leadBackTo, type ReturnReject } from "./return-to-block.ts";
import { tryBlock } from "./try-block.ts";

/**
 * How long a stored block may wait until its place is written down for good. A network of one node gets back from nobody
 * what a crash takes, so it takes no more than this; the coins may be older, as they are made from the blocks again.
 */
export const BLOCKS_SAVE_DELAY_MS = 1000;

/** `busy`: more tasks wait than the lane takes, or the chain is closing; try again later. */
export type SubmissionReject = Reject<BlockRejectKind | "busy">;

export interface BlockSubmission {
  /** The block is stored, now or before, or its header is known and it was not worth storing. */
  readonly accepted: boolean;
  /** Stored by this call. */
  readonly isNew: boolean;
  /** All rules were checked during this call. False where the block waits on a weaker branch, or was known already. */
  readonly isChecked: boolean;
  /** The rule that this very block breaks. A stored block may turn out invalid only when its branch is tried. */
  readonly reject?: SubmissionReject;
  readonly entry?: BlockIndexEntry;
}

export interface BlockSubmitOptions {
  /** Asked for by us, or given by the operator: stored whatever its work. Default true. */
  readonly requested?: boolean;
  /** The header chain is known to have enough work to be stored (anti-DoS). Default true. */
  readonly minPowChecked?: boolean;
}

export interface HeaderSubmission {
  readonly accepted: boolean;
  /** The last header that was accepted or known. */
  readonly last?: BlockIndexEntry;
  readonly reject?: SubmissionReject;
}

/** Answer of the operator's commands on the chain. */
export type ChainCommandResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reject: Reject<"not-found" | "busy"> };

/** `aside`: the blocks with which what is set aside begins. */
export type ChainReturnResult =
  | { readonly ok: true; readonly aside: readonly BlockHash[] }
  | { readonly ok: false; readonly reject: Reject<"not-found" | "busy"> | ReturnReject };

export interface TestBlockOptions {
  /** Default true. */
  readonly checkPow?: boolean;
  /** Default true. */
  readonly checkMerkleRoot?: boolean;
}

export interface BlockProcessorOptions {
  /** Called when the tip reaches this height. */
  readonly stopAtHeight?: number;
}

export interface BlockProcessorDependencies {
  readonly state: Chainstate;
  readonly onStopHeight: () => void;
  /** The disk failed: nothing more is taken, and the node must stop. */
  readonly onFatal: (error: Error) => void;
}

/**
 * Blocks that an operator takes back from the top whose transactions are to wait again. Who goes further makes another chain,
 * in which few of the older ones would have a place.
 */
const INVALIDATED_BLOCKS_WANTED = 10;

/** A block on its way through the lane. */
interface Submission {
  readonly block: Block;
  readonly options: Required<BlockSubmitOptions>;
  outcome: BlockSubmission | undefined;
}

const BUSY: Reject<"busy"> = { kind: "busy", reason: "node-busy", detail: "too many blocks wait to be processed" };

/** Everything that can move the tip, one thing after the other. */
export class BlockProcessor {
  readonly #options: BlockProcessorOptions;
  readonly #deps: BlockProcessorDependencies;
  readonly #lane = new Lane();
  /** In the order in which they came. */
  readonly #submissions: Submission[] = [];
  #failure: Error | undefined;
  /** preciousBlock: the sequence number for the next one, below all others; begins again when the chain has grown. */
  #preciousSequence = -1;
  #preciousChainwork = 0n;
  #cancelSave: (() => void) | undefined;
  #isClosing = false;
  readonly #settlers = new Set<{ readonly work: () => Promise<void> }>();

  constructor(options: BlockProcessorOptions, deps: BlockProcessorDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** True where the next submission would be answered `busy`. */
  get isBusy(): boolean {
    return this.#lane.isFull;
  }

  /** What stopped the chain, if anything did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  async submitBlock(block: Block, options: BlockSubmitOptions = {}): Promise<BlockSubmission> {
    const { requested = true, minPowChecked = true } = options;
    if (this.#lane.isFull) return { accepted: false, isNew: false, isChecked: false, reject: BUSY };
    const submission: Submission = { block, options: { requested, minPowChecked }, outcome: undefined };
    this.#submissions.push(submission);
    await this.#lane.always(() => this.#guard(() => this.#takeSubmissions(submission)));
    return submission.outcome!;
  }

  /** Stops at the first header that is refused. */
  async submitHeaders(headers: readonly BlockHeader[], minPowChecked: boolean): Promise<HeaderSubmission> {
    const { state } = this.#deps;
    const result = await this.#lane.run(() =>
      this.#guard(async (): Promise<HeaderSubmission> => {
        let last: BlockIndexEntry | undefined;
        let reject: BlockReject | undefined;
        for (const header of headers) {
          const accepted = acceptHeader(state, header, minPowChecked);
          reject = accepted.reject;
          if (reject !== undefined) break;
          last = accepted.entry;
        }
        state.announceHeader();
        return { accepted: reject === undefined, ...(last && { last }), ...(reject && { reject }) };
      }),
    );
    return result.ran ? result.value : { accepted: false, reject: BUSY };
  }

  /** The rule that `block` would break on top of the tip. Nothing changes. Its scripts are checked, also below -assumevalid. */
  testBlock(block: Block, options: TestBlockOptions = {}): Promise<BlockReject | undefined> {
    return this.exclusively(() => this.#testBlock(block, options));
  }

  /** Treats a block and all that builds upon it as invalid, as the operator says. */
  invalidateBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#command(hash, async (entry, state) => {
      // Genesis stays.
      if (entry.previous === undefined) return;
      const before = state.active.tip!;
      const isActive = state.active.contains(entry);
      const lowest = isActive ? lowestToDisconnect(state, entry) : entry;
      if (lowest === undefined) return;
      const marked = state.deps.index.markInvalid(lowest);
      const others = isActive ? marked.filter((other) => !state.active.contains(other)) : [];
      if (isActive) await disconnectTo(state, lowest.previous!, INVALIDATED_BLOCKS_WANTED);
      state.resetCandidates();
      // The side branches that fall with it count as invalid chains once they are passed over.
      for (const other of others) if (other.chainTransactionCount > 0) state.candidates.add(other);
      state.noteInvalid(lowest);
      state.announceHeader();
      if (state.active.tip !== before) announceTip(state, before);
      await this.#activate();
    });
  }

  /** Takes back that a block, its ancestors and its descendants are invalid, and tries them again. */
  reconsiderBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#command(hash, async (entry, state) => {
      const cleared = state.deps.index.clearInvalid(entry);
      if (state.bestInvalid !== undefined && cleared.includes(state.bestInvalid)) state.bestInvalid = undefined;
      state.resetCandidates();
      state.announceHeader();
      await this.#activate();
    });
  }

  /** Prefers a block among those of equal work, as if it had arrived first. Forgotten at the next start. */
  preciousBlock(hash: BlockHash): Promise<ChainCommandResult> {
    return this.#command(hash, async (entry, state) => {
      const tip = state.active.tip!;
      if (entry.chainwork < tip.chainwork) return;
      if (tip.chainwork > this.#preciousChainwork) this.#preciousSequence = -1;
      this.#preciousChainwork = tip.chainwork;
      entry.sequenceId = this.#preciousSequence--;
      state.resetCandidates();
      await this.#activate();
    });
  }

  /** Makes a block that was part of the chain its tip again, and writes everything down. What came after it is set aside. */
  async returnTo(hash: BlockHash): Promise<ChainReturnResult> {
    const outcome: { reject?: ReturnReject; aside?: readonly BlockHash[] } = {};
    const result = await this.#command(hash, async (entry, state) => {
      const before = state.active.tip!;
      const led = await leadBackTo(state, entry);
      if ("kind" in led) {
        outcome.reject = led;
        return;
      }
      outcome.aside = led.map((root) => root.hash);
      state.announceHeader();
      if (state.active.tip !== before) announceTip(state, before);
      await this.#activate();
      await state.flush();
    });
    if (outcome.reject !== undefined) return { ok: false, reject: outcome.reject };
    return result.ok ? { ok: true, aside: outcome.aside ?? [] } : result;
  }

  /**
   * Has `work` done, in the lane, behind every task during which the tip moved and before the caller gets its answer: for who
   * must fit the tip, yet has to wait for the disk to do so. Returns the function that ends it.
   */
  settleWith(work: () => Promise<void>): () => void {
    const settler = { work };
    this.#settlers.add(settler);
    return () => void this.#settlers.delete(settler);
  }

  /** Runs `task` while the tip stands still. Never turned away: for the node's own use. */
  exclusively<Value>(task: () => Promise<Value>): Promise<Value> {
    return this.#lane.always(() => this.#guard(task));
  }

  /** Finishes what was submitted and takes nothing more. */
  close(): Promise<void> {
    this.#isClosing = true;
    this.#cancelSave?.();
    return this.#lane.close();
  }

  /**
   * Stores the blocks that wait, from `first` on, and then tries them. During the initial download it is as many as came while
   * the last ones were tried, so that the scripts of one can run while the next is looked at; afterwards it is one.
   */
  async #takeSubmissions(first: Submission): Promise<void> {
    // Another turn of the lane took it along.
    if (first.outcome !== undefined) return;
    const { state } = this.#deps;
    const taken = this.#submissions.splice(0, state.isInitialBlockDownload ? AHEAD_BLOCKS_MAX : 1);
    const stored: Submission[] = [];
    for (const submission of taken) {
      submission.outcome = await this.#store(submission);
      if (submission.outcome.accepted) stored.push(submission);
    }
    if (stored.length > 0) await this.#activateAndWatch(stored);
  }

  /** What there is to say of a block before its coins and scripts are looked at. */
  async #store({ block, options }: Submission): Promise<BlockSubmission> {
    const { state } = this.#deps;
    const { events, secp256k1, log } = state.deps;
    // A block that fails here leaves no mark: should there be a way to spoil a block's data that the rules do not tell from
    // the miner's own fault, the real block would be refused for it (CVE-2012-2459).
    let reject = checkBlock(block, state.params, { pow: true, merkle: true, secp256k1 });
    if (isLargeBlock(block)) await socketTurn();
    const accepted = reject === undefined ? acceptBlock(state, block, options) : undefined;
    reject ??= accepted?.reject;
    const entry = accepted?.entry;
    if (reject !== undefined) {
      log.info(`ProcessNewBlock: AcceptBlock FAILED (${rejectText(reject)})`, { block: displayHash(block.hash) });
      events.emit({ type: "block-checked", block, reject });
    }
    if (accepted?.isNew) await pruneIfDue(state);
    state.announceHeader();
    if (reject !== undefined)
      return { accepted: false, isNew: false, isChecked: true, reject, ...(entry && { entry }) };
    if (isLargeBlock(block)) await socketTurn();
    return { accepted: true, isNew: accepted!.isNew, isChecked: false, ...(entry && { entry }) };
  }

  /** Activates the best chain, and notes what came out for these very blocks where they were tried. */
  async #activateAndWatch(submissions: readonly Submission[]): Promise<void> {
    // Of copies of one block the first was checked when it was stored, and is told what came out. Others may have the witnesses
    // of somebody else under the same hash: those are never tried.
    const byHash = new Map<HashKey, Submission>();
    for (const submission of submissions) {
      const key = hashKey(submission.block.hash);
      if (byHash.get(key)?.outcome?.isNew !== true) byHash.set(key, submission);
    }
    const unsubscribe = this.#deps.state.deps.events.subscribe(
      (event) => {
        if (event.type !== "block-checked") return;
        const submission = byHash.get(hashKey(event.block.hash));
        if (submission === undefined) return;
        submission.outcome = {
          ...submission.outcome!,
          isChecked: true,
          ...(event.reject && { reject: event.reject }),
        };
      },
      { delivery: "inline", name: "submission" },
    );
    try {
      const stored = [...byHash].filter(([, { outcome }]) => outcome!.isNew);
      await this.#activate(new Map(stored.map(([key, { block }]) => [key, block])));
    } finally {
      unsubscribe();
    }
  }

  async #testBlock(block: Block, options: TestBlockOptions): Promise<BlockReject | undefined> {
    const { state } = this.#deps;
    const { coins, scriptVerifier, secp256k1 } = state.deps;
    const tip = state.active.tip!;
    if (displayHash(block.header.previousBlockHash) !== displayHash(tip.hash))
      return blockReject("missing-previous", "inconclusive-not-best-prevblk");
    const { checkPow: pow = true, checkMerkleRoot: merkle = true } = options;
    const reject =
      checkBlock(block, state.params, { pow, merkle, secp256k1 }) ??
      contextualCheckBlockHeader(block.header, tip, state.params, state.nowSeconds()) ??
      contextualCheckBlock(block, tip, state.params);
    if (reject !== undefined) return reject;
    const effects = await tryBlock(state.params, linkOnTop(block.header, tip), block, {
      coins,
      scripts: scriptVerifier,
    });
    return isReject(effects) ? effects : undefined;
  }

  async #command(
    hash: BlockHash,
    work: (entry: BlockIndexEntry, state: Chainstate) => Promise<void>,
  ): Promise<ChainCommandResult> {
    const { state } = this.#deps;
    const result = await this.#lane.run(() =>
      this.#guard(async (): Promise<ChainCommandResult> => {
        const entry = state.deps.index.find(hash);
        if (entry === undefined)
          return { ok: false, reject: { kind: "not-found", reason: "Block not found", detail: "" } };
        await work(entry, state);
        return { ok: true };
      }),
    );
    return result.ran ? result.value : { ok: false, reject: BUSY };
  }

  /** Activates the best chain, up to `-stopatheight`. Runs inside the lane. */
  #activate(atHand?: BlocksAtHand): Promise<void> {
    const { stopAtHeight } = this.#options;
    const afterStep = (tip: BlockIndexEntry) => {
      if (stopAtHeight === undefined || stopAtHeight === 0 || tip.height < stopAtHeight) return false;
      this.#deps.onStopHeight();
      return true;
    };
    return activateBestChain(this.#deps.state, { afterStep, ...(atHand && { atHand }) });
  }

  #saveBlocksSoon(): void {
    const { state } = this.#deps;
    if (this.#isClosing || this.#cancelSave !== undefined || !state.hasUnsavedBlocks) return;
    this.#cancelSave = state.deps.clock.after(BLOCKS_SAVE_DELAY_MS, () => {
      this.#cancelSave = undefined;
      // What fails here stops the chain through the guard; nobody waits for the outcome.
      this.exclusively(() => state.saveBlocks()).catch(() => {});
    });
  }

  /** A throw in the lane is the disk's or a bug of ours: the chain stops there, and on disk it is as after the last flush. */
  async #guard<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#failure !== undefined) throw this.#failure;
    const { active } = this.#deps.state;
    const before = active.moveCount;
    try {
      const value = await task();
      // Also where it is where it was: a branch was tried whose last blocks turned out invalid.
      if (active.moveCount !== before) for (const { work } of this.#settlers) await work();
      this.#saveBlocksSoon();
      return value;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#deps.state.deps.log.error("A fatal internal error occurred, see debug.log for details", {
        error: this.#failure.message,
      });
      this.#deps.onFatal(this.#failure);
      throw this.#failure;
    }
  }
}

/** The chain link that a block on top of `tip` would be. */
function linkOnTop(header: BlockHeader, tip: BlockIndexEntry): ChainLink {
  const height = tip.height + 1;
  const link: ChainLink = {
    header,
    height,
    chainwork: tip.chainwork + workOfBits(header.bits),
    previous: tip,
    ancestor: (at) => (at === height ? link : tip.ancestor(at)),
  };
  return link;
}
