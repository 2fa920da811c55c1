import type { Sats } from "@bitfleet/protocol/primitives/types.ts";

/** What a replacement has to pay more at least, in most mempools (BIP125, rule 4), in satoshis a thousand virtual bytes. */
const STEP_SATS_PER_KVB = 1000n;
const SATS_PER_KVB = 1000n;

/**
 * The feerate that is offered for speeding a transaction up, as it is entered in satoshis a virtual byte: what gets one into the next block,
 * or a step more than is paid now where that is less. Whole satoshis, rounded up.
 */
export function suggestedFeerate(now: Sats | undefined, fast: Sats | undefined): string {
  const least = (now ?? 0n) + STEP_SATS_PER_KVB;
  const wanted = fast !== undefined && fast > least ? fast : least;
  return String((wanted + SATS_PER_KVB - 1n) / SATS_PER_KVB);
}
