import { bigIntFromLittleEndian } from "@bitfleet/protocol/bytes/bytes.ts";
import type { SendReconciliationMessage } from "@bitfleet/protocol/wire/control.ts";
import type { Logger, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { MessageHandlers, PeerModule, Peers } from "../peer-module.ts";
import { WTXID_RELAY_VERSION } from "../versions.ts";

/** BIP330: the only version. */
const RECONCILIATION_VERSION = 1;
const SALT_SIZE = 8;

/** `offered`: we sent ours. `agreed`: both did. */
type ReconciliationState = "offered" | "agreed";

export interface ReconciliationOptions {
  /** `-txreconciliation`. */
  readonly isEnabled: boolean;
  readonly ignoresTransactions: boolean;
  readonly rejectsTransactions: (peer: Peer) => boolean;
}

export interface ReconciliationDependencies {
  readonly peers: Peers;
  readonly random: Pick<Random, "bytes">;
  readonly log: Logger;
}

/** The handshake of BIP330. Sets are not reconciled yet, as in Bitcoin Core: who agreed is announced to as before. */
export class Reconciliation implements PeerModule {
  readonly #options: ReconciliationOptions;
  readonly #deps: ReconciliationDependencies;
  readonly #states = new Map<Peer, ReconciliationState>();

  readonly handlers: MessageHandlers = {
    sendtxrcncl: (peer, message) => this.#received(peer, message),
  };

  constructor(options: ReconciliationOptions, deps: ReconciliationDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  peerVersion(peer: Peer): void {
    const { isEnabled, ignoresTransactions } = this.#options;
    if (!isEnabled || ignoresTransactions || peer.commonVersion < WTXID_RELAY_VERSION) return;
    if (!peer.relaysTransactions || peer.isAddressFetch) return;
    this.#states.set(peer, "offered");
    const salt = bigIntFromLittleEndian(this.#deps.random.bytes(SALT_SIZE));
    peer.send({ type: "sendtxrcncl", version: RECONCILIATION_VERSION, salt });
  }

  peerReady(peer: Peer): void {
    // Without wtxids, or an answer, there is nothing to reconcile.
    if (!peer.usesWtxidRelay || this.#states.get(peer) !== "agreed") this.#states.delete(peer);
  }

  peerGone(peer: Peer): void {
    this.#states.delete(peer);
  }

  #received(peer: Peer, { version }: SendReconciliationMessage): void {
    const { peers, log } = this.#deps;
    if (!this.#options.isEnabled) {
      log.debug("net", `sendtxrcncl from peer=${peer.id} ignored, as our node does not have txreconciliation enabled`);
      return;
    }
    const violation = this.#violation(peer, version);
    if (violation !== undefined) peers.disconnect(peer, violation);
    else if (!this.#states.has(peer))
      log.debug("net", `Ignore unexpected txreconciliation signal from peer=${peer.id}`);
    else this.#states.set(peer, "agreed");
  }

  #violation(peer: Peer, version: number): string | undefined {
    if (peer.isReady) return "sendtxrcncl received after verack";
    if (this.#options.rejectsTransactions(peer)) return "sendtxrcncl received to which we indicated no tx relay";
    if (!peer.relaysTransactions) return "sendtxrcncl received which indicated no tx relay to us";
    const state = this.#states.get(peer);
    if (state === "agreed")
      return "txreconciliation protocol violation (sendtxrcncl received from already registered peer)";
    return state === "offered" && version < RECONCILIATION_VERSION ? "txreconciliation protocol violation" : undefined;
  }
}
