import type { TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import { type RandomSource, randomBelow } from "../selection/random.ts";

/** BIP125: the highest sequence number that opts in to replacement. */
export const SEQUENCE_REPLACEABLE = 0xfffffffd;
/** The highest one with which lock times bind. */
export const SEQUENCE_NOT_FINAL = 0xfffffffe;

/** The chain as a wallet sees it. */
export interface ChainTip {
  readonly height: number;
  /** Since the time of its block; below 0 where that lies in the future. */
  readonly ageSeconds: number;
  readonly isInitialBlockDownload: boolean;
}

/** An older tip is not the newest one. */
const TIP_AGE_MAX_SECONDS = 8 * 60 * 60;
/** One transaction of so many looks older, by less than so many blocks. */
const OLDER_LOOKS_ONE_OF = 10;
const OLDER_LOOKS_BLOCKS = 100;

/**
 * A lock time that lets only the next block include the transaction: whoever would mine the last one again for its fees gets none of
 * this. Now and then an older one, for the privacy of transactions that are signed slowly. 0 where the chain lags behind.
 */
export function antiFeeSnipingLockTime(tip: ChainTip, random: RandomSource): number {
  if (tip.isInitialBlockDownload || tip.ageSeconds > TIP_AGE_MAX_SECONDS) return 0;
  if (randomBelow(random, OLDER_LOOKS_ONE_OF) !== 0) return tip.height;
  return Math.max(0, tip.height - randomBelow(random, OLDER_LOOKS_BLOCKS));
}

/**
 * The transaction with a lock time against fee sniping, where no sequence number has a meaning of its own that the lock time would
 * disturb. For those whose user asked for no lock time.
 */
export function discourageFeeSniping(
  fields: TransactionFields,
  tip: ChainTip,
  random: RandomSource,
): TransactionFields {
  const isPlain = fields.inputs.every(
    ({ sequence }) => sequence === SEQUENCE_NOT_FINAL || sequence === SEQUENCE_REPLACEABLE,
  );
  return isPlain ? { ...fields, lockTime: antiFeeSnipingLockTime(tip, random) } : fields;
}
