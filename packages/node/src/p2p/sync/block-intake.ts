import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockSubmission, BlockSubmitOptions, Chain } from "../../chain/chain.ts";
import type { Clock } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { BlockRequests } from "./block-requests.ts";
import type { BlockSources } from "./block-sources.ts";

export interface BlockIntakeDependencies {
  readonly chain: Pick<Chain, "submitBlock" | "settled">;
  readonly requests: Pick<BlockRequests, "remove" | "whileProcessing">;
  readonly sources: Pick<BlockSources, "note" | "forget">;
  /** Lets sockets and timers run. */
  readonly yield: () => Promise<void>;
  readonly clock: Pick<Clock, "nowMs">;
}

/** Hands blocks of peers to the chain. */
export class BlockIntake {
  readonly #deps: BlockIntakeDependencies;

  constructor(deps: BlockIntakeDependencies) {
    this.#deps = deps;
  }

  /**
   * Submits a block, and tells its peer's worth by what comes of it. From the call on nobody is asked for the block. Where the
   * chain has too much to do, the answer, and with it the peer's next message, waits.
   */
  process(
    peer: Peer,
    block: Block,
    options: Required<BlockSubmitOptions> & { readonly viaCompactBlock: boolean },
  ): Promise<void> {
    const { requests, sources } = this.#deps;
    const { hash } = block;
    sources.note(hash, peer, options.viaCompactBlock);
    return requests.whileProcessing(hash, async () => {
      const submission = await this.#submit(peer, block, options);
      if (submission?.isNew) this.#stored(peer, block);
      else sources.forget(hash);
    });
  }

  #stored(peer: Peer, block: Block): void {
    const { requests, clock } = this.#deps;
    peer.lastBlockSeconds = Math.floor(clock.nowMs() / 1000);
    // Others were asked for it too, maybe: nobody waits for them.
    requests.remove(block.hash);
  }

  /** `undefined` where the peer went away before the chain had room. */
  async #submit(
    peer: Peer,
    block: Block,
    { requested, minPowChecked }: BlockSubmitOptions,
  ): Promise<BlockSubmission | undefined> {
    const { chain } = this.#deps;
    while (peer.connection.isOpen) {
      const submission = await chain.submitBlock(block, {
        ...(requested !== undefined && { requested }),
        ...(minPowChecked !== undefined && { minPowChecked }),
      });
      if (submission.reject?.kind !== "busy") return submission;
      await chain.settled();
      await this.#deps.yield();
    }
    return undefined;
  }
}
