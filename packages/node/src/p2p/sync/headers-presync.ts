import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAX_FUTURE_BLOCK_TIME_SECONDS } from "@bitfleet/protocol/consensus/check-header.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import type { Network } from "@bitfleet/protocol/consensus/networks.ts";
import { permittedDifficultyTransition, workOfBits } from "@bitfleet/protocol/consensus/pow.ts";
import { SipHasher, type SipHashKey } from "@bitfleet/protocol/crypto/siphash.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BitQueue } from "./bit-queue.ts";
import { locatorOf } from "./header-requests.ts";

/** No valid chain has more blocks a second: of any eleven, each time is at least the median of those before. */
const BLOCKS_PER_SECOND_MAX = 6;

/**
 * `presync`: the peer has to show that its chain has enough work; of its headers we keep no more than a bit now and then.
 * `redownload`: it has, and sends them again, to be kept once they agree with those bits. `done`: no more headers are taken.
 */
export type PresyncPhase = "presync" | "redownload" | "done";

export interface HeadersPresyncOptions {
  readonly network: Pick<Network, "params" | "headersSync">;
  /** The block that we have and that the peer's headers build upon. */
  readonly start: BlockIndexEntry;
  /** Work that the chain must have, all of it counted from genesis. */
  readonly minimumWork: bigint;
  /** Our clock. */
  readonly nowSeconds: number;
  /** Random, from 0 to below `commitmentPeriod`: which heights a bit is kept of. The peer must not know it. */
  readonly commitmentOffset: number;
  /** Random: which bit is kept. The peer must not know it. */
  readonly salt: SipHashKey;
  readonly log: (message: string) => void;
  /** How the log calls the peer: `peer=<id>`. */
  readonly peer: string;
}

export interface PresyncResult {
  /** False where the headers are not what they must be. The phase is `done` then. */
  readonly isOk: boolean;
  /** Ask for what stands behind {@link HeadersPresync.locator}. */
  readonly wantsMore: boolean;
  /** Headers of a chain with enough work, in order, to be judged by all the rules and kept. */
  readonly ready: readonly BlockHeader[];
}

const FAILED: PresyncResult = { isOk: false, wantsMore: false, ready: [] };

/**
 * Takes headers from a peer whose chain may turn out worthless, without memory that the peer could fill: a chain is fetched
 * twice, and stored the second time, when its work is known. That it is the same chain both times is told by one bit of a
 * salted hash of every few hundredth header. A peer that sends another chain guesses right with each bit by chance only, and
 * none of its headers is stored before many bits behind it agreed.
 */
export class HeadersPresync {
  readonly #options: HeadersPresyncOptions;
  readonly #hasher: SipHasher;
  readonly #commitmentsMax: number;
  readonly #commitments = new BitQueue();
  #phase: PresyncPhase = "presync";
  #work: bigint;
  #height: number;
  #last: BlockHeader;
  /** Redownloaded headers that wait for bits behind them to agree, oldest first. */
  #buffer: BlockHeader[] = [];
  #redownloadHeight = 0;
  #redownloadLast: BlockHeader;
  #redownloadWork = 0n;
  /** Once the work is there again, nothing has to agree any more. */
  #isWorkReached = false;

  constructor(options: HeadersPresyncOptions) {
    const { start, salt, network, nowSeconds, minimumWork, peer } = options;
    this.#options = options;
    this.#hasher = new SipHasher(salt);
    this.#work = start.chainwork;
    this.#height = start.height;
    this.#last = start.header;
    this.#redownloadLast = start.header;
    const seconds = nowSeconds - medianTimePast(start) + MAX_FUTURE_BLOCK_TIME_SECONDS;
    const { commitmentPeriod } = network.headersSync;
    this.#commitmentsMax = Math.floor((BLOCKS_PER_SECOND_MAX * seconds) / commitmentPeriod);
    const limits = `max_commitments=${this.#commitmentsMax}, min_work=${minimumWork.toString(16).padStart(64, "0")}`;
    options.log(`Initial headers sync started with ${peer}: height=${start.height}, ${limits}`);
  }

  get phase(): PresyncPhase {
    return this.#phase;
  }

  /** Height that the first pass has reached. */
  get height(): number {
    return this.#height;
  }

  /** Time of the last header of the first pass, seconds since 1970. */
  get time(): number {
    return this.#last.time;
  }

  /** Work of the headers of the first pass and all before them. */
  get work(): bigint {
    return this.#work;
  }

  /** From where to ask for more. */
  locator(): BlockHash[] {
    const last = this.#phase === "presync" ? this.#last : this.#redownloadLast;
    return [last.hash, ...locatorOf(this.#options.start)];
  }

  /**
   * Takes the headers of one message: at least one, each built on the one before, with the proof of work that it claims.
   * `isFull`: as many as a message holds, so that there may be more.
   */
  process(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    const result = this.#phase === "presync" ? this.#presync(headers, isFull) : this.#redownload(headers, isFull);
    if (!result.wantsMore) this.#end();
    return result;
  }

  #presync(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    if (!equalBytes(headers[0]!.previousBlockHash, this.#last.hash)) {
      // Perhaps the peer left that chain for another.
      return this.#abort("non-continuous headers", this.#height);
    }
    for (const header of headers) {
      const problem = this.#commit(header);
      if (problem !== undefined) return this.#abort(problem, this.#height + 1);
    }
    if (this.#work >= this.#options.minimumWork) this.#beginRedownload();
    if (isFull || this.#phase === "redownload") return { isOk: true, wantsMore: true, ready: [] };
    // Its chain ends here, and has too little work.
    this.#logAbort("incomplete headers message", this.#height);
    return { isOk: true, wantsMore: false, ready: [] };
  }

  /** Counts a header of the first pass. What is wrong with it, if anything is. */
  #commit(header: BlockHeader): string | undefined {
    const height = this.#height + 1;
    const { params, headersSync } = this.#options.network;
    // Much work in few blocks is a matter of luck: who has little of it must not choose the difficulty.
    if (!permittedDifficultyTransition(params, height, this.#last.bits, header.bits))
      return "invalid difficulty transition";
    if (height % headersSync.commitmentPeriod === this.#options.commitmentOffset) {
      this.#commitments.push(this.#bitOf(header));
      if (this.#commitments.length > this.#commitmentsMax) return "exceeded max commitments";
    }
    this.#work += workOfBits(header.bits);
    this.#last = header;
    this.#height = height;
    return undefined;
  }

  #beginRedownload(): void {
    const { start, peer, log } = this.#options;
    this.#redownloadHeight = start.height;
    this.#redownloadWork = start.chainwork;
    this.#phase = "redownload";
    const where = `reached sufficient work at height=${this.#height}, redownloading from height=${start.height}`;
    log(`Initial headers sync transition with ${peer}: ${where}`);
  }

  #redownload(headers: readonly BlockHeader[], isFull: boolean): PresyncResult {
    for (const header of headers) {
      const problem = this.#verify(header);
      if (problem !== undefined) return this.#abort(problem, this.#redownloadHeight + 1);
    }
    const ready = this.#takeReady();
    if (this.#isWorkReached && this.#buffer.length === 0) {
      const where = `releasing all at height=${this.#redownloadHeight} (redownload phase)`;
      this.#options.log(`Initial headers sync complete with ${this.#options.peer}: ${where}`);
      return { isOk: true, wantsMore: false, ready };
    }
    // Where a peer does not send again what it once sent, what was proven of it is still good.
    if (!isFull) this.#logAbort("incomplete headers message", this.#redownloadHeight);
    return { isOk: true, wantsMore: isFull, ready };
  }

  /** Takes a header of the second pass. What is wrong with it, if anything is. */
  #verify(header: BlockHeader): string | undefined {
    const { network, minimumWork, commitmentOffset } = this.#options;
    const height = this.#redownloadHeight + 1;
    if (!equalBytes(header.previousBlockHash, this.#redownloadLast.hash)) return "non-continuous headers";
    if (!permittedDifficultyTransition(network.params, height, this.#redownloadLast.bits, header.bits))
      return "invalid difficulty transition";
    this.#redownloadWork += workOfBits(header.bits);
    this.#isWorkReached ||= this.#redownloadWork >= minimumWork;
    if (!this.#isWorkReached && height % network.headersSync.commitmentPeriod === commitmentOffset) {
      const expected = this.#commitments.shift();
      if (expected === undefined) return "commitment overrun";
      if (expected !== this.#bitOf(header)) return "commitment mismatch";
    }
    this.#buffer.push(header);
    this.#redownloadHeight = height;
    this.#redownloadLast = header;
    return undefined;
  }

  /** Takes those headers out of the buffer that enough others follow; all of them when the work is reached. */
  #takeReady(): BlockHeader[] {
    const kept = this.#isWorkReached ? 0 : this.#options.network.headersSync.redownloadBufferSize;
    return this.#buffer.splice(0, Math.max(0, this.#buffer.length - kept));
  }

  #bitOf(header: BlockHeader): boolean {
    return this.#hasher.hashLow48(header.hash) % 2 === 1;
  }

  #abort(problem: string, height: number): PresyncResult {
    this.#logAbort(problem, height);
    return FAILED;
  }

  #logAbort(problem: string, height: number): void {
    const { peer, log } = this.#options;
    log(`Initial headers sync aborted with ${peer}: ${problem} at height=${height} (${this.#phase} phase)`);
  }

  #end(): void {
    this.#phase = "done";
    this.#buffer = [];
  }
}
