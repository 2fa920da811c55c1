import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, type HashKey, hashKey, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { GetBlockTransactionsMessage } from "@bitfleet/protocol/wire/compact-blocks.ts";
import { HEADERS_MAX, InventoryType, type LocatorMessage } from "@bitfleet/protocol/wire/relay.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { BlockStatus } from "../../chain/block-index-codec.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import { StorageError } from "../../storage/storage-error.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { canDirectFetch, isBlockRequestAllowed } from "../sync/block-requests-allowed.ts";
import type { PeerChains } from "../sync/peer-chain.ts";
import type { BlockAnnouncements } from "./block-announcements.ts";
import type { RecentBlocks } from "./recent-blocks.ts";
import type { UploadLimit } from "./upload-limit.ts";

/** Hashes that answer one `getblocks`. */
const GETBLOCKS_MAX = 500;
/** Older than this a block counts as historical: served only while the upload limit allows. */
const HISTORICAL_AGE_SECONDS = 7 * 24 * 60 * 60;
/** BIP159: blocks that a node with NODE_NETWORK_LIMITED keeps, and a few more for those that are on their way. */
const LIMITED_BLOCKS = 288;
const LIMITED_BLOCKS_BUFFER = 2;
/** Depth below the tip down to which compact blocks, and transactions of them, are worth making. */
const COMPACT_BLOCK_DEPTH_MAX = 5;
const BLOCK_TRANSACTIONS_DEPTH_MAX = 10;

export interface BlockServingOptions {
  /** Below this work our chain is nobody's model: headers are not served. */
  readonly minimumChainwork: bigint;
}

export interface BlockServingDependencies {
  readonly chain: Pick<
    Chain,
    | "tip"
    | "bestHeader"
    | "find"
    | "next"
    | "isInActiveChain"
    | "blockAt"
    | "network"
    | "readBlock"
    | "readBlockBytes"
    | "settled"
    | "pruneMode"
    | "isPruned"
  >;
  readonly peers: Peers;
  readonly chains: Pick<PeerChains, "setBestHeaderSent">;
  readonly announcements: Pick<BlockAnnouncements, "announceByInventory">;
  readonly recent: RecentBlocks;
  readonly uploadLimit: Pick<UploadLimit, "isReached">;
  /** Sends what a bloom-filtered peer may see of a block. */
  readonly sendFiltered: (peer: Peer, block: Block) => void;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** Answers requests for headers and blocks: whole, compact, or single transactions of them. */
export class BlockServing implements PeerModule {
  readonly #options: BlockServingOptions;
  readonly #deps: BlockServingDependencies;
  /** The block whose request shows that a peer needs the next `inv` of its `getblocks` walk. */
  readonly #continuations = new Map<Peer, HashKey>();

  readonly handlers: MessageHandlers = {
    getheaders: (peer, message) => this.#getHeaders(peer, message),
    getblocks: (peer, message) => this.#getBlocks(peer, message),
    getblocktxn: (peer, message) => this.#getBlockTransactions(peer, message),
  };

  constructor(options: BlockServingOptions, deps: BlockServingDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    this.#continuations.delete(peer);
  }

  /** Answers one block item of a `getdata`: `kind` says in which form. Sends nothing for what the peer may not have. */
  async serve(peer: Peer, kind: number, hash: BlockHash): Promise<void> {
    const { chain, peers } = this.#deps;
    let entry = chain.find(hash);
    if (entry === undefined) return;
    if (entry.chainTransactionCount > 0 && !entry.isValid(BlockStatus.VALID_SCRIPTS) && !entry.isInvalid) {
      // It was announced before it was fully checked: the answer waits for the check.
      await chain.settled();
      entry = chain.find(hash)!;
    }
    if (!isBlockRequestAllowed(chain, entry)) {
      this.#log(
        `ProcessGetBlockData: ignoring request from peer=${peer.id} for old block that isn't in the main chain`,
      );
      return;
    }
    const refusal = this.#refusal(peer, kind, entry);
    if (refusal !== undefined) {
      peers.disconnect(peer, refusal);
      return;
    }
    if (!entry.hasData) return;
    try {
      await this.#send(peer, kind, entry);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (chain.isPruned(entry)) this.#log(`Block was pruned before it could be read, disconnecting ${peer}`);
      else this.#deps.log.error(`Cannot load block from disk, disconnecting ${peer}`, { error: error.message });
      peers.disconnect(peer, "");
    }
    this.#continue(peer, entry);
  }

  /** Why the connection ends instead of an answer. */
  #refusal(peer: Peer, kind: number, entry: BlockIndexEntry): string | undefined {
    const { chain, uploadLimit } = this.#deps;
    const isHistorical = chain.bestHeader.time - entry.time > HISTORICAL_AGE_SECONDS;
    if (uploadLimit.isReached(true) && (isHistorical || kind === InventoryType.FILTERED_BLOCK) && !peer.has("download"))
      return "historical block serving limit reached";
    const { ourServices } = peer.options;
    const isLimited = (ourServices & ServiceFlag.NETWORK_LIMITED) !== 0n && (ourServices & ServiceFlag.NETWORK) === 0n;
    const depth = chain.tip.height - entry.height;
    // Which blocks are still there tells how much disk we have; and who waits for one that is gone waits in vain.
    return isLimited && depth > LIMITED_BLOCKS + LIMITED_BLOCKS_BUFFER && !peer.has("noban")
      ? "Ignore block request below NODE_NETWORK_LIMITED threshold"
      : undefined;
  }

  async #send(peer: Peer, kind: number, entry: BlockIndexEntry): Promise<void> {
    const { chain, recent, sendFiltered, clock } = this.#deps;
    const held = recent.block(entry.hash);
    if (kind === InventoryType.WITNESS_BLOCK) {
      // On disk a block is as on the wire.
      peer.sendEncoded("block", held?.bytes ?? (await chain.readBlockBytes(entry)));
      return;
    }
    const block = held ?? (await chain.readBlock(entry));
    if (kind === InventoryType.BLOCK) {
      peer.send({ type: "block", block, withoutWitness: true });
    } else if (kind === InventoryType.FILTERED_BLOCK) {
      sendFiltered(peer, block);
    } else if (kind === InventoryType.COMPACT_BLOCK) {
      const isNear = entry.height >= chain.tip.height - COMPACT_BLOCK_DEPTH_MAX;
      // Against old blocks the peer's mempool is of no use.
      if (isNear && canDirectFetch(chain, clock.nowMs())) {
        peer.sendEncoded("cmpctblock", recent.compactPayload(block));
      } else peer.sendEncoded("block", block.bytes);
    }
  }

  /** After the last block of a batch the peer is told of the tip, which makes it ask for the next batch. */
  #continue(peer: Peer, entry: BlockIndexEntry): void {
    if (this.#continuations.get(peer) !== entry.key) return;
    this.#continuations.delete(peer);
    peer.send({ type: "inv", items: [{ kind: InventoryType.BLOCK, hash: this.#deps.chain.tip.hash }] });
  }

  #getHeaders(peer: Peer, { locator, stop }: LocatorMessage): void {
    const { chain, chains } = this.#deps;
    if (chain.tip.chainwork < this.#options.minimumChainwork && !peer.has("download")) {
      this.#log(
        `Ignoring getheaders from peer=${peer.id} because active chain has too little work; sending empty response`,
      );
      peer.send({ type: "headers", headers: [] });
      return;
    }
    let entry: BlockIndexEntry | undefined;
    if (locator.length === 0) {
      entry = chain.find(stop);
      if (entry === undefined) return;
      if (!isBlockRequestAllowed(chain, entry)) {
        this.#log(
          `ProcessMessage: ignoring request from peer=${peer.id} for old block header that isn't in the main chain`,
        );
        return;
      }
    } else {
      entry = chain.next(this.#fork(locator));
    }
    this.#log(`getheaders ${entry?.height ?? -1} to ${stopText(stop)} from peer=${peer.id}`);
    const headers: BlockHeader[] = [];
    for (; entry !== undefined; entry = chain.next(entry)) {
      headers.push(entry.header);
      if (headers.length >= HEADERS_MAX || entry.key === hashKey(stop)) break;
    }
    // Not the highest ever sent: had the tip been announced already and not got across, it is told again.
    chains.setBestHeaderSent(peer, entry ?? chain.tip);
    peer.send({ type: "headers", headers });
  }

  async #getBlocks(peer: Peer, { locator, stop }: LocatorMessage): Promise<void> {
    const { chain, announcements } = this.#deps;
    await chain.settled();
    let entry = chain.next(this.#fork(locator));
    this.#log(`getblocks ${entry?.height ?? -1} to ${stopText(stop)} limit ${GETBLOCKS_MAX} from peer=${peer.id}`);
    for (let count = 1; entry !== undefined; entry = chain.next(entry), count++) {
      if (entry.key === hashKey(stop)) {
        this.#log(` getblocks stopping at ${entry.height} ${displayHash(entry.hash)}`);
        return;
      }
      if (this.#mayGoSoon(entry)) {
        this.#log(` getblocks stopping, pruned or too old block at ${entry.height} ${displayHash(entry.hash)}`);
        return;
      }
      announcements.announceByInventory(peer, entry.hash);
      if (count >= GETBLOCKS_MAX) {
        this.#log(` getblocks stopping at limit ${entry.height} ${displayHash(entry.hash)}`);
        this.#continuations.set(peer, entry.key);
        return;
      }
    }
  }

  /** Whether a block is pruned, or may be within the hour in which the peer asks for it. */
  #mayGoSoon(entry: BlockIndexEntry): boolean {
    const { chain } = this.#deps;
    if (chain.pruneMode === undefined) return false;
    const blocksPerHour = Math.floor(3600 / chain.network.params.targetSpacingSeconds);
    return !entry.hasData || entry.height <= chain.tip.height - (LIMITED_BLOCKS - blocksPerHour);
  }

  async #getBlockTransactions(peer: Peer, { blockHash, indexes }: GetBlockTransactionsMessage): Promise<void> {
    const { chain, recent } = this.#deps;
    const held = recent.block(blockHash);
    if (held !== undefined) {
      this.#sendTransactions(peer, held, indexes);
      return;
    }
    const entry = chain.find(blockHash);
    if (!entry?.hasData) {
      this.#log(`Peer ${peer.id} sent us a getblocktxn for a block we don't have`);
      return;
    }
    if (entry.height >= chain.tip.height - BLOCK_TRANSACTIONS_DEPTH_MAX) {
      this.#sendTransactions(peer, await chain.readBlock(entry), indexes);
      return;
    }
    // The whole block instead: who asks in order to have us read the disk must at least take what was read.
    this.#log(`Peer ${peer.id} sent us a getblocktxn for a block > ${BLOCK_TRANSACTIONS_DEPTH_MAX} deep`);
    await this.serve(peer, InventoryType.WITNESS_BLOCK, blockHash);
  }

  #sendTransactions(peer: Peer, block: Block, indexes: readonly number[]): void {
    const transactions = indexes.flatMap((index) => block.transactions[index] ?? []);
    if (transactions.length < indexes.length) {
      this.#deps.peers.misbehaved(peer, "getblocktxn with out-of-bounds tx indices");
      return;
    }
    const size = transactions.reduce((sum, tx) => sum + tx.size, 0);
    this.#deps.log.debug(
      "cmpctblock",
      `${peer} sent us a GETBLOCKTXN for block ${displayHash(block.hash)}, sending a BLOCKTXN with ${transactions.length} txns. (${size} bytes)`,
    );
    peer.send({ type: "blocktxn", blockHash: block.hash, transactions });
  }

  /** The highest block of the best chain that a locator tells of; genesis where it tells of none. */
  #fork(locator: readonly BlockHash[]): BlockIndexEntry {
    const { chain } = this.#deps;
    for (const hash of locator) {
      const entry = chain.find(hash);
      if (entry === undefined) continue;
      if (chain.isInActiveChain(entry)) return entry;
      if (entry.ancestor(chain.tip.height) === chain.tip) return chain.tip;
    }
    return chain.blockAt(0)!;
  }

  #log(message: string): void {
    this.#deps.log.debug("net", message);
  }
}

const ZERO_KEY = hashKey(ZERO_HASH);

const stopText = (stop: BlockHash) => (hashKey(stop) === ZERO_KEY ? "end" : displayHash(stop));
