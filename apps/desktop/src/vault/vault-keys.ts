import type { Random } from "@bitfleet/node/ports.ts";
import type { KeyFile } from "@bitfleet/node/wallets/storage/key-file.ts";
import { openHolder } from "@bitfleet/node/wallets/storage/open-key.ts";
import { keyOfPassphrase } from "@bitfleet/node/wallets/storage/passphrase-key.ts";
import { type DeriveKey, normalPassphrase } from "@bitfleet/vault/passphrase-key.ts";
import { damagedFileError } from "./vault-faults.ts";
import type { VaultFiles } from "./vault-files.ts";

export interface SqlVaultDependencies {
  readonly random: Pick<Random, "bytes">;
  readonly clock: { nowMs(): number; monotonicMs(): number };
}

/** What opens a vault: the key of its file, and the master key of what is in it. */
export interface VaultKeys {
  readonly fileKey: Uint8Array;
  readonly wrapKey: Uint8Array;
}

/** On another thread, and the same key as in a browser. */
export const nativeDeriveKey: DeriveKey = (passphrase, parameters) => keyOfPassphrase(passphrase, parameters);

/** Both keys, for the caller to clear. Rejects with `wrong-passphrase`. */
export async function openKeys(
  { walletId, current }: KeyFile,
  passphrase: string,
  files: VaultFiles,
): Promise<VaultKeys> {
  if (current.kind !== "passphrase") throw damagedFileError(files.key, "it has no key that a passphrase opens");
  const { fileKey, wrapKey } = await openHolder(current, walletId, normalPassphrase(passphrase), files.database);
  return { fileKey, wrapKey: wrapKey! };
}
