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
  lockAfter(wallet, seconds * 1000);
}

/** A timer waits no longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

function lockAfter(wallet: NodeWallet, delayMs: number): void {
  const waitMs = Math.min(delayMs, TIMER_MS_MAX);
  wallet.cancelRelock = wallet.deps.clock.after(waitMs, () => {
    if (waitMs < delayMs) lockAfter(wallet, delayMs - waitMs);
    else wallet.lock();
  });
}
