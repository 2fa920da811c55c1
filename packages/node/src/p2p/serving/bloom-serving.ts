import { BloomFilter } from "@bitfleet/protocol/filters/bloom.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { FilterAddMessage, FilterLoadMessage } from "@bitfleet/protocol/wire/light-client.ts";
import { makeMerkleBlock } from "@bitfleet/protocol/wire/light-client.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import type { UploadLimit } from "./upload-limit.ts";

/** Largest item that a script can hold, and so the largest that a filter need match. */
const FILTER_ITEM_SIZE_MAX = 520;

export interface BloomServingDependencies {
  readonly peers: Peers;
  readonly uploadLimit: Pick<UploadLimit, "isReached">;
  /** The peer asked for everything in the mempool (BIP35). */
  readonly onMempoolRequest: (peer: Peer) => void;
}

/** BIP37 and BIP35: connections of light clients that see what a bloom filter of theirs matches; with `-peerbloomfilters`. */
export class BloomServing implements PeerModule {
  readonly #deps: BloomServingDependencies;
  readonly #filters = new Map<Peer, BloomFilter>();

  readonly handlers: MessageHandlers = {
    filterload: (peer, message) => this.#load(peer, message),
    filteradd: (peer, message) => this.#add(peer, message),
    filterclear: (peer) => this.#clear(peer),
    mempool: (peer) => this.#mempool(peer),
  };

  constructor(deps: BloomServingDependencies) {
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    this.#filters.delete(peer);
  }

  /** The filter of a peer, where it has one. Matching a transaction may change it. */
  filterOf(peer: Peer): BloomFilter | undefined {
    return this.#filters.get(peer);
  }

  /** BIP37: the block's header and the transactions that match, which the peer cannot ask for afterwards. Nothing without a filter. */
  sendFiltered(peer: Peer, block: Block): void {
    const filter = this.#filters.get(peer);
    if (filter === undefined) return;
    const matches = block.transactions.map((tx) => filter.isRelevantAndUpdate(tx));
    peer.send(makeMerkleBlock(block, matches));
    for (const [index, tx] of block.transactions.entries()) {
      if (matches[index]) peer.send({ type: "tx", tx, withoutWitness: true });
    }
  }

  #load(peer: Peer, { data, hashFunctionCount, tweak, flags }: FilterLoadMessage): void {
    if (!this.#isOffered(peer, "filterload")) return;
    const filter = new BloomFilter({ data: data.slice(), hashFunctionCount, tweak, flags });
    if (!filter.isWithinSizeConstraints()) {
      this.#deps.peers.misbehaved(peer, "too-large bloom filter");
      return;
    }
    this.#filters.set(peer, filter);
    peer.hasBloomFilter = true;
    peer.relaysTransactions = true;
  }

  #add(peer: Peer, { data }: FilterAddMessage): void {
    if (!this.#isOffered(peer, "filteradd")) return;
    const filter = this.#filters.get(peer);
    if (filter === undefined || data.length > FILTER_ITEM_SIZE_MAX) {
      this.#deps.peers.misbehaved(peer, "bad filteradd message");
      return;
    }
    filter.insert(data);
  }

  #clear(peer: Peer): void {
    if (!this.#isOffered(peer, "filterclear")) return;
    this.#filters.delete(peer);
    peer.hasBloomFilter = false;
    peer.relaysTransactions = true;
  }

  #isOffered(peer: Peer, type: string): boolean {
    if ((peer.options.ourServices & ServiceFlag.BLOOM) !== 0n) return true;
    this.#deps.peers.disconnect(peer, `${type} received despite not offering bloom services`);
    return false;
  }

  #mempool(peer: Peer): void {
    const { peers, uploadLimit, onMempoolRequest } = this.#deps;
    if (!peer.has("mempool")) {
      const isOffered = (peer.options.ourServices & ServiceFlag.BLOOM) !== 0n;
      const why = isOffered
        ? uploadLimit.isReached(false) && "mempool request with bandwidth limit reached"
        : "mempool request with bloom filters disabled";
      if (why) {
        if (!peer.has("noban")) peers.disconnect(peer, why);
        return;
      }
    }
    onMempoolRequest(peer);
  }
}
