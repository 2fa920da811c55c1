import type { Random } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import type { Passphrase } from "./storage/passphrase-key.ts";
import { WalletFlag } from "./wallet-flags.ts";
import { setUpNewKeys } from "./wallet-setup.ts";

/** Passphrases of wallets. Functions reject with `WalletStorageError`. */

/**
 * Encrypts a wallet, which is locked afterwards. Copies of it made before are not encrypted, so that new addresses come from new keys; the
 * old ones stay, as there may be coins.
 */
export async function encryptWallet(
  wallet: NodeWallet,
  passphrase: Passphrase,
  random: Pick<Random, "bytes">,
): Promise<void> {
  await wallet.database.encrypt(passphrase, wallet.behaviour.passphraseScope);
  wallet.lock();
  if (wallet.has(WalletFlag.blank)) return;
  await wallet.unlock(passphrase);
  try {
    setUpNewKeys(wallet, random);
  } finally {
    wallet.lock();
  }
  await wallet.database.flush();
}

/** Unlocks a wallet for some seconds; the newest call says for how long. */
export async function unlockFor(wallet: NodeWallet, passphrase: Passphrase, seconds: number): Promise<void> {
  await wallet.unlock(passphrase);
  wallet.cancelRelock?.();
  wallet.unlockedUntil = wallet.nowSeconds + seconds;
  let isCancelled = false;
  const cancelTimer = wallet.deps.scheduler.after(seconds * 1000, async () => {
    // A search through blocks may need keys to watch further addresses, and was allowed while they were at hand.
    await wallet.scan.ended();
    if (!isCancelled) wallet.lock();
  });
  wallet.cancelRelock = () => {
    isCancelled = true;
    cancelTimer();
  };
}
