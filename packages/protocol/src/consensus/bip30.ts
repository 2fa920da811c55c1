import { equalBytes } from "../bytes/bytes.ts";
import { displayHash } from "../primitives/types.ts";
import { ancestorAt, type ChainLink } from "./chain-view.ts";
import type { ConsensusParams } from "./params.ts";

/** The two mainnet blocks whose coinbases repeat earlier ones that were unspent: the rule is younger than they are. */
const REPEATING_BLOCKS: ReadonlyMap<number, string> = new Map([
  [91_842, "00000000000a4d0a398161ffc163c503763b1f4360639393e0e4c8e300e0caec"],
  [91_880, "00000000000743f190a18c5577a3c2d2a1f610ae9601ac046a38084ccb7cd721"],
]);

/** The blocks whose coinbases these overwrote: their outputs are not among the coins, though nobody spent them. */
const OVERWRITTEN_BLOCKS: ReadonlyMap<number, string> = new Map([
  [91_722, "00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e"],
  [91_812, "00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f"],
]);

/**
 * From this height on a coinbase may again repeat an old one: the block of that height is the first that some coinbase
 * from before BIP34 announced by chance, and from which such announcements are many. (Of the two lower ones, one lies
 * before BIP34 and the other's coins cannot come into being twice.)
 */
const BIP34_IMPLIES_BIP30_LIMIT = 1_983_702;

/**
 * BIP30 (CVE-2012-1909): whether the outputs of a block must not exist already when it connects, lest they overwrite
 * coins. Once coinbases differ by their height (BIP34) no txid can repeat, so on the chain that has the known block at
 * the BIP34 height the look-up is left out.
 */
export function isBip30Enforced(
  link: ChainLink,
  params: Pick<ConsensusParams, "activationHeights" | "bip34Hash">,
): boolean {
  if (link.height >= BIP34_IMPLIES_BIP30_LIMIT) return true;
  return !isNamed(link, REPEATING_BLOCKS) && !hasKnownBip34Block(link, params);
}

function hasKnownBip34Block(
  link: ChainLink,
  params: Pick<ConsensusParams, "activationHeights" | "bip34Hash">,
): boolean {
  if (params.bip34Hash === undefined || link.previous === undefined) return false;
  const block = ancestorAt(link.previous, params.activationHeights.bip34);
  return block !== undefined && equalBytes(block.header.hash, params.bip34Hash);
}

/**
 * Whether no coinbase of the chain can repeat another: BIP34 holds from the first block on, no two heights are written alike,
 * and none begins as another. Genesis made no coins. Then no other transaction can come twice either: it would spend the same
 * outputs again, so one of the transactions that made them came twice before, and so on down to a coinbase. A block that has
 * an output which is there already therefore fails by its inputs too.
 */
export function areCoinbasesUnique({ activationHeights }: Pick<ConsensusParams, "activationHeights">): boolean {
  return activationHeights.bip34 <= 1;
}

/** Whether the coinbase of this block was overwritten, so that its outputs are missing when the block is taken back. */
export function isBip30Overwritten(link: ChainLink): boolean {
  return isNamed(link, OVERWRITTEN_BLOCKS);
}

/** The height of the block whose coinbase's coins this block's coinbase overwrote; `undefined` for all blocks but two. */
export function overwrittenHeight(link: ChainLink): number | undefined {
  return isNamed(link, REPEATING_BLOCKS) ? OVERWRITTEN_BY.get(link.height) : undefined;
}

const OVERWRITTEN_BY: ReadonlyMap<number, number> = new Map([
  [91_842, 91_812],
  [91_880, 91_722],
]);

function isNamed(link: ChainLink, blocks: ReadonlyMap<number, string>): boolean {
  const hash = blocks.get(link.height);
  return hash !== undefined && hash === displayHash(link.header.hash);
}
