import { concatBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Random } from "../../ports.ts";
import { type KeyHolder, placeOfHolder } from "./key-file.ts";
import { type KdfParameters, keyOfPassphrase, type Passphrase } from "./passphrase-key.ts";
import { clear, openSeal, SEAL_KEY_SIZE, seal } from "./sealed-box.ts";
import { FILE_KEY_SIZE } from "./sql-database.ts";
import { WalletStorageError, wrongPassphraseError } from "./wallet-storage-error.ts";

/** The keys that a holder gives; both to be cleared by the caller. */
export interface HeldKeys {
  readonly fileKey: Uint8Array;
  /** What the master key is sealed with, where the passphrase protects the file. */
  readonly wrapKey: Uint8Array | undefined;
}

/** The keys of a holder. Rejects with `passphrase-needed` or `wrong-passphrase`, naming the file at `path`. */
export async function openHolder(
  holder: KeyHolder,
  walletId: Uint8Array,
  passphrase: Passphrase | undefined,
  path: string,
): Promise<HeldKeys> {
  if (holder.kind === "file") return { fileKey: holder.fileKey.slice(), wrapKey: undefined };
  if (passphrase === undefined) {
    const sentence = `The wallet ${path} opens only with its passphrase. Give it when the wallet is loaded.`;
    throw new WalletStorageError("passphrase-needed", path, sentence);
  }
  const key = await keyOfPassphrase(passphrase, holder.kdf);
  const keys = openSeal(key, holder.sealed, placeOfHolder(walletId, holder.kdf));
  clear(key);
  if (keys?.length !== FILE_KEY_SIZE + SEAL_KEY_SIZE) throw wrongPassphraseError(path);
  const held = { fileKey: keys.slice(0, FILE_KEY_SIZE), wrapKey: keys.slice(FILE_KEY_SIZE) };
  clear(keys);
  return held;
}

/** A holder that gives the keys for the passphrase that `key` was made from with `kdf`. */
export function sealHolder(
  { fileKey, wrapKey }: { readonly fileKey: Uint8Array; readonly wrapKey: Uint8Array },
  walletId: Uint8Array,
  { key, kdf }: { readonly key: Uint8Array; readonly kdf: KdfParameters },
  random: Pick<Random, "bytes">,
): KeyHolder {
  const keys = concatBytes(fileKey, wrapKey);
  const sealed = seal(key, keys, placeOfHolder(walletId, kdf), random);
  clear(keys);
  return { kind: "passphrase", kdf, sealed };
}
