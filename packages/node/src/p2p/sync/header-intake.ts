import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain, HeaderSubmission } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import { headersShare } from "./headers-share.ts";

/** Headers that are judged in a row before sockets and timers have their turn: some ten milliseconds. */
const CHUNK_HEADERS = 150;

export interface HeaderIntakeDependencies {
  readonly chain: Pick<Chain, "bestHeader" | "isInitialBlockDownload" | "network" | "submitHeaders" | "settled">;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Hands headers of peers to the chain. */
export class HeaderIntake {
  readonly #deps: HeaderIntakeDependencies;

  constructor(deps: HeaderIntakeDependencies) {
    this.#deps = deps;
  }

  /**
   * Submits headers that build on one another and whose chain has enough work. Stops at the first that is refused; `last` is
   * the last that is in the index. `undefined` where the peer went away meanwhile.
   */
  async submit(peer: Peer, headers: readonly BlockHeader[]): Promise<HeaderSubmission | undefined> {
    const { chain } = this.#deps;
    const before = chain.bestHeader;
    let last: BlockIndexEntry | undefined;
    let submission: HeaderSubmission | undefined;
    for (let start = 0; start < headers.length; start += CHUNK_HEADERS) {
      if (start > 0) await this.#deps.yield();
      submission = await this.#submitChunk(peer, headers.slice(start, start + CHUNK_HEADERS));
      if (submission === undefined) return undefined;
      last = submission.last ?? last;
      if (!submission.accepted) break;
    }
    if (submission === undefined) throw new Error("no headers were given");
    if (chain.bestHeader !== before && submission.accepted && last !== undefined) this.#logProgress(last);
    return { ...submission, ...(last && { last }) };
  }

  async #submitChunk(peer: Peer, headers: readonly BlockHeader[]): Promise<HeaderSubmission | undefined> {
    const { chain } = this.#deps;
    while (peer.connection.isOpen) {
      const submission = await chain.submitHeaders(headers, { minPowChecked: true });
      if (submission.reject?.kind !== "busy") return peer.connection.isOpen ? submission : undefined;
      await chain.settled();
      await this.#deps.yield();
    }
    return undefined;
  }

  #logProgress(last: BlockIndexEntry): void {
    const { chain, clock, log } = this.#deps;
    if (!chain.isInitialBlockDownload) return;
    const share = headersShare(last, clock.nowMs(), chain.network.params.targetSpacingSeconds);
    log.info(`Synchronizing blockheaders, height: ${last.height} (~${(100 * share).toFixed(2)}%)`);
  }
}
