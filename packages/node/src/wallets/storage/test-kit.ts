import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemRandom } from "../../clock.ts";
import type { CreateWalletOptions, OpenWalletOptions, WalletStorageDependencies } from "./open-wallet.ts";
import { createWalletDatabase, openWalletDatabase } from "./open-wallet.ts";
import type { WalletDatabase } from "./wallet-database.ts";

export const NETWORK_MAGIC = 0xfabfb5da;

/** A guess that costs next to nothing. */
export const CHEAP_COST = { n: 16, r: 1, p: 1 } as const;

export const DEPENDENCIES: WalletStorageDependencies = {
  random: systemRandom,
  clock: { monotonicMs: () => performance.now() },
  kdfCost: CHEAP_COST,
};

/** A folder that is removed with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bitfleet-wallet-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new wallet, closed with the test. */
export async function createTestWallet(
  folder: string,
  options: Partial<CreateWalletOptions> = {},
  deps = DEPENDENCIES,
): Promise<WalletDatabase> {
  const wallet = await createWalletDatabase(folder, { networkMagic: NETWORK_MAGIC, ...options }, deps);
  onTestFinished(() => wallet.close());
  return wallet;
}

/** The wallet of a folder, closed with the test. */
export async function openTestWallet(
  folder: string,
  options: Partial<OpenWalletOptions> = {},
  deps = DEPENDENCIES,
): Promise<WalletDatabase> {
  const wallet = await openWalletDatabase(folder, { networkMagic: NETWORK_MAGIC, ...options }, deps);
  onTestFinished(() => wallet.close());
  return wallet;
}

/** Distinct bytes for a number. */
export function bytesOf(seed: number, size = 32): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (seed * 31 + index * 7 + (seed >> 8)) & 0xff);
}
