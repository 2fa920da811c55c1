import { displayHash, type Hash256, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { FilterCheckpointsRequestMessage, FiltersRequestMessage } from "@bitfleet/protocol/wire/light-client.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import type { FilterIndex } from "../../indexes/filter-index.ts";
import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { isBlockRequestAllowed } from "../sync/block-requests-allowed.ts";

/** BIP158's only filter type. */
const BASIC_FILTER = 0;
/** BIP157: filters, and filter hashes, of one answer. */
const FILTERS_MAX = 1000;
const FILTER_HASHES_MAX = 2000;
/** BIP157: blocks between two checkpoints. */
const CHECKPOINT_INTERVAL = 1000;

export interface FilterServingDependencies {
  readonly chain: Pick<Chain, "find" | "isInActiveChain" | "bestHeader" | "network">;
  /** `undefined` where there is no index: then the service is not offered either. */
  readonly index: Pick<FilterIndex, "filters" | "filterHashes" | "filterHeader"> | undefined;
  readonly peers: Peers;
  readonly log: Logger;
}

/** BIP157: serves the filters of blocks, with `-peerblockfilters`. */
export class FilterServing implements PeerModule {
  readonly #deps: FilterServingDependencies;

  readonly handlers: MessageHandlers = {
    getcfilters: (peer, message) => this.#getFilters(peer, message),
    getcfheaders: (peer, message) => this.#getHeaders(peer, message),
    getcfcheckpt: (peer, message) => this.#getCheckpoints(peer, message),
  };

  constructor(deps: FilterServingDependencies) {
    this.#deps = deps;
  }

  async #getFilters(peer: Peer, message: FiltersRequestMessage): Promise<void> {
    const { startHeight, filterType } = message;
    const stop = this.#stopOf(peer, message, startHeight, FILTERS_MAX);
    if (stop === undefined) return;
    const filters = await this.#deps.index!.filters(startHeight, stop);
    if (filters === undefined) return this.#notFound("block filter", startHeight, stop);
    for (const { filter, blockHash } of filters) {
      if (peer.connection.isSendPaused) await peer.connection.whenSendable();
      if (!peer.connection.isOpen) return;
      peer.send({ type: "cfilter", filterType, blockHash, filter });
    }
  }

  async #getHeaders(peer: Peer, message: FiltersRequestMessage): Promise<void> {
    const { startHeight, filterType } = message;
    const stop = this.#stopOf(peer, message, startHeight, FILTER_HASHES_MAX);
    if (stop === undefined) return;
    const index = this.#deps.index!;
    const before = startHeight > 0 ? stop.ancestor(startHeight - 1)! : undefined;
    const previousHeader = before === undefined ? ZERO_HASH : await index.filterHeader(before);
    if (previousHeader === undefined) return this.#notFound("block filter header", startHeight, stop);
    const filterHashes = await index.filterHashes(startHeight, stop);
    if (filterHashes === undefined) return this.#notFound("block filter hashes", startHeight, stop);
    peer.send({ type: "cfheaders", filterType, stop: stop.hash, previousHeader, filterHashes });
  }

  async #getCheckpoints(peer: Peer, message: FilterCheckpointsRequestMessage): Promise<void> {
    const stop = this.#stopOf(peer, message, 0, Number.POSITIVE_INFINITY);
    if (stop === undefined) return;
    const headers: Hash256[] = [];
    for (let height = CHECKPOINT_INTERVAL; height <= stop.height; height += CHECKPOINT_INTERVAL) {
      const header = await this.#deps.index!.filterHeader(stop.ancestor(height)!);
      if (header === undefined) return this.#notFound("block filter header", height, stop);
      headers.push(header);
    }
    peer.send({ type: "cfcheckpt", filterType: message.filterType, stop: stop.hash, headers });
  }

  /** The last block that is asked for; `undefined`, with the peer disconnected, where the request is none that we answer. */
  #stopOf(
    peer: Peer,
    request: Pick<FilterCheckpointsRequestMessage, "filterType" | "stop">,
    startHeight: number,
    countMax: number,
  ): BlockIndexEntry | undefined {
    const { chain, peers, index } = this.#deps;
    const { filterType } = request;
    const isOffered = (peer.options.ourServices & ServiceFlag.COMPACT_FILTERS) !== 0n && index !== undefined;
    if (filterType !== BASIC_FILTER || !isOffered) {
      peers.disconnect(peer, `peer requested unsupported block filter type: ${filterType}`);
      return undefined;
    }
    const stop = chain.find(request.stop);
    if (stop === undefined || !isBlockRequestAllowed(chain, stop)) {
      peers.disconnect(peer, `peer requested invalid block hash: ${displayHash(request.stop)}`);
      return undefined;
    }
    const count = stop.height - startHeight + 1;
    if (count < 1) {
      const heights = `start height ${startHeight} and stop height ${stop.height}`;
      peers.disconnect(peer, `peer sent invalid getcfilters/getcfheaders with ${heights}`);
      return undefined;
    }
    if (count > countMax) {
      peers.disconnect(peer, `peer requested too many cfilters/cfheaders: ${count} / ${countMax}`);
      return undefined;
    }
    return stop;
  }

  /** The index is still on its way there. */
  #notFound(what: string, startHeight: number, stop: BlockIndexEntry): void {
    const where = `filter_type=basic, start_height=${startHeight}, stop_hash=${displayHash(stop.hash)}`;
    this.#deps.log.debug("net", `Failed to find ${what} in index: ${where}`);
  }
}
