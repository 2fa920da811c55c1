import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { VaultError } from "./vault.ts";

/** How a key comes from a passphrase: scrypt (RFC 7914). Stored with what the key seals, so that it can grow with the machines. */
export interface KdfParameters {
  /** Cost in memory and time, a power of two. */
  readonly n: number;
  readonly r: number;
  /** How many times over, one after the other. */
  readonly p: number;
  readonly salt: Uint8Array;
}

export type KdfCost = Omit<KdfParameters, "salt">;

/** The key of a passphrase. `passphrase` is as {@link normalPassphrase} makes it. */
export type DeriveKey = (
  passphrase: string,
  parameters: KdfParameters,
  onProgress?: (share: number) => void,
) => Promise<Uint8Array>;

export const SALT_SIZE = 16;
export const KEY_SIZE = 32;
/**
 * For new passphrases: 64 MiB, so that a telephone can unlock what a computer has locked, three times over, which is more work than the usual
 * advice (2^17, 8, 1) with half of its memory. About 0.6 s in a browser of a usual computer.
 */
export const DEFAULT_COST: KdfCost = { n: 2 ** 16, r: 8, p: 3 };
/** What is taken from a file, which may be made up: 1 GiB, and some twenty times the work of {@link DEFAULT_COST}. */
const COST_MAX = { n: 2 ** 20, r: 32, p: 64 } as const;
const WORK_MAX = 2 ** 25;
const MEMORY_BYTES_MAX = 2 ** 30;
/** The page is shown and answers after each of these. */
const SLICE_MS = 16;

/** Whether a cost from a file is one that may be paid. */
export function isPayable({ n, r, p }: KdfCost): boolean {
  const isWithin = [n, r, p].every((value) => Number.isSafeInteger(value) && value >= 1);
  const isPower = isWithin && n >= 2 && n <= COST_MAX.n && (n & (n - 1)) === 0;
  return isPower && r <= COST_MAX.r && p <= COST_MAX.p && 128 * n * r <= MEMORY_BYTES_MAX && n * r * p <= WORK_MAX;
}

/**
 * The same passphrase as every keyboard gives it: é is one character on one system and two on another, as a ligature or a wide digit of
 * an input method is another than the plain one. BIP39 takes NFKD for the same reason.
 */
export function normalPassphrase(passphrase: string): string {
  return passphrase.normalize("NFKD");
}

/** Scrypt in slices: the page goes on meanwhile. `onProgress` is told the share that is done. */
export const deriveKey: DeriveKey = async (passphrase, { n, r, p, salt }, onProgress) => {
  // HMAC, on which scrypt stands, fills short keys up with zeros: as it is, a passphrase and the same with a zero byte behind were one.
  const digest = sha512(new TextEncoder().encode(passphrase));
  try {
    return await scryptAsync(digest, salt, {
      ...{ N: n, r, p, dkLen: KEY_SIZE, asyncTick: SLICE_MS, maxmem: 2 * MEMORY_BYTES_MAX },
      ...(onProgress && { onProgress }),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const megabytes = Math.ceil((128 * n * r) / 2 ** 20);
    throw new VaultError(
      "unsupported",
      `This passphrase takes ${megabytes} MB of memory, more than this page gets. Use another device.`,
      {
        cause: error,
      },
    );
  } finally {
    digest.fill(0);
  }
};
