import { isAddrV1Compatible, isRoutable } from "@bitfleet/protocol/wire/address-class.ts";
import { formatEndpoint } from "@bitfleet/protocol/wire/address-text.ts";
import type { VersionEndpoint, VersionMessage } from "@bitfleet/protocol/wire/control.ts";
import { type NetworkEndpoint, UNSPECIFIED_ENDPOINT } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { Clock, Logger } from "../ports.ts";
import type { AddressManager } from "./addresses/address-manager.ts";
import { ALERT_VERSION_LAST, FINAL_ALERT } from "./final-alert.ts";
import type { Peer } from "./peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "./peer-module.ts";
import { sanitize } from "./sanitize.ts";
import {
  ADDRESS_V2_VERSION,
  FEATURE_VERSION,
  PEER_VERSION_MIN,
  PROTOCOL_VERSION,
  SHORT_IDS_VERSION,
  WTXID_RELAY_VERSION,
} from "./versions.ts";

/** Below this depth of our chain a peer with recent blocks only will do (BIP159). */
const LIMITED_PEERS_DEPTH = 144;

/** BIP152 with witnesses: the only version we speak. */
const COMPACT_BLOCKS_VERSION = 2n;

export interface HandshakeOptions {
  readonly userAgent: string;
  /** `-blocksonly`: transactions are wanted from nobody without the relay permission. */
  readonly ignoresTransactions: boolean;
}

export interface HandshakeDependencies {
  readonly peers: Peers & { markReady(peer: Peer): void };
  /** Everyone who takes part in the greeting: told in this order. */
  readonly modules: () => readonly PeerModule[];
  readonly addresses: Pick<AddressManager, "good" | "setServices">;
  /** Height of the tip, for `version`. */
  readonly height: () => number;
  /** About how many blocks the tip is behind now. */
  readonly blocksBehind: () => number;
  /** An inbound peer saw us at this routable address. */
  readonly onOurAddress: (endpoint: NetworkEndpoint) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** `version`, `verack` and what is negotiated between them (BIP155, 339, 434). */
export class HandshakeModule implements PeerModule {
  readonly #options: HandshakeOptions;
  readonly #deps: HandshakeDependencies;

  readonly handlers: MessageHandlers = {
    version: (peer, message) => this.#version(peer, message),
    verack: (peer) => this.#verack(peer),
    wtxidrelay: (peer) => this.#wtxidRelay(peer),
    sendaddrv2: (peer) => this.#sendAddrV2(peer),
    feature: (peer, { featureId }) => this.#feature(peer, featureId),
  };

  constructor(options: HandshakeOptions, deps: HandshakeDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Whether we refuse transactions from this peer. */
  rejectsTransactions(peer: Peer): boolean {
    if (peer.isBlockOnly || peer.isFeeler) return true;
    return this.#options.ignoresTransactions && !peer.has("relay");
  }

  /** Whether a node with these services is worth one of our few outbound connections. */
  hasDesirableServices(services: bigint): boolean {
    const wanted = this.#desirableServices(services);
    return (services & wanted) === wanted;
  }

  #desirableServices(services: bigint): bigint {
    const isLimited = (services & ServiceFlag.NETWORK_LIMITED) !== 0n;
    const willDo = isLimited && this.#deps.blocksBehind() < LIMITED_PEERS_DEPTH;
    return (willDo ? ServiceFlag.NETWORK_LIMITED : ServiceFlag.NETWORK) | ServiceFlag.WITNESS;
  }

  /** Sends our `version`: at once to whom we connect, in answer to theirs to others. */
  greet(peer: Peer): void {
    const { endpoint } = peer.options;
    const height = this.#deps.height();
    const relays = !this.rejectsTransactions(peer);
    // Addresses that the old form cannot tell, and ours on a proxy, are nobody's business.
    const isTold = endpoint !== undefined && isRoutable(endpoint.address) && isAddrV1Compatible(endpoint.address);
    const { ourServices, nonce } = peer.options;
    peer.send({
      type: "version",
      version: PROTOCOL_VERSION,
      services: ourServices,
      timeSeconds: BigInt(Math.floor(this.#deps.clock.nowMs() / 1000)),
      receiver: withServices(isTold ? endpoint : UNSPECIFIED_ENDPOINT, 0n),
      sender: withServices(UNSPECIFIED_ENDPOINT, ourServices),
      nonce,
      userAgent: this.#options.userAgent,
      startingHeight: height,
      relaysTransactions: relays,
    });
    this.#deps.log.debug(
      "net",
      `send version message: version=${PROTOCOL_VERSION}, blocks=${height}, txrelay=${Number(relays)}, peer=${peer.id}`,
    );
  }

  #version(peer: Peer, message: VersionMessage): void {
    const { peers, log, addresses, clock } = this.#deps;
    if (peer.version !== 0) {
      log.debug("net", `redundant version message from peer=${peer.id}`);
      return;
    }
    const { endpoint } = peer.options;
    if (!peer.isInbound && endpoint !== undefined) addresses.setServices(endpoint, message.services);
    const refusal = this.#refusal(peer, message);
    if (refusal !== undefined) {
      peers.disconnect(peer, refusal);
      return;
    }
    if (peer.isInbound && this.#isOurNonce(message.nonce)) {
      log.info(`connected to self at ${peer.options.name}, disconnecting`);
      peers.disconnect(peer, "");
      return;
    }
    if (peer.isInbound && isRoutable(message.receiver.address)) this.#deps.onOurAddress(message.receiver);
    if (peer.isInbound) this.greet(peer);
    this.#note(peer, message);
    if (peer.commonVersion >= WTXID_RELAY_VERSION) peer.send({ type: "wtxidrelay" });
    if (peer.commonVersion >= ADDRESS_V2_VERSION) peer.send({ type: "sendaddrv2" });
    for (const module of this.#deps.modules()) module.peerVersion?.(peer);
    peer.send({ type: "verack" });
    for (const module of this.#deps.modules()) module.peerGreeted?.(peer);
    if (peer.commonVersion <= ALERT_VERSION_LAST) peer.sendEncoded("alert", FINAL_ALERT);
    if (!peer.isInbound && endpoint !== undefined) addresses.good(endpoint, Math.floor(clock.nowMs() / 1000));
    // A feeler only asks whether anybody is there.
    if (peer.isFeeler) peers.disconnect(peer, "feeler connection completed");
  }

  #refusal(peer: Peer, { services, version }: VersionMessage): string | undefined {
    const expectsServices = peer.isFullRelay || peer.isBlockOnly || peer.isAddressFetch;
    if (expectsServices && !this.hasDesirableServices(services)) {
      const wanted = hex8(this.#desirableServices(services));
      return `peer does not offer the expected services (${hex8(services)} offered, ${wanted} expected)`;
    }
    return version < PEER_VERSION_MIN ? `peer using obsolete version ${version}` : undefined;
  }

  /** Whether a connection of ours that is still greeting has sent this nonce: then both ends are us. */
  #isOurNonce(nonce: bigint): boolean {
    for (const peer of this.#deps.peers.all()) {
      if (!peer.isReady && !peer.isInbound && peer.options.nonce === nonce) return true;
    }
    return false;
  }

  #note(peer: Peer, message: VersionMessage): void {
    peer.version = message.version;
    peer.commonVersion = Math.min(message.version, PROTOCOL_VERSION);
    peer.services = message.services;
    peer.userAgent = sanitize(message.userAgent);
    peer.startingHeight = message.startingHeight;
    peer.ourEndpoint = message.receiver;
    const theirSeconds = message.timeSeconds < 0n ? 0n : message.timeSeconds;
    peer.timeOffsetSeconds = Number(theirSeconds) - Math.floor(this.#deps.clock.nowMs() / 1000);
    peer.relaysTransactions = message.relaysTransactions && !peer.isBlockOnly && !peer.isFeeler;
    const agent = peer.userAgent === "" ? "<no user agent>" : peer.userAgent;
    const us = formatEndpoint(message.receiver);
    const relays = Number(message.relaysTransactions);
    this.#deps.log.debug(
      "net",
      `receive version message: ${agent}: version ${message.version}, blocks=${message.startingHeight}, us=${us}, txrelay=${relays}, ${peer}`,
    );
  }

  #verack(peer: Peer): void {
    const { peers, log } = this.#deps;
    if (peer.isReady) {
      log.debug("net", `ignoring redundant verack message from peer=${peer.id}`);
      return;
    }
    const { connectionType } = peer.options;
    const line = `New ${connectionType} peer connected: transport: ${peer.connection.transport}, version: ${peer.version}, ${peer}`;
    // Inbound connections can be made at any rate: they must not fill the log.
    if (peer.isInbound) log.debug("net", line);
    else log.info(line);
    if (peer.commonVersion >= SHORT_IDS_VERSION) {
      peer.send({ type: "sendcmpct", highBandwidth: false, version: COMPACT_BLOCKS_VERSION });
    }
    peers.markReady(peer);
    for (const module of this.#deps.modules()) module.peerReady?.(peer);
  }

  #wtxidRelay(peer: Peer): void {
    const { peers, log } = this.#deps;
    if (peer.isReady) {
      peers.disconnect(peer, "wtxidrelay received after verack");
    } else if (peer.commonVersion < WTXID_RELAY_VERSION) {
      log.debug("net", `ignoring wtxidrelay due to old common version=${peer.commonVersion} from peer=${peer.id}`);
    } else if (peer.usesWtxidRelay) {
      log.debug("net", `ignoring duplicate wtxidrelay from peer=${peer.id}`);
    } else {
      peer.usesWtxidRelay = true;
    }
  }

  #sendAddrV2(peer: Peer): void {
    if (peer.isReady) this.#deps.peers.disconnect(peer, "sendaddrv2 received after verack");
    else peer.wantsAddrV2 = true;
  }

  /** BIP434. None is known yet, so none changes anything. */
  #feature(peer: Peer, featureId: string): void {
    const { peers, log } = this.#deps;
    if (peer.isReady) peers.disconnect(peer, "feature received after verack");
    else if (peer.commonVersion < FEATURE_VERSION)
      peers.disconnect(peer, `feature received with incompatible version ${peer.commonVersion}`);
    else log.debug("net", `unknown feature advertised: ${sanitize(featureId)}`);
  }
}

function withServices(endpoint: NetworkEndpoint, services: bigint): VersionEndpoint {
  return { address: endpoint.address, port: endpoint.port, services };
}

const hex8 = (value: bigint) => value.toString(16).padStart(8, "0");
