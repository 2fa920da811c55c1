import { CHANGES_MAX, type OpenVault, type VaultChange } from "@bitfleet/vault/vault.ts";
import type { Turns } from "@bitfleet/wallet/steps.ts";

/** Changes of one write, and characters of their values: within what a vault takes. */
const WRITE_CHANGES_MAX = Math.floor(CHANGES_MAX / 2);
const WRITE_LENGTH_MAX = 16_000_000;

/**
 * Writes more changes than a vault takes at once, one part after the other in their order. Where it is interrupted, the parts behind are missing: whoever calls
 * orders the changes so that it can be gone on from there.
 */
export async function writeInParts(
  vault: Pick<OpenVault, "write">,
  changes: readonly VaultChange[],
  { changesMax = WRITE_CHANGES_MAX, turns }: PartOptions = {},
): Promise<void> {
  for (const part of partsOf(changes, changesMax)) {
    await vault.write(part);
    if (turns?.isDue()) await turns.give();
  }
}

interface PartOptions {
  /** Of one part. Default: as many as a vault takes. */
  readonly changesMax?: number | undefined;
  /** How others have their turn between two parts. */
  readonly turns?: Turns | undefined;
}

function* partsOf(changes: readonly VaultChange[], changesMax: number): Iterable<readonly VaultChange[]> {
  let part: VaultChange[] = [];
  let length = 0;
  for (const change of changes) {
    const size = JSON.stringify(change.value ?? null).length;
    if (part.length > 0 && (part.length >= changesMax || length + size > WRITE_LENGTH_MAX)) {
      yield part;
      part = [];
      length = 0;
    }
    part.push(change);
    length += size;
  }
  yield part;
}
