import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import type { ChainTip } from "../network/chain-source.ts";

/** What the newest block of a public chain can be. Private chains (regtest, signets of one's own) are as those who run them like. */

/**
 * How much faster than every ten minutes blocks have come on the whole, at most; a server's word beyond is not believed.
 * - main: each difficulty follows from the two weeks before, so that blocks come early only as far as the hash rate grows. From 2009 to 2026, when it grew by
 *   some 14 powers of ten, that made 5 % more blocks than weeks had; a further eighth leaves room for as much again.
 * - testnet4: a block of the lowest difficulty may come twenty minutes after the one before it by clocks that run two hours ahead at most, beside those of the
 *   usual difficulty: on the whole some two blocks to ten minutes.
 * - test: one block of the lowest difficulty at the end of two weeks sets the difficulty back to that, and thousands come within hours. Until 2026 it had
 *   some six blocks to ten minutes.
 */
const PACE_MAX: Readonly<Record<string, number>> = { main: 9 / 8, testnet4: 10, test: 30 };
const SPACING_SECONDS = 600;
/** A period between two difficulties, within which anything may be. */
const BLOCKS_OF_A_PERIOD = 2016;
/** Nodes take no block whose time is two hours ahead of theirs; clocks of devices are wrong by less than a day where they are not wrong altogether. */
const AHEAD_SECONDS_MAX = 2 * 3600 + 24 * 3600;

/** Whether anybody can tell how long a chain can be. */
export const isPublicChain = (chain: string): boolean => PACE_MAX[chain] !== undefined;

/** Why the newest block that a server names cannot be, in a sentence; `undefined` where it can. Its time is part of what it is: it must go with the height. */
export function impossibleTip(chain: string, { height, time }: ChainTip, nowSeconds: number): string | undefined {
  const pace = PACE_MAX[chain];
  const firstTime = networkByName(chain)?.params.genesis.header.time;
  if (pace === undefined || firstTime === undefined) return undefined;
  if (time > nowSeconds + AHEAD_SECONDS_MAX)
    return `The server's newest block is of ${dayOf(time)}, and on this device it is ${dayOf(nowSeconds)}. Set the clock where that is wrong; else take another server, since nothing of this one is believed.`;
  const heightMax = Math.floor((Math.max(0, time - firstTime) / SPACING_SECONDS) * pace) + BLOCKS_OF_A_PERIOD;
  if (height <= heightMax) return undefined;
  return `The server says that there are ${height.toLocaleString("en")} blocks, and by ${dayOf(time)} there cannot be more than ${heightMax.toLocaleString("en")}: nothing of it is believed. Take another server.`;
}

/** A day as people write it; a time beyond all calendars as it was given. */
function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString().slice(0, 10);
}
