import { concatBytes, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { RollingFilter } from "@bitfleet/protocol/filters/rolling-filter.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Hash256, hashKey, type Txid, type Wtxid } from "@bitfleet/protocol/primitives/types.ts";
import {
  formatInventoryItem,
  hashKindOf,
  type InventoryItem,
  type InventoryMessage,
  InventoryType,
  isBlockItem,
} from "@bitfleet/protocol/wire/relay.ts";
import type { Chain } from "../../chain/chain.ts";
import type { AcceptResult, Mempool, TransactionReject } from "../../mempool/mempool.ts";
import type { Orphanage } from "../../mempool/orphanage.ts";
import type { Clock, Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { filterTweak, randomSipHashKey } from "../random-values.ts";
import { RecentHashes } from "./recent-hashes.ts";
import type { TxAnnouncements } from "./tx-announcements.ts";
import { type TxRequest, TxRequestTracker } from "./tx-requests.ts";

/** Announcements of one peer that are kept, unless it has the relay permission. */
const ANNOUNCEMENTS_MAX = 5000;
/** Requests under way above which a peer has to wait longer. */
const IN_FLIGHT_MAX = 100;
/** How much longer, each: peers that connected to us, peers that announce by txid while others do by wtxid, and overloaded ones. */
const NON_PREFERRED_DELAY_MS = 2000;
const TXID_RELAY_DELAY_MS = 2000;
const OVERLOADED_DELAY_MS = 2000;
/** A request that is not answered in this time goes to another peer. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Sizes of the memories of what was rejected and of what was confirmed, and how often the first is wrong. */
const REJECTS_COUNT = 120_000;
const CONFIRMED_COUNT = 48_000;
const MISTAKE_RATE = 0.000001;

/** Items of one `getdata`. */
const GETDATA_BATCH = 1000;
/** A `notfound` with more items than we can have asked for is no answer. */
const NOT_FOUND_MAX = ANNOUNCEMENTS_MAX + 16;

/** Transactions larger than this in memory are not kept for compact blocks. */
const EXTRA_TRANSACTION_SIZE_MAX = 100_000;

export interface TxDownloadOptions {
  /** Whether we refuse transactions from a peer. */
  readonly rejectsTransactions: (peer: Peer) => boolean;
  /** All nodes are one owner's (see `TxAnnouncementsOptions`): a peer that connected to us holds nothing back on purpose, and is asked at once. */
  readonly isOwnNetwork: boolean;
}

export interface TxDownloadDependencies {
  readonly chain: Pick<Chain, "isInitialBlockDownload">;
  readonly mempool: Pick<Mempool, "accept" | "acceptPackage" | "has" | "hasWtxid" | "size" | "usageBytes">;
  readonly orphanage: Orphanage;
  readonly announcements: Pick<TxAnnouncements, "announce" | "noteKnown">;
  /** A transaction that is not in the mempool and may be in a block soon. */
  readonly onExtraTransaction: (tx: Transaction) => void;
  /** Whether the peer is one of those from which we rather download. */
  readonly isPreferred: (peer: Peer) => boolean;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Gets transactions that peers announce, each from one peer at a time, and takes them into the mempool. */
export class TxDownload implements PeerModule {
  readonly #options: TxDownloadOptions;
  readonly #deps: TxDownloadDependencies;
  readonly #requests: TxRequestTracker;
  readonly #rejects: RollingFilter;
  /** Too low a fee alone: a child may pay for it (a package), so it is no plain reject. Package hashes too. */
  readonly #reconsiderable: RollingFilter;
  readonly #confirmed = new RecentHashes(CONFIRMED_COUNT);

  readonly handlers: MessageHandlers = {
    inv: (peer, message) => this.#inventory(peer, message),
    tx: (peer, { tx }) => this.#received(peer, tx),
    notfound: (peer, message) => this.#notFound(peer, message),
  };

  constructor(options: TxDownloadOptions, deps: TxDownloadDependencies) {
    this.#options = options;
    this.#deps = deps;
    const { random } = deps;
    this.#requests = new TxRequestTracker(randomSipHashKey(random));
    this.#rejects = new RollingFilter(REJECTS_COUNT, MISTAKE_RATE, this.#tweak());
    this.#reconsiderable = new RollingFilter(REJECTS_COUNT, MISTAKE_RATE, this.#tweak());
  }

  /** Announced transactions that are kept track of, each once for every peer that announced it. */
  get announcementCount(): number {
    return this.#requests.size;
  }

  announcementCountOf(peer: Peer): number {
    return this.#requests.count(peer.id);
  }

  peerGone(peer: Peer): void {
    this.#requests.peerGone(peer.id);
    this.#deps.orphanage.peerGone(peer.id);
  }

  /** The tip changed: what was invalid may be valid now. */
  tipChanged(): void {
    this.#rejects.reset(this.#tweak());
    this.#reconsiderable.reset(this.#tweak());
  }

  blockConnected(block: Block): void {
    if (this.#deps.chain.isInitialBlockDownload) return;
    this.#deps.orphanage.blockConnected(block);
    for (const { txid, wtxid } of block.transactions) {
      for (const hash of equalBytes(txid, wtxid) ? [txid] : [txid, wtxid]) {
        this.#confirmed.add(hash);
        this.#requests.forget(hash);
      }
    }
  }

  blockDisconnected(): void {
    this.#confirmed.clear();
  }

  tick(peer: Peer, nowMs: number): void {
    const requests = this.#requests.requestable(peer.id, nowMs, (other, request) => {
      this.#log("net", `timeout of inflight ${nameOf(request)} from peer=${other}`);
    });
    const items: InventoryItem[] = [];
    for (const request of requests) {
      if (this.#isKnown(request, false)) {
        this.#requests.forget(request.hash);
        continue;
      }
      this.#log("net", `Requesting ${nameOf(request)} peer=${peer.id}`);
      items.push({ kind: request.isWtxid ? InventoryType.WTX : txKindFor(peer), hash: request.hash });
      this.#requests.requested(peer.id, request.hash, nowMs + REQUEST_TIMEOUT_MS);
    }
    for (let start = 0; start < items.length; start += GETDATA_BATCH) {
      peer.send({ type: "getdata", items: items.slice(start, start + GETDATA_BATCH) });
    }
  }

  #inventory(peer: Peer, { items }: InventoryMessage): void {
    const rejects = this.#options.rejectsTransactions(peer);
    const nowMs = this.#deps.clock.nowMs();
    for (const item of items) {
      const hashKind = hashKindOf(item.kind);
      if (hashKind === undefined) {
        if (!isBlockItem(item.kind))
          this.#log("net", `Unknown inv type "${formatInventoryItem(item)}" received from peer=${peer.id}`);
        continue;
      }
      // The other kind of hash than was agreed on is ignored.
      if (item.kind === (peer.usesWtxidRelay ? InventoryType.TX : InventoryType.WTX)) continue;
      if (rejects) {
        const hash = displayHash(item.hash);
        this.#deps.peers.disconnect(peer, `transaction (${hash}) inv sent in violation of protocol`);
        return;
      }
      this.#deps.announcements.noteKnown(peer, item.hash);
      if (this.#deps.chain.isInitialBlockDownload) continue;
      const isKnown = this.#announced(peer, { hash: item.hash, isWtxid: hashKind === "wtxid" }, nowMs);
      this.#log("net", `got inv: ${formatInventoryItem(item)} ${isKnown ? "have" : "new"} peer=${peer.id}`);
    }
  }

  /** True where we have the transaction, or know that we do not want it. */
  #announced(peer: Peer, request: TxRequest, nowMs: number): boolean {
    const { orphanage } = this.#deps;
    if (request.isWtxid) {
      const orphan = orphanage.get(request.hash as Wtxid);
      if (orphan !== undefined) {
        const missing = this.#missingParents(orphan);
        if (missing.length > 0 && this.#addOrphanCandidate(peer, orphan, missing, nowMs))
          orphanage.addAnnouncer(orphan.wtxid, peer.id);
        return true;
      }
    }
    if (this.#isKnown(request, true)) return true;
    if (!peer.has("relay") && this.#requests.count(peer.id) >= ANNOUNCEMENTS_MAX) return false;
    const delayMs = this.#delayMs(peer, !request.isWtxid);
    this.#requests.receivedInventory(peer.id, request, this.#deps.isPreferred(peer), nowMs + delayMs);
    return false;
  }

  #delayMs(peer: Peer, isByTxid: boolean): number {
    const isOverloaded = !peer.has("relay") && this.#requests.countRequested(peer.id) >= IN_FLIGHT_MAX;
    const isAskedAtOnce = this.#options.isOwnNetwork || this.#deps.isPreferred(peer);
    return (
      (isAskedAtOnce ? 0 : NON_PREFERRED_DELAY_MS) +
      (isByTxid && this.#hasWtxidPeers() ? TXID_RELAY_DELAY_MS : 0) +
      (isOverloaded ? OVERLOADED_DELAY_MS : 0)
    );
  }

  #hasWtxidPeers(): boolean {
    for (const peer of this.#deps.peers.ready()) if (peer.usesWtxidRelay) return true;
    return false;
  }

  /** Asks a peer that has an orphan for its parents. False where the peer has no room for them, or announced the orphan before. */
  #addOrphanCandidate(peer: Peer, orphan: Transaction, parents: readonly Txid[], nowMs: number): boolean {
    if (this.#deps.orphanage.isAnnouncedBy(orphan.wtxid, peer.id)) return false;
    if (!peer.has("relay") && this.#requests.count(peer.id) + parents.length > ANNOUNCEMENTS_MAX) return false;
    const readyMs = nowMs + this.#delayMs(peer, true);
    const isPreferred = this.#deps.isPreferred(peer);
    for (const hash of parents) {
      this.#requests.receivedInventory(peer.id, { hash, isWtxid: false }, isPreferred, readyMs);
    }
    this.#log("txpackages", `added peer=${peer.id} as a candidate for resolving orphan ${displayHash(orphan.wtxid)}`);
    return true;
  }

  /** Parents of an orphan that are neither in the mempool nor known to be of no use. */
  #missingParents(tx: Transaction): readonly Txid[] {
    return parentsOf(tx).filter((hash) => !this.#isKnown({ hash, isWtxid: false }, false));
  }

  #isKnown({ hash, isWtxid }: TxRequest, includeReconsiderable: boolean): boolean {
    const { orphanage, mempool } = this.#deps;
    // Orphans are known by wtxid; for a transaction without witness that is its txid too.
    if (orphanage.has(hash as Wtxid)) return true;
    if (includeReconsiderable && this.#reconsiderable.contains(hash)) return true;
    if (this.#confirmed.has(hash) || this.#rejects.contains(hash)) return true;
    return isWtxid ? mempool.hasWtxid(hash as Wtxid) : mempool.has(hash as Txid);
  }

  async #received(peer: Peer, tx: Transaction): Promise<void> {
    const { peers, chain, announcements, mempool, clock } = this.#deps;
    if (this.#options.rejectsTransactions(peer)) {
      peers.disconnect(peer, "transaction sent in violation of protocol");
      return;
    }
    if (chain.isInitialBlockDownload) return;
    announcements.noteKnown(peer, peer.usesWtxidRelay ? tx.wtxid : tx.txid);
    this.#requests.receivedResponse(peer.id, tx.txid);
    this.#requests.receivedResponse(peer.id, tx.wtxid);
    const isKnown = this.#isKnown({ hash: tx.wtxid, isWtxid: true }, false);
    if (isKnown || this.#reconsiderable.contains(tx.wtxid)) {
      if (peer.has("forcerelay")) this.#relayAnyway(peer, tx);
      if (!isKnown) await this.#tryWithChild(peer, tx, "found", "in reconsiderable rejects");
      return;
    }
    const result = await mempool.accept(tx);
    if (result.kind === "accepted") {
      this.#accepted(peer.id, tx, result.replaced);
      peer.lastTransactionSeconds = Math.floor(clock.nowMs() / 1000);
    } else await this.#rejected(peer, tx, result.reject, true);
    // Whoever's orphans they are: a peer that says nothing more would leave them waiting.
    for (const other of [...this.#deps.peers.ready()]) await this.#retryOrphans(other);
  }

  #relayAnyway(peer: Peer, tx: Transaction): void {
    const { log, mempool, announcements } = this.#deps;
    if (mempool.has(tx.txid)) {
      log.info(`Force relaying tx ${names(tx)} from peer=${peer.id}`);
      announcements.announce(tx);
    } else log.info(`Not relaying non-mempool transaction ${names(tx)} from forcerelay peer=${peer.id}`);
  }

  #accepted(peerId: number, tx: Transaction, replaced: readonly Transaction[]): void {
    const { orphanage, mempool, announcements, onExtraTransaction } = this.#deps;
    this.#requests.forget(tx.txid);
    this.#requests.forget(tx.wtxid);
    orphanage.parentArrived(tx);
    orphanage.remove(tx.wtxid);
    const pool = `poolsz ${mempool.size} txn, ${Math.floor(mempool.usageBytes / 1000)} kB`;
    this.#log("mempool", `AcceptToMemoryPool: peer=${peerId}: accepted ${names(tx)} (${pool})`);
    announcements.announce(tx);
    for (const other of replaced) onExtraTransaction(other);
  }

  /** `isFirst`: it was not tried before, alone or in a package. */
  async #rejected(peer: Peer, tx: Transaction, reject: TransactionReject, isFirst: boolean): Promise<void> {
    const { orphanage, onExtraTransaction } = this.#deps;
    this.#log("mempoolrej", `${names(tx)} from peer=${peer.id} was not accepted: ${rejectText(reject)}`);
    let isExtra = isFirst;
    let triesPackage = false;
    if (reject.kind === "missing-inputs") {
      if (isFirst && !this.#rejects.contains(tx.wtxid)) {
        isExtra &&= !orphanage.has(tx.wtxid);
        this.#orphan(peer, tx);
      }
    } else if (reject.kind === "witness-stripped") {
      // Another with its witness may be on its way: nothing of this one may keep it away.
      isExtra = false;
    } else {
      const isReconsiderable = reject.kind === "reconsiderable";
      (isReconsiderable ? this.#reconsiderable : this.#rejects).insert(tx.wtxid);
      triesPackage = isReconsiderable && isFirst;
      this.#requests.forget(tx.wtxid);
      if (reject.kind === "inputs-not-standard" && tx.hasWitness) {
        // The outputs it spends are what is wrong: no other witness helps.
        this.#rejects.insert(tx.txid);
        this.#requests.forget(tx.txid);
      }
    }
    if (reject.kind !== "missing-inputs" && orphanage.remove(tx.wtxid))
      this.#log("txpackages", `   removed orphan tx ${names(tx)}`);
    if (isExtra && tx.size < EXTRA_TRANSACTION_SIZE_MAX) onExtraTransaction(tx);
    if (triesPackage) await this.#tryWithChild(peer, tx, "tx", "failed but reconsiderable");
  }

  /** Keeps a transaction whose parents are missing, and asks for them, unless a parent is known to be bad. */
  #orphan(peer: Peer, tx: Transaction): void {
    const { announcements, orphanage, clock, peers } = this.#deps;
    const parents = parentsOf(tx);
    const reconsiderable = parents.filter(
      (parent) => this.#reconsiderable.contains(parent) && !this.#deps.mempool.has(parent),
    );
    // One parent with too low a fee can come along with its child; two cannot.
    if (reconsiderable.length > 1 || parents.some((parent) => this.#rejects.contains(parent))) {
      this.#log("mempool", `not keeping orphan with rejected parents ${names(tx)}`);
      for (const hash of [tx.txid, tx.wtxid]) {
        this.#rejects.insert(hash);
        this.#requests.forget(hash);
      }
      return;
    }
    const missing = this.#missingParents(tx);
    for (const parent of missing) announcements.noteKnown(peer, parent);
    const candidates = new Set([
      peer.id,
      ...this.#requests.candidatePeers(tx.txid),
      ...this.#requests.candidatePeers(tx.wtxid),
    ]);
    for (const id of candidates) {
      const candidate = peers.find(id);
      if (candidate !== undefined && this.#addOrphanCandidate(candidate, tx, missing, clock.nowMs()))
        orphanage.add(tx, id);
    }
    this.#requests.forget(tx.txid);
    this.#requests.forget(tx.wtxid);
  }

  /** A parent that pays too little, with a child of the same peer that may pay for both. */
  async #tryWithChild(peer: Peer, parent: Transaction, what: string, why: string): Promise<void> {
    const { orphanage, mempool } = this.#deps;
    const subject = what === "tx" ? `tx ${names(parent)} ${why}` : `found tx ${names(parent)} ${why}`;
    this.#log("txpackages", `${subject}, looking for child in orphanage`);
    const child = orphanage
      .childrenFromPeer(parent, peer.id)
      .find(
        (candidate) =>
          !this.#reconsiderable.contains(packageHash(parent, candidate)) && !this.#rejects.contains(candidate.txid),
      );
    if (child === undefined) return;
    const result = await mempool.acceptPackage([parent, child]);
    const [ofParent, ofChild] = result.results;
    const isAccepted = ofParent?.kind === "accepted" && ofChild?.kind === "accepted";
    const members = `parent ${names(parent)}, sender=${peer.id}) + child ${names(child)}, sender=${peer.id})`;
    this.#log(
      "txpackages",
      `package evaluation for ${members}: ${isAccepted ? "package accepted" : "package rejected"}`,
    );
    if (!isAccepted) this.#reconsiderable.insert(packageHash(parent, child));
    // The child first: what it leaves behind in the orphanage must not be tried again because of its own parent.
    if (ofChild !== undefined) await this.#judged(peer, child, ofChild);
    if (ofParent !== undefined) await this.#judged(peer, parent, ofParent);
  }

  async #judged(peer: Peer, tx: Transaction, result: AcceptResult): Promise<void> {
    if (result.kind === "accepted") this.#accepted(peer.id, tx, result.replaced);
    else if (result.reject.kind !== "already-known") await this.#rejected(peer, tx, result.reject, false);
  }

  /** Tries orphans of this peer whose parents came in. */
  async #retryOrphans(peer: Peer): Promise<void> {
    const { orphanage, mempool } = this.#deps;
    for (let tx = orphanage.takeWork(peer.id); tx !== undefined; tx = orphanage.takeWork(peer.id)) {
      const result = await mempool.accept(tx);
      if (result.kind === "accepted") {
        this.#log("txpackages", `   accepted orphan tx ${names(tx)}`);
        this.#accepted(peer.id, tx, result.replaced);
      } else if (result.reject.kind !== "missing-inputs") {
        const text = rejectText(result.reject);
        this.#log("txpackages", `   invalid orphan tx ${names(tx)} from peer=${peer.id}. ${text}`);
        await this.#rejected(peer, tx, result.reject, false);
      }
    }
  }

  #notFound(peer: Peer, { items }: InventoryMessage): void {
    if (items.length > NOT_FOUND_MAX) return;
    for (const { kind, hash } of items) {
      if (hashKindOf(kind) !== undefined) this.#requests.receivedResponse(peer.id, hash);
    }
  }

  #tweak(): number {
    return filterTweak(this.#deps.random);
  }

  #log(category: "net" | "mempool" | "mempoolrej" | "txpackages", message: string): void {
    this.#deps.log.debug(category, message);
  }
}

/** BIP144: with its witness from who has it. */
function txKindFor(peer: Peer): number {
  return peer.servesWitnesses ? InventoryType.WITNESS_TX : InventoryType.TX;
}

function parentsOf(tx: Transaction): readonly Txid[] {
  const parents = new Map(tx.inputs.map(({ previousOutput: { txid } }) => [hashKey(txid), txid]));
  return [...parents.values()];
}

/** Names a package by its members' wtxids, whatever their order. */
function packageHash(...transactions: readonly Transaction[]): Hash256 {
  const wtxids = transactions.map(({ wtxid }) => wtxid).sort((a, b) => (displayHash(a) < displayHash(b) ? -1 : 1));
  return sha256d(concatBytes(...wtxids));
}

const nameOf = ({ hash, isWtxid }: TxRequest) => `${isWtxid ? "wtx" : "tx"} ${displayHash(hash)}`;
const names = (tx: Transaction) => `${displayHash(tx.txid)} (wtxid=${displayHash(tx.wtxid)})`;
