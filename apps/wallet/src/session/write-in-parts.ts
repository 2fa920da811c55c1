import { CHANGES_MAX, type OpenVault, type VaultChange } from "@bitfleet/vault/vault.ts";

/** Changes of one write, and characters of their values: within what a vault takes. */
const WRITE_CHANGES_MAX = Math.floor(CHANGES_MAX / 2);
const WRITE_LENGTH_MAX = 16_000_000;

/**
 * Writes more changes than a vault takes at once, one part after the other in their order. Where it is interrupted, the parts behind are missing: whoever calls
 * orders the changes so that it can be gone on from there.
 */
export async function writeInParts(vault: Pick<OpenVault, "write">, changes: readonly VaultChange[]): Promise<void> {
  for (const part of partsOf(changes)) await vault.write(part);
}

function partsOf(changes: readonly VaultChange[]): readonly (readonly VaultChange[])[] {
  const parts: VaultChange[][] = [[]];
  let length = 0;
  for (const change of changes) {
    const size = JSON.stringify(change.value ?? null).length;
    const current = parts.at(-1)!;
    if (current.length > 0 && (current.length >= WRITE_CHANGES_MAX || length + size > WRITE_LENGTH_MAX)) {
      parts.push([change]);
      length = size;
      continue;
    }
    current.push(change);
    length += size;
  }
  return parts;
}
