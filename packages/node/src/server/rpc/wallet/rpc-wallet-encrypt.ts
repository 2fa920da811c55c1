import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { WalletStorageError } from "../../../wallets/storage/wallet-storage-error.ts";
import { unlockFor } from "../../../wallets/wallet-encryption.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, walletsOf } from "./requested-wallet.ts";

/** Some three years. */
const UNLOCKED_SECONDS_MAX = 100_000_000;

/** Calls about passphrases. None is logged, nor part of an error. */
export function walletEncryptHandlers(deps: RpcDependencies) {
  return {
    encryptwallet: async ({ passphrase }, context) => {
      const wallet = requestedWallet(context, deps);
      if (wallet.has(WalletFlag.disablePrivateKeys)) {
        const message = "Error: wallet does not contain private keys, nothing to encrypt.";
        throw new RpcError(RpcErrorCode.WALLET_ENCRYPTION_FAILED, message);
      }
      if (wallet.database.vault.isEncrypted) {
        const message = "Error: running with an encrypted wallet, but encryptwallet was called.";
        throw new RpcError(RpcErrorCode.WALLET_WRONG_ENC_STATE, message);
      }
      refuseScanning(wallet, "encrypting the wallet");
      refuseEmpty(passphrase);
      await walletsOf(deps).manager.encrypt(wallet, passphrase);
      return ENCRYPTED;
    },

    walletpassphrase: async ({ passphrase, timeout }, context) => {
      const wallet = requestedWallet(context, deps);
      requireEncrypted(wallet, "walletpassphrase");
      if (timeout < 0) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Timeout cannot be negative.");
      refuseEmpty(passphrase);
      const seconds = Math.min(timeout, UNLOCKED_SECONDS_MAX);
      await unlockFor(wallet, passphrase, seconds).catch(refusedAs(passphrase, wrongSentences("wallet passphrase")));
      return null;
    },

    walletlock: (_params, context) => {
      const wallet = requestedWallet(context, deps);
      requireEncrypted(wallet, "walletlock");
      refuseScanning(wallet, "locking the wallet");
      wallet.lock();
      return null;
    },

    walletpassphrasechange: async ({ oldpassphrase, newpassphrase }, context) => {
      const wallet = requestedWallet(context, deps);
      requireEncrypted(wallet, "walletpassphrasechange");
      refuseScanning(wallet, "changing the passphrase");
      refuseEmpty(oldpassphrase);
      refuseEmpty(newpassphrase);
      const change = wallet.database.changePassphrase(oldpassphrase, newpassphrase);
      await change.catch(refusedAs(oldpassphrase, wrongSentences("old wallet passphrase")));
      return null;
    },
  } satisfies Partial<RpcHandlers>;
}

const ENCRYPTED =
  "wallet encrypted; The keypool has been flushed and a new HD seed was generated. You need to make a new backup with the backupwallet RPC.";

function requireEncrypted({ database }: NodeWallet, call: string): void {
  if (database.vault.isEncrypted) return;
  const message = `Error: running with an unencrypted wallet, but ${call} was called.`;
  throw new RpcError(RpcErrorCode.WALLET_WRONG_ENC_STATE, message);
}

/** A search through blocks may need keys to watch further addresses. */
function refuseScanning({ scan }: NodeWallet, deed: string): void {
  if (!scan.isScanning) return;
  const message = `Error: the wallet is currently being used to rescan the blockchain for related transactions. Please call \`abortrescan\` before ${deed}.`;
  throw new RpcError(RpcErrorCode.WALLET_ERROR, message);
}

function refuseEmpty(passphrase: string): void {
  if (passphrase !== "") return;
  throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "passphrase cannot be empty");
}

/** What to say of a wrong passphrase, and of one with a zero byte, which older versions of Core cut there. */
function wrongSentences(what: "wallet passphrase" | "old wallet passphrase") {
  const start = `Error: The ${what} entered is incorrect. It contains a null character (ie - a zero byte). If the ${what.replace("wallet ", "")} was set with a version of this software prior to 25.0, please try again with only the characters up to — but not including — the first null character.`;
  const end = " If this is successful, please set a new passphrase to avoid this issue in the future.";
  return {
    plain: "Error: The wallet passphrase entered was incorrect.",
    withZero: what === "wallet passphrase" ? start + end : start,
  };
}

function refusedAs(passphrase: string, sentences: ReturnType<typeof wrongSentences>): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof WalletStorageError) || error.code !== "wrong-passphrase") throw error;
    const message = passphrase.includes("\0") ? sentences.withZero : sentences.plain;
    throw new RpcError(RpcErrorCode.WALLET_PASSPHRASE_INCORRECT, message);
  };
}
