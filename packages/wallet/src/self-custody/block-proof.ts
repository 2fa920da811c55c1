import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import type { ConsensusParams, NetworkName } from "@bitfleet/protocol/consensus/params.ts";
import { checkProofOfWork, targetFromBits } from "@bitfleet/protocol/consensus/pow.ts";
import { type BlockHeader, decodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { isNodeSized, merkleBranch, rootOfBranch } from "@bitfleet/protocol/primitives/merkle-branch.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockReference } from "../ledger/wallet-transaction.ts";

/** Whether a transaction is in the block that a server names: what of it shows without the chain (Bitcoin's paper, section 8). */

/**
 * Why it does not show. `other-block`: the header is another one's. `no-work`: its hash does not meet its target, or the network has none as easy.
 * `too-easy`: the network has long had no block of so little work. `not-in-it`: its root does not lead to the transaction.
 */
export type ProofFlaw = "other-block" | "no-work" | "too-easy" | "not-in-it";

/** How a server shows where in a block a transaction is: by the hashes beside its way, or by all of the block's txids. */
export type ShownPlace =
  | { readonly kind: "branch"; readonly index: number; readonly branch: readonly Hash256[] }
  | { readonly kind: "txids"; readonly txids: readonly Hash256[] };

export type ProvingParams = Pick<ConsensusParams, "network" | "powLimit">;

/** The header of a block, from bytes that a server gave, as far as it stands for itself. On signet the block's solution is not in it, and nothing is said of that. */
export function headerFromServer(
  bytes: Uint8Array,
  { hash, height }: BlockReference,
  params: ProvingParams,
): BlockHeader | ProofFlaw {
  const header = headerOf(bytes);
  if (header === undefined || !equalBytes(header.hash, hash)) return "other-block";
  if (!checkProofOfWork(header.hash, header.bits, params)) return "no-work";
  return isTooEasy(header, height, params) ? "too-easy" : header;
}

/** Why the transaction is not shown to be in the block of a header; `undefined` where it is. */
export function flawOfPlace(
  transaction: Pick<Transaction, "txid" | "strippedSize">,
  { merkleRoot: root }: Pick<BlockHeader, "merkleRoot">,
  shown: ShownPlace,
): "not-in-it" | undefined {
  // It may be a node of the tree, which somebody has had a transaction made of (CVE-2017-12842).
  if (isNodeSized(transaction)) return "not-in-it";
  const way = wayOf(transaction, shown);
  const found = way && rootOfBranch(transaction.txid, way.index, way.branch);
  return found !== undefined && equalBytes(found, root) ? undefined : "not-in-it";
}

function wayOf({ txid }: Pick<Transaction, "txid">, shown: ShownPlace) {
  if (shown.kind === "branch") return shown;
  const index = shown.txids.findIndex((one) => equalBytes(one, txid));
  return index < 0 ? undefined : { index, branch: merkleBranch(shown.txids, index) };
}

function headerOf(bytes: Uint8Array): BlockHeader | undefined {
  const reader = new Reader(bytes);
  try {
    const header = decodeBlockHeader(reader);
    reader.end();
    return header;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * Bits of blocks of the main network. From each on no block was ever easier than by half: the difficulty rose in all years, and fell by 45 % at most (summer of
 * 2021). A header of a quarter of their work is not believed, or one made up for 2026 would cost what those of 2009 did, a second of one machine.
 */
const MAIN_BITS: readonly (readonly [height: number, bits: number])[] = [
  [840_000, 0x17034219],
  [800_000, 0x17053894],
  [700_000, 0x170f48e4],
  [600_000, 0x1715a35c],
  [500_000, 0x18009645],
  [400_000, 0x1806b99f],
  [300_000, 0x1900896c],
  [200_000, 0x1a05db8b],
  [100_000, 0x1b04864c],
];
const EASIER_MAX = 4n;

/** Networks whose blocks may be as easy as the easiest at any time have no such bound. */
const KNOWN_BITS: Readonly<Partial<Record<NetworkName, typeof MAIN_BITS>>> = { main: MAIN_BITS };

/** Whether the network had no block of so little work for long, by the height that a server gives. */
export function isTooEasy({ bits }: Pick<BlockHeader, "bits">, height: number, { network }: ProvingParams): boolean {
  const known = KNOWN_BITS[network]?.find(([from]) => height >= from);
  return known !== undefined && targetFromBits(bits).target > targetFromBits(known[1]).target * EASIER_MAX;
}
