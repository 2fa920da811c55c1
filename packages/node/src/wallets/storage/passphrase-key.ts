import { createHash, scrypt, timingSafeEqual } from "node:crypto";
import type { Clock, Random } from "../../ports.ts";
import { clear, SEAL_KEY_SIZE } from "./sealed-box.ts";
import { WalletStorageError } from "./wallet-storage-error.ts";

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

/** A passphrase as text, or its UTF-8 bytes where the caller wants to clear them. */
export type Passphrase = string | Uint8Array;

const SALT_SIZE = 16;
const MEMORY_BYTES_PER_UNIT = 128;
/** The least for a new passphrase: 64 MiB, so that a node in a container of 256 MiB still unlocks its wallet, and twice over in turn. */
export const DEFAULT_COST: KdfCost = { n: 2 ** 16, r: 8, p: 2 };
/** How long a guess shall take on this machine, and may take longer only for {@link DEFAULT_COST}. */
const TARGET_MS = 500;
const PASSES_MAX = 8;
/** What is taken from a file, which may be made up: 1 GiB, and a minute or so. */
const MEMORY_BYTES_MAX = 2 ** 30;
const COST_MAX = { n: 2 ** 20, r: 32, p: 64 } as const;
/** Passphrases that wait for their turn; each takes half a second. */
const WAITING_MAX = 64;

/** Whether a cost from a file is one that may be paid. */
export function isPayable({ n, r, p }: KdfCost): boolean {
  const isWithin = [n, r, p].every((value) => Number.isSafeInteger(value) && value >= 1);
  const isPower = isWithin && n >= 2 && n <= COST_MAX.n && (n & (n - 1)) === 0;
  return isPower && r <= COST_MAX.r && p <= COST_MAX.p && memoryOf({ n, r }) <= MEMORY_BYTES_MAX;
}

let measured: Promise<KdfCost> | undefined;

/** The cost for a new passphrase on this machine, measured once: as many passes as fit into {@link TARGET_MS}, at least the least. */
export function calibrate(clock: Pick<Clock, "monotonicMs">): Promise<KdfCost> {
  measured ??= measure(clock).catch((error) => {
    measured = undefined;
    throw error;
  });
  return measured;
}

async function measure(clock: Pick<Clock, "monotonicMs">): Promise<KdfCost> {
  const pass = { ...DEFAULT_COST, p: 1, salt: new Uint8Array(SALT_SIZE) };
  const startedMs = clock.monotonicMs();
  clear(await keyOfPassphrase("", pass));
  const passes = Math.floor(TARGET_MS / Math.max(1, clock.monotonicMs() - startedMs));
  return { ...DEFAULT_COST, p: Math.min(PASSES_MAX, Math.max(DEFAULT_COST.p, passes)) };
}

export function newSalt(random: Pick<Random, "bytes">): Uint8Array {
  return random.bytes(SALT_SIZE);
}

let turn: Promise<unknown> = Promise.resolve();
let waitingCount = 0;

/**
 * The key of a passphrase, for the caller to clear. Computed on another thread; one at a time in the whole process, so that many
 * guesses at once take time and not memory.
 */
export function keyOfPassphrase(passphrase: Passphrase, parameters: KdfParameters): Promise<Uint8Array> {
  if (waitingCount >= WAITING_MAX) {
    return Promise.reject(
      new WalletStorageError("busy", "", "Too many passphrases are being checked; try again later."),
    );
  }
  waitingCount++;
  const key = turn.then(() => derive(passphrase, parameters)).finally(() => waitingCount--);
  turn = key.catch(() => {});
  return key;
}

function derive(passphrase: Passphrase, { n, r, p, salt }: KdfParameters): Promise<Uint8Array> {
  const options = { N: n, r, p, maxmem: 2 * memoryOf({ n, r }) + MEMORY_BYTES_PER_UNIT * r * p };
  // HMAC, on which scrypt stands, fills short keys up with zeros: as it is, a passphrase and the same with a zero byte behind were one.
  const digest = createHash("sha512").update(passphrase).digest();
  return new Promise((resolve, reject) => {
    scrypt(digest, salt, SEAL_KEY_SIZE, options, (error, key) => {
      clear(digest);
      if (error) reject(error);
      else resolve(new Uint8Array(key.buffer, key.byteOffset, key.length));
    });
  });
}

function memoryOf({ n, r }: Pick<KdfCost, "n" | "r">): number {
  return MEMORY_BYTES_PER_UNIT * n * r;
}

/** Compares two secrets in a time that says nothing of them. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
