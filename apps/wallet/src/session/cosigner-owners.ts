import { ownCosigners } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import type { Opened } from "./opened.ts";
import type { SharedSummary } from "./records.ts";
import { prefixesOf } from "./session-dependencies.ts";
import { type StoredCosigner, sharedSummary } from "./shared-summary.ts";
import { UnreadableRecord } from "./stored.ts";
import { phraseOf, signersOf } from "./stored-wallets.ts";
import { networkIn, walletIn, withCosigners } from "./wallet-book.ts";

export interface OwnersSession {
  need(): Opened;
  change(decide: (opened: Opened) => ReturnType<typeof withCosigners>): Promise<unknown>;
}

/**
 * Finds which keys of a shared wallet are of phrases of this device, and remembers it: a descriptor's fingerprints are claims, and deriving takes tenths of a
 * second. Asked before the wallet is on screen; phrases may have come since the last time.
 */
export async function noteOwners(session: OwnersSession, walletId: string): Promise<void> {
  const { vault, stored, strangers } = session.need();
  const wallet = walletIn(stored, walletId);
  const shared = sharedSummary(wallet, stored);
  if (shared === undefined) return;
  const prefixes = prefixesOf(networkIn(stored, wallet.networkId));
  const owners = new Map<string, string>();
  for (const { walletId: ownerId, fingerprints } of signersOf(stored, wallet.networkId)) {
    const asked = shared.cosigners.filter(({ key, fingerprint, ownerId: known }) => {
      const isClaimed = fingerprint !== undefined && fingerprints.has(fingerprint);
      return isClaimed && known === undefined && !strangers.has(`${ownerId} ${key}`);
    });
    const phrase = asked.length === 0 ? undefined : await readable(() => phraseOf(ownerId, vault));
    if (phrase === undefined) continue;
    for (const { key } of asked) strangers.add(`${ownerId} ${key}`);
    for (const { key } of ownCosigners(phrase, asked, prefixes)) owners.set(key, ownerId);
  }
  if (owners.size > 0)
    await session.change((opened) => withCosigners(opened.stored, walletId, ownersOf(shared, owners)));
}

function ownersOf({ cosigners }: SharedSummary, owners: ReadonlyMap<string, string>): readonly StoredCosigner[] {
  return cosigners.map(({ key, name, ownerId }) => ({ key, name, ownerId: owners.get(key) ?? ownerId }));
}

/** A record that cannot be read keeps nobody from another wallet. */
async function readable<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}
