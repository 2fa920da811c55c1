import { bigIntFromLittleEndian, equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { ConsensusParams } from "@bitfleet/protocol/consensus/params.ts";
import { validTarget } from "@bitfleet/protocol/consensus/pow.ts";
import type { BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { HEADERS_MAX } from "@bitfleet/protocol/wire/relay.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { SubmissionReject } from "../../chain/block-processor.ts";
import type { Chain } from "../../chain/chain.ts";
import type { Clock, Logger } from "../../ports.ts";
import { disconnectLoudly } from "../loud-disconnect.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { punishForBlock } from "./block-punishment.ts";
import type { DirectFetch } from "./direct-fetch.ts";
import type { HeaderIntake } from "./header-intake.ts";
import { type HeaderRequests, locatorOf } from "./header-requests.ts";
import type { LowWorkHeaders } from "./low-work-headers.ts";
import type { PeerChains } from "./peer-chain.ts";
import type { SyncPeers } from "./sync-peers.ts";

export interface HeadersSyncOptions {
  readonly minimumChainwork: bigint;
}

export interface HeadersSyncDependencies {
  readonly chain: Pick<Chain, "tip" | "bestHeader" | "find" | "isInActiveChain" | "isInitialBlockDownload" | "network">;
  readonly peers: Peers;
  readonly chains: PeerChains;
  readonly syncPeers: SyncPeers;
  readonly headerRequests: HeaderRequests;
  readonly lowWork: LowWorkHeaders;
  readonly intake: Pick<HeaderIntake, "submit">;
  readonly directFetch: Pick<DirectFetch, "fetchTowards">;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** A message of headers, and what came before it. */
interface Arrival {
  readonly headers: readonly BlockHeader[];
  /** As many as a message holds: there may be more. */
  readonly isFull: boolean;
  readonly viaCompactBlock: boolean;
}

/** Takes headers from peers: those of chains with enough work into the index, the others through a first pass. */
export class HeadersSync implements PeerModule {
  readonly #options: HeadersSyncOptions;
  readonly #deps: HeadersSyncDependencies;

  readonly handlers: MessageHandlers = {
    headers: (peer, { headers }) => this.process(peer, headers, false),
  };

  constructor(options: HeadersSyncOptions, deps: HeadersSyncDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerGone(peer: Peer): void {
    const { chains, headerRequests, lowWork } = this.#deps;
    chains.forget(peer);
    headerRequests.forget(peer);
    lowWork.drop(peer);
  }

  /** `viaCompactBlock`: the one header is that of a compact block that was of no other use. */
  async process(peer: Peer, headers: readonly BlockHeader[], viaCompactBlock: boolean): Promise<void> {
    const { lowWork, headerRequests, chain } = this.#deps;
    if (headers.length === 0) {
      // No announcement, so it is the answer to what we asked: the peer has no more.
      lowWork.drop(peer);
      headerRequests.answered(peer);
      this.#deps.syncPeers.noteHeard(peer);
      return;
    }
    const problem = problemOf(headers, chain.network.params);
    if (problem !== undefined) {
      this.#deps.peers.misbehaved(peer, problem);
      return;
    }
    const isFull = headers.length === HEADERS_MAX;
    const proven = lowWork.resume(peer, headers);
    if (proven?.length === 0) return;
    const arrival: Arrival = { headers: proven ?? headers, isFull, viaCompactBlock };
    const start = chain.find(arrival.headers[0]!.previousBlockHash);
    if (start === undefined) {
      this.#askForGap(peer, arrival.headers);
      return;
    }
    headerRequests.answered(peer);
    if (proven === undefined && !this.#isTrusted(peer, arrival.headers) && lowWork.hold(peer, start, arrival.headers))
      return;
    await this.#take(peer, arrival);
  }

  /** A block was announced whose ancestors we lack: we ask for them. */
  #askForGap(peer: Peer, headers: readonly BlockHeader[]): void {
    const { chain, chains, headerRequests, log } = this.#deps;
    const best = chain.bestHeader;
    if (headerRequests.send(peer, locatorOf(best))) {
      const [first] = headers;
      const what = `received header ${displayHash(first!.hash)}: missing prev block ${displayHash(first!.previousBlockHash)}`;
      log.debug("net", `${what}, sending getheaders (${best.height}) to end (peer=${peer.id})`);
    }
    // Should the headers come from another peer, this one is known to have the blocks.
    chains.updateBlockAvailability(peer, headers.at(-1)!.hash);
  }

  /** Whether work need not be shown: the peer is trusted, or the headers are of chains that we have and take no memory. */
  #isTrusted(peer: Peer, headers: readonly BlockHeader[]): boolean {
    const { chain } = this.#deps;
    const last = chain.find(headers.at(-1)!.hash);
    if (peer.has("noban")) return true;
    return last !== undefined && (chain.bestHeader.ancestor(last.height) === last || chain.isInActiveChain(last));
  }

  async #take(peer: Peer, { headers, isFull, viaCompactBlock }: Arrival): Promise<void> {
    const { chain, intake, lowWork, headerRequests, directFetch, log } = this.#deps;
    const isNew = chain.find(headers.at(-1)!.hash) === undefined;
    const submission = await intake.submit(peer, headers);
    if (submission === undefined) return;
    if (submission.reject !== undefined) {
      this.#refused(peer, submission.reject, viaCompactBlock);
      return;
    }
    const last = submission.last!;
    if (isNew) logNewHeader(this.#deps, peer, last, false);
    if (isFull && !lowWork.isSyncing(peer) && headerRequests.send(peer, locatorOf(last)))
      log.debug("net", `more getheaders (${last.height}) to end to peer=${peer.id}`);
    if (!isFull && !lowWork.isSyncing(peer)) this.#deps.syncPeers.noteHeard(peer);
    this.#notePeer(peer, last, isNew, isFull);
    if (peer.connection.isOpen) directFetch.fetchTowards(peer, last);
  }

  #refused(peer: Peer, reject: SubmissionReject, viaCompactBlock: boolean): void {
    if (!peer.isInbound && reject.kind === "cached-invalid") {
      this.#deps.log.warn(
        `${reject.detail} (received from peer=${peer.id}). If this happens with all peers, consider database corruption ` +
          "(that -reindex may fix) or a potential consensus incompatibility.",
      );
    }
    punishForBlock(peer, { reject, viaCompactBlock, why: "invalid header received" }, this.#deps);
  }

  /** What the headers say about the peer: whether it is of use, and deserves to be kept. */
  #notePeer(peer: Peer, last: BlockIndexEntry, isNew: boolean, isFull: boolean): void {
    const { chain, chains, syncPeers, clock, log } = this.#deps;
    chains.updateBlockAvailability(peer, last.hash);
    if (isNew && last.chainwork > chain.tip.chainwork)
      syncPeers.noteAnnouncement(peer, Math.floor(clock.nowMs() / 1000));
    const best = chains.best(peer);
    if (best === undefined) return;
    const isTooWeak = !isFull && best.chainwork < this.#options.minimumChainwork;
    if (chain.isInitialBlockDownload && isTooWeak && peer.isOutboundOrBlockRelay) {
      // That is all it has, and no block is fetched of a chain with so little work.
      disconnectLoudly(peer, "outbound peer headers chain has insufficient work", this.#deps);
      return;
    }
    if (peer.isFullRelay && best.chainwork >= chain.tip.chainwork && syncPeers.protect(peer))
      log.debug("net", `Protecting outbound peer=${peer.id} from eviction`);
  }
}

/** Logs a header that is new and valid. Past the initial download always, as traces of who held a block back. */
export function logNewHeader(
  { chain, log }: { readonly chain: Pick<Chain, "isInitialBlockDownload">; readonly log: Logger },
  peer: Peer,
  entry: BlockIndexEntry,
  viaCompactBlock: boolean,
): void {
  const kind = viaCompactBlock ? "cmpctblock header" : "header";
  const line = `Saw new ${kind} hash=${displayHash(entry.hash)} height=${entry.height} ${peer}`;
  if (chain.isInitialBlockDownload) log.debug("validation", line);
  else log.info(line);
}

/** What is wrong with a message of headers, whatever chain they belong to. */
function problemOf(headers: readonly BlockHeader[], params: ConsensusParams): string | undefined {
  if (!haveProofOfWork(headers, params)) return "header with invalid proof of work";
  const isContinuous = headers.every(
    ({ previousBlockHash }, index) => index === 0 || equalBytes(previousBlockHash, headers[index - 1]!.hash),
  );
  return isContinuous ? undefined : "non-continuous headers sequence";
}

function haveProofOfWork(headers: readonly BlockHeader[], params: ConsensusParams): boolean {
  let bits: number | undefined;
  let target: bigint | undefined;
  return headers.every((header) => {
    // Neighbours mostly have the same target.
    if (header.bits !== bits) {
      bits = header.bits;
      target = validTarget(bits, params);
    }
    return target !== undefined && bigIntFromLittleEndian(header.hash) <= target;
  });
}
