import { type BlockHash, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Clock } from "../../ports.ts";
import type { Peer } from "../peer.ts";

/** Until a `getheaders` was answered, or for so long, no other goes out: answers are large, and one is enough. */
export const HEADERS_RESPONSE_TIME_MS = 2 * 60 * 1000;

/** So many hashes of a locator are one block apart; from there on each step is twice the one before. */
const LOCATOR_DENSE_COUNT = 10;

/** Hashes of the chain up to `entry`, highest first, from which a peer finds the last block that both have; genesis ends it. */
export function locatorOf(entry: BlockIndexEntry): BlockHash[] {
  const hashes: BlockHash[] = [];
  let step = 1;
  for (let at = entry; ; at = at.ancestor(Math.max(at.height - step, 0))!) {
    hashes.push(at.hash);
    if (at.height === 0) return hashes;
    if (hashes.length > LOCATOR_DENSE_COUNT) step *= 2;
  }
}

export interface HeaderRequestsDependencies {
  readonly clock: Pick<Clock, "nowMs">;
}

/** Sends `getheaders`, one at a time to each peer. */
export class HeaderRequests {
  readonly #deps: HeaderRequestsDependencies;
  /** When the last unanswered request went out, milliseconds since 1970. */
  readonly #sentMs = new Map<Peer, number>();

  constructor(deps: HeaderRequestsDependencies) {
    this.#deps = deps;
  }

  /** Asks for the headers behind a locator. False where one was sent a short time ago and is not answered. */
  send(peer: Peer, locator: readonly BlockHash[]): boolean {
    const nowMs = this.#deps.clock.nowMs();
    const sentMs = this.#sentMs.get(peer);
    if (sentMs !== undefined && nowMs - sentMs <= HEADERS_RESPONSE_TIME_MS) return false;
    peer.send({ type: "getheaders", locator, stop: ZERO_HASH as BlockHash });
    this.#sentMs.set(peer, nowMs);
    return true;
  }

  /** The last request was answered: the next may go out. */
  answered(peer: Peer): void {
    this.#sentMs.delete(peer);
  }

  /** To be called in `peerGone`. */
  forget(peer: Peer): void {
    this.#sentMs.delete(peer);
  }
}
