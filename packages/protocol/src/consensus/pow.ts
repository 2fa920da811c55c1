import { bigIntFromLittleEndian } from "../bytes/bytes.ts";
import type { BlockHeaderFields } from "../primitives/block.ts";
import type { BlockHash } from "../primitives/types.ts";
import type { ChainLink } from "./chain-view.ts";
import type { ConsensusParams } from "./params.ts";

/** The difficulty of one period may be at most this many times that of the next, or the other way round. */
const ADJUSTMENT_FACTOR_MAX = 4;

const MANTISSA_MASK = 0x007fffff;
const SIGN_BIT = 0x00800000;

/** A target as its compact form writes it. One that is negative or overflows is no target at all. */
export interface CompactTarget {
  /** The number, cut to 256 bits. */
  readonly target: bigint;
  readonly isNegative: boolean;
  readonly isOverflow: boolean;
}

/**
 * Whether `hash`, read as a little-endian number, meets the target of `bits`, and `bits` is a target of this network:
 * positive, and no easier than the network allows.
 */
export function checkProofOfWork(hash: BlockHash, bits: number, params: Pick<ConsensusParams, "powLimit">): boolean {
  const target = validTarget(bits, params);
  return target !== undefined && bigIntFromLittleEndian(hash) <= target;
}

/** The target of `bits`, or `undefined` where it is zero, negative, too large for 256 bits or easier than the network allows. */
export function validTarget(bits: number, params: Pick<ConsensusParams, "powLimit">): bigint | undefined {
  const { target, isNegative, isOverflow } = targetFromBits(bits);
  if (isNegative || isOverflow || target === 0n || target > params.powLimit) return undefined;
  return target;
}

/**
 * Decodes the compact form: one byte of size, then a sign bit and 23 bits of mantissa, the most significant of `size`
 * bytes. Bytes of the mantissa that do not fit into a small size are cut off.
 */
export function targetFromBits(bits: number): CompactTarget {
  const size = bits >>> 24;
  const mantissa = bits & MANTISSA_MASK;
  const significant = size <= 3 ? mantissa >>> (8 * (3 - size)) : mantissa;
  const target = size <= 3 ? BigInt(significant) : BigInt.asUintN(256, BigInt(mantissa) << BigInt(8 * (size - 3)));
  const isOverflow =
    significant !== 0 && (size > 34 || (significant > 0xff && size > 33) || (significant > 0xffff && size > 32));
  return { target, isNegative: significant !== 0 && (bits & SIGN_BIT) !== 0, isOverflow };
}

/** Encodes a target of at most 256 bits in compact form, rounded down to the three bytes that it holds. */
export function bitsFromTarget(target: bigint): number {
  let size = Math.ceil(target.toString(2).length / 8);
  if (target === 0n) size = 0;
  let mantissa = size <= 3 ? Number(target) << (8 * (3 - size)) : Number(target >> BigInt(8 * (size - 3)));
  // A mantissa whose top bit is set would read as negative: it moves down by one byte.
  if ((mantissa & SIGN_BIT) !== 0) {
    mantissa >>>= 8;
    size++;
  }
  return ((size << 24) | mantissa) >>> 0;
}

/** Expected number of hashes that a block of these bits takes; zero where they are no target. */
export function workOfBits(bits: number): bigint {
  const { target, isNegative, isOverflow } = targetFromBits(bits);
  if (isNegative || isOverflow || target === 0n) return 0n;
  return (1n << 256n) / (target + 1n);
}

/** Blocks from one change of difficulty to the next: 2,016 on mainnet. */
export function difficultyInterval(
  params: Pick<ConsensusParams, "targetTimespanSeconds" | "targetSpacingSeconds">,
): number {
  return Math.floor(params.targetTimespanSeconds / params.targetSpacingSeconds);
}

/** The bits that the block after `previous` must have. Of the new header only the time is read. */
export function nextWorkRequired(
  previous: ChainLink,
  header: Pick<BlockHeaderFields, "time">,
  params: ConsensusParams,
): number {
  if ((previous.height + 1) % difficultyInterval(params) === 0) return retarget(previous, params);
  if (!params.allowMinimumDifficultyBlocks) return previous.header.bits;
  const lowestDifficultyBits = bitsFromTarget(params.powLimit);
  if (header.time > previous.header.time + 2 * params.targetSpacingSeconds) return lowestDifficultyBits;
  return lastRegularBits(previous, lowestDifficultyBits, params);
}

/** Testnet: difficulty of the period, looking through the blocks that used the lowest by exception. */
function lastRegularBits(previous: ChainLink, lowestDifficultyBits: number, params: ConsensusParams): number {
  const interval = difficultyInterval(params);
  let link = previous;
  while (link.previous !== undefined && link.height % interval !== 0 && link.header.bits === lowestDifficultyBits) {
    link = link.previous;
  }
  return link.header.bits;
}

/**
 * New bits at the end of a period: the target grows with the time that the period took. `previous` is the period's last
 * block. The period's first interval is not measured (it is one block short), as it never was.
 */
function retarget(previous: ChainLink, params: ConsensusParams): number {
  if (params.noRetargeting) return previous.header.bits;
  const first = previous.ancestor(previous.height - (difficultyInterval(params) - 1));
  if (first === undefined) throw new Error("a chain lacks the first block of its difficulty period");
  return adjustedBits({
    // BIP94: the first block of a period cannot use the testnet exception, so it keeps the true difficulty.
    bits: params.enforceBip94 ? first.header.bits : previous.header.bits,
    timespanSeconds: previous.header.time - first.header.time,
    params,
  });
}

/** Bits of a period after one of `bits` that took `timespanSeconds`. */
export function adjustedBits(period: {
  readonly bits: number;
  readonly timespanSeconds: number;
  readonly params: Pick<ConsensusParams, "powLimit" | "targetTimespanSeconds">;
}): number {
  const { targetTimespanSeconds } = period.params;
  const timespanSeconds = Math.min(
    Math.max(period.timespanSeconds, targetTimespanSeconds / ADJUSTMENT_FACTOR_MAX),
    targetTimespanSeconds * ADJUSTMENT_FACTOR_MAX,
  );
  return bitsFromTarget(scaledTarget(period.bits, timespanSeconds, period.params));
}

/** Target of `bits`, times what a period took over what it should take, and no easier than allowed. Arithmetic modulo 2^256. */
function scaledTarget(
  bits: number,
  timespanSeconds: number,
  params: Pick<ConsensusParams, "powLimit" | "targetTimespanSeconds">,
): bigint {
  const product = BigInt.asUintN(256, targetFromBits(bits).target * BigInt(timespanSeconds));
  const target = product / BigInt(params.targetTimespanSeconds);
  return target > params.powLimit ? params.powLimit : target;
}

/**
 * Whether the block at `height` may have `newBits` after one of `oldBits`, judged without timestamps: equal within a
 * period, within a factor of four from one to the next. Guards header sync against chains of made-up difficulty.
 */
export function permittedDifficultyTransition(
  params: ConsensusParams,
  height: number,
  oldBits: number,
  newBits: number,
): boolean {
  if (params.allowMinimumDifficultyBlocks) return true;
  if (height % difficultyInterval(params) !== 0) return oldBits === newBits;
  const observed = targetFromBits(newBits).target;
  // Rounded as an encoded target is, since that is what the next header can say.
  const reached = (timespanSeconds: number) =>
    targetFromBits(bitsFromTarget(scaledTarget(oldBits, timespanSeconds, params))).target;
  const easiest = reached(params.targetTimespanSeconds * ADJUSTMENT_FACTOR_MAX);
  const hardest = reached(params.targetTimespanSeconds / ADJUSTMENT_FACTOR_MAX);
  return observed >= hardest && observed <= easiest;
}

/**
 * Seconds that the work from `from` to `to` would take at the difficulty of `tip`; negative where `to` has less work.
 * Tells how deep a block is buried, whatever its timestamps say.
 */
export function equivalentSeconds(
  to: ChainLink,
  from: ChainLink,
  tip: ChainLink,
  params: Pick<ConsensusParams, "targetSpacingSeconds">,
): number {
  const difference = to.chainwork - from.chainwork;
  return Number((difference * BigInt(params.targetSpacingSeconds)) / workOfBits(tip.header.bits));
}
