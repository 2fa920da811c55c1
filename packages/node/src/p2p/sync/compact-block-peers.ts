import type { SendCompactMessage } from "@bitfleet/protocol/wire/control.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule } from "../peer-module.ts";

/** BIP152: version 2 has witnesses. */
export const COMPACT_BLOCKS_VERSION = 2n;

/** BIP152: peers that may send new blocks unasked. */
export const HIGH_BANDWIDTH_PEERS_MAX = 3;

export interface CompactBlockPeersOptions {
  /** `-blocksonly`: no transactions at hand that a compact block could be made of, so none is welcome unasked. */
  readonly ignoresTransactions: boolean;
}

/** Who speaks compact blocks, and whom we let send them unasked (BIP152). */
export class CompactBlockPeers implements PeerModule {
  readonly #options: CompactBlockPeersOptions;
  readonly #providers = new Set<Peer>();
  /** Those that we let, the one that brought a block least recently first. */
  #chosen: Peer[] = [];

  readonly handlers: MessageHandlers = {
    sendcmpct: (peer, message) => this.#offered(peer, message),
  };

  constructor(options: CompactBlockPeersOptions) {
    this.#options = options;
  }

  peerGone(peer: Peer): void {
    this.#providers.delete(peer);
    this.#chosen = this.#chosen.filter((other) => other !== peer);
  }

  /** The peer sends compact blocks of our version when asked. */
  provides(peer: Peer): boolean {
    return this.#providers.has(peer);
  }

  /** The peer was the first to bring a block: it may send the next one unasked, instead of who did so longest ago. */
  choose(peer: Peer): void {
    if (this.#options.ignoresTransactions || !this.provides(peer) || !peer.connection.isOpen) return;
    const wasChosen = this.#chosen.includes(peer);
    if (!wasChosen && peer.isInbound) this.#keepOutbound();
    this.#chosen = [...this.#chosen.filter((other) => other !== peer), peer];
    if (wasChosen) return;
    tell(peer, true);
    if (this.#chosen.length > HIGH_BANDWIDTH_PEERS_MAX) tell(this.#chosen.shift()!, false);
  }

  /** The last peer of our own choice does not give way to one that came to us: those could all be one attacker. */
  #keepOutbound(): void {
    const [first, second, ...others] = this.#chosen;
    if (first === undefined || second === undefined || this.#chosen.length < HIGH_BANDWIDTH_PEERS_MAX) return;
    const outboundCount = this.#chosen.filter(({ isInbound }) => !isInbound).length;
    if (outboundCount === 1 && !first.isInbound) this.#chosen = [second, first, ...others];
  }

  #offered(peer: Peer, { version, highBandwidth }: SendCompactMessage): void {
    if (version !== COMPACT_BLOCKS_VERSION) return;
    this.#providers.add(peer);
    peer.highBandwidthFrom = highBandwidth;
  }
}

function tell(peer: Peer, highBandwidth: boolean): void {
  peer.send({ type: "sendcmpct", highBandwidth, version: COMPACT_BLOCKS_VERSION });
  peer.highBandwidthTo = highBandwidth;
}
