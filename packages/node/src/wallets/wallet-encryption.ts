import type { Random } from "../ports.ts";
import { NodeWallet } from "./node-wallet.ts";
import type { Passphrase } from "./storage/passphrase-key.ts";
import { WalletFlag } from "./wallet-flags.ts";
import { setUpNewKeys } from "./wallet-setup.ts";

/** Passphrases of wallets. Functions reject with `WalletStorageError`. */

/**
 * Encrypts a wallet, which is locked afterwards. Copies of it made before are not encrypted, so that new addresses come from new keys; the
 * old ones stay, as there may be coins. All of it is one step: a wallet that is found encrypted has its new keys.
 */
export async function encryptWallet(
  wallet: NodeWallet,
  passphrase: Passphrase,
  random: Pick<Random, "bytes">,
): Promise<void> {
  const { name, behaviour, deps } = wallet;
  await wallet.database.encrypt(passphrase, behaviour.passphraseScope, {
    change: (database) => {
      const copy = new NodeWallet(name, database, behaviour, deps);
      if (!copy.has(WalletFlag.blank)) setUpNewKeys(copy, random);
      copy.secrets.clear();
    },
    replaced: () => {
      wallet.lock();
      wallet.rereadKeychain();
    },
  });
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
