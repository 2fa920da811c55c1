import {
  WalletStorageError,
  type WalletStorageErrorCode,
  walletErrorFor,
} from "@bitfleet/node/wallets/storage/wallet-storage-error.ts";
import { VaultError, type VaultErrorCode } from "@bitfleet/vault/vault.ts";
import { noSpaceError, tooNewError, wrongPassphraseError } from "@bitfleet/vault/vault-sentences.ts";
import type { VaultFiles } from "./vault-files.ts";

const CODES: Partial<Record<WalletStorageErrorCode, VaultErrorCode>> = {
  "in-use": "in-use",
  "wrong-passphrase": "wrong-passphrase",
  damaged: "damaged",
  "key-file-damaged": "damaged",
  "key-file-missing": "damaged",
  io: "damaged",
  "newer-version": "too-new",
  "disk-full": "no-space",
  closed: "locked",
};

/** What storage and system say, as a vault says it. What is no error of theirs is our own mistake, and stays as it is. */
export function vaultErrorFor(error: unknown, files: VaultFiles): unknown {
  const isSystems = typeof (error as { readonly code?: unknown } | null)?.code === "string";
  if (error instanceof VaultError || !isSystems) return error;
  const fault = error instanceof WalletStorageError ? error : walletErrorFor(error, files.database);
  const code = CODES[fault.code] ?? "unsupported";
  switch (code) {
    case "in-use":
      return new VaultError(code, `The vault ${files.database} is open in another program. Close that first.`, {
        cause: error,
      });
    case "wrong-passphrase":
      return wrongPassphraseError();
    case "too-new":
      return tooNewError(`The vault ${files.database}`);
    case "no-space":
      return noSpaceError(error);
    case "damaged":
      return damagedFileError(fault.code.startsWith("key") ? files.key : files.database, whatOf(fault), error);
    default:
      return new VaultError(code, fault.message, { cause: error });
  }
}

/** Of a file that is open and no longer where it was. */
export function movedError(path: string): VaultError {
  const next = "Nothing was changed. Put the folder back or close the program, then unlock again.";
  return new VaultError("locked", `The file ${path} was moved or removed while it was open. ${next}`);
}

/** Names the file, and says what to do. */
export function damagedFileError(path: string, what: string, cause?: unknown): VaultError {
  const next = "To go on, restore a backup in its place: the damaged files stay beside it under other names.";
  return new VaultError("damaged", `The file ${path} is damaged (${what}). ${next}`, { cause });
}

function whatOf(fault: WalletStorageError): string {
  if (fault.code === "key-file-missing") return "it is missing";
  return (
    /is damaged \((.*?)\)\./.exec(fault.message)?.[1] ??
    (fault.code === "io" ? fault.message : "it is not as it was written")
  );
}
