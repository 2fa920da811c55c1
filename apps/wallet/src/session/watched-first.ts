import { GAP_LIMIT } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { CustodyAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";

/** Scripts told of at once, at most: what a server lets a client name, and some more. */
const SCRIPTS_MAX = 120;

/**
 * An account's scripts, those first whose payments a person waits for: addresses that are given out or may be next, then those with coins, then
 * the next ones for change. A server lets a client name a hundred; the others are seen with the next block, or the next look.
 */
export function watchedFirst(custody: CustodyAccount): readonly Uint8Array[] {
  const chosen = new Map<string, Uint8Array>();
  const add = (script: Uint8Array | undefined) => {
    if (script !== undefined && chosen.size < SCRIPTS_MAX) chosen.set(script.join(), script);
  };
  const ranges = custody.ranges("looked");
  const next = (isInternal: boolean, count: number) => {
    for (let offset = 0; offset < count; offset++) {
      for (const { descriptor, end } of ranges) {
        if (descriptor.isInternal !== isInternal) continue;
        const index = custody.keychain.source(descriptor.id).progress.nextIndex + offset;
        if (index < end) add(custody.scriptAt(descriptor.id, index));
      }
    }
  };
  next(false, GAP_LIMIT);
  for (const { script } of custody.ledger.unspentCoins()) add(script);
  next(true, GAP_LIMIT);
  return [...chosen.values()];
}
