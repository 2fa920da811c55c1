import type { SubmissionReject } from "../../chain/block-processor.ts";
import type { Logger } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import type { Peers } from "../peer-module.ts";

export interface BlockOffence {
  readonly reject: SubmissionReject;
  /** It came as a compact block, which may be passed on before it is checked (BIP152). */
  readonly viaCompactBlock: boolean;
  /** For the log. */
  readonly why: string;
}

export interface PunishmentDependencies {
  readonly peers: Pick<Peers, "misbehaved">;
  readonly log: Logger;
}

/** Punishes a peer for a bad block or header, where it could have known. */
export function punishForBlock(peer: Peer, offence: BlockOffence, { peers, log }: PunishmentDependencies): void {
  if (isOffence(peer, offence)) peers.misbehaved(peer, offence.why);
  else if (offence.why !== "") log.debug("net", `peer=${peer.id}: ${offence.why}`);
}

function isOffence(peer: Peer, { reject, viaCompactBlock }: BlockOffence): boolean {
  switch (reject.kind) {
    case "consensus":
    case "mutated":
      return !viaCompactBlock;
    case "cached-invalid":
      // Who connects to us may be stuck on a chain that we rejected long ago; whom we chose must be of use.
      return !viaCompactBlock && !peer.isInbound;
    case "invalid-header":
    case "invalid-previous":
    case "missing-previous":
      return true;
    case "set-aside":
    case "time-future":
    case "header-low-work":
    case "busy":
      return false;
  }
}
