import { dirname } from "node:path";
import { exclusiveLockSentence, WalletStorageError } from "./storage/wallet-storage-error.ts";
import { WalletFault, type WalletFaultCode } from "./wallet-fault.ts";

/** What is done with a wallet: `fill` a database that was just created. */
export type StorageStep = "create" | "fill" | "load" | "restore";

const BEGINNINGS: Readonly<Record<StorageStep, string>> = {
  create: "Wallet file verification failed. ",
  fill: "Wallet creation failed. ",
  load: "Wallet loading failed. ",
  restore: "",
};

/** For `.catch`: rejects with what {@link faultOf} makes of an error. */
export function failedAs(step: StorageStep, path: string): (error: unknown) => never {
  return (error) => {
    throw faultOf(error, step, path);
  };
}

/** What callers are told of an error that came up while the wallet at `path` was made, loaded or restored. Our own mistakes stay what they are. */
export function faultOf(error: unknown, step: StorageStep, path: string): Error {
  if (error instanceof WalletFault)
    return new WalletFault(error.code, BEGINNINGS[step] + error.message, { cause: error });
  if (!(error instanceof WalletStorageError)) return error as Error;
  const [code, message] = wordsOf(error, step, path);
  return new WalletFault(code, message, { cause: error });
}

function wordsOf(error: WalletStorageError, step: StorageStep, path: string): readonly [WalletFaultCode, string] {
  const verification = "Wallet file verification failed. ";
  switch (error.code) {
    case "not-found":
      return [
        step === "restore" ? "bad-request" : "not-found",
        step === "restore" ? "Backup file does not exist" : error.message,
      ];
    case "already-exists":
      return [
        "already-exists",
        step === "restore" ? `Failed to restore wallet. Database file exists in '${error.path}'.` : error.message,
      ];
    case "in-use":
      return ["failed", verification + exclusiveLockSentence("Bitfleet")];
    case "no-permission":
      return [
        "failed",
        `${verification}SQLiteDatabase: Failed to open database in directory '${dirname(error.path)}': directory is not writable`,
      ];
    case "not-a-wallet": {
      const failed = `${verification}Failed to load database path '${path}'. Data is not in recognized format.`;
      return ["not-found", step === "restore" ? failed : verification + error.message];
    }
    case "other-network":
      return ["not-found", verification + error.message];
    case "wrong-passphrase":
    case "passphrase-needed":
      return ["wrong-passphrase", error.message];
    default:
      return ["failed", BEGINNINGS[step] + error.message];
  }
}
