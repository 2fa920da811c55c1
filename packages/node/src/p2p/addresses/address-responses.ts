import { ADDRESSES_MAX } from "@bitfleet/protocol/wire/discovery.ts";
import type { GossipAddress } from "@bitfleet/protocol/wire/network-address.ts";
import type { Clock, Random } from "../../ports.ts";
import type { Peer } from "../peer.ts";
import { type AddressesToTellDependencies, addressesToTell } from "./addresses-to-tell.ts";

/** Of all addresses, told in one answer: nobody gets them all by asking once. */
const PERCENT_MAX = 23;
const HOUR_MS = 60 * 60 * 1000;
/** An answer is given again for so long, and up to so much longer. */
const LIFETIME_MIN_MS = 21 * HOUR_MS;
const LIFETIME_SPREAD_MS = 6 * HOUR_MS;
/** One answer for each network and each address that we listen on; there are few of both. */
const RESPONSES_MAX = 1000;

interface Response {
  readonly addresses: readonly GossipAddress[];
  readonly untilMs: number;
}

export interface AddressResponsesDependencies extends AddressesToTellDependencies {
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "unit">;
}

/**
 * Answers to `getaddr`. All who come by the same way get the same answer for a day, so that asking often tells neither all that we
 * know nor when it changed.
 */
export class AddressResponses {
  readonly #deps: AddressResponsesDependencies;
  readonly #byWay = new Map<string, Response>();

  constructor(deps: AddressResponsesDependencies) {
    this.#deps = deps;
  }

  /** At most 1,000 addresses. A peer with the addr permission has a fresh draw each time. */
  answerTo(peer: Peer): readonly GossipAddress[] {
    return peer.has("addr") ? this.#draw() : this.#cached(wayOf(peer));
  }

  #cached(way: string): readonly GossipAddress[] {
    const { clock, random } = this.#deps;
    const nowMs = clock.nowMs();
    const known = this.#byWay.get(way);
    if (known !== undefined && known.untilMs >= nowMs) return known.addresses;
    const addresses = this.#draw();
    if (this.#byWay.size >= RESPONSES_MAX) this.#byWay.clear();
    this.#byWay.set(way, { addresses, untilMs: nowMs + LIFETIME_MIN_MS + random.unit() * LIFETIME_SPREAD_MS });
    return addresses;
  }

  #draw(): readonly GossipAddress[] {
    return addressesToTell({ countMax: ADDRESSES_MAX, percentMax: PERCENT_MAX }, this.#deps);
  }
}

/** Network of the peer, and the address of ours that it came to. */
function wayOf({ options: { network, localEndpoint } }: Peer): string {
  const local = localEndpoint && `${Buffer.from(localEndpoint.address.bytes).toString("hex")}:${localEndpoint.port}`;
  return `${network} ${local ?? ""}`;
}
