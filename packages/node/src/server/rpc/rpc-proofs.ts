import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { compareBytes, equalBytes, toHex, tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { DecodeError, Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import {
  decodeMerkleBlock,
  encodeMerkleBlock,
  type MerkleBlock,
  proofOfTransactions,
  verifyPartialMerkleTree,
} from "@bitfleet/protocol/primitives/merkle-proof.ts";
import { displayHash, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { blockOfHash, parseHashParam } from "../chain-json.ts";
import { storedBlock } from "../stored-blocks.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

/**
 * Outputs of each transaction looked at for one that is unspent. Blocks have room for 111,111; a transaction whose first
 * thousands are all spent is found by giving the block.
 */
const OUTPUTS_SEARCHED_MAX = 4096;
/** Outputs looked up at first; each further batch is larger by {@link BATCH_GROWTH}. */
const OUTPUT_BATCH = 8;
const BATCH_GROWTH = 8;

/** Proofs that transactions are in a block. */
export function proofHandlers(deps: Pick<RpcDependencies, "chain" | "indexes">) {
  const { chain } = deps;

  return {
    gettxoutproof: async ({ txids, blockhash }) => {
      if (txids.length === 0) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Parameter 'txids' cannot be empty");
      }
      const wanted: Txid[] = [];
      const seen = new Set<string>();
      for (const text of txids) {
        wanted.push(parseHashParam<Txid>(text, "txid"));
        const key = text.toLowerCase();
        if (seen.has(key)) {
          throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `Invalid parameter, duplicated txid: ${text}`);
        }
        seen.add(key);
      }
      const entry =
        blockhash === undefined
          ? ((await blockOfAny(chain, wanted)) ?? (await indexedBlockOf(deps, wanted)))
          : blockOfHash(chain, blockhash, "blockhash");
      if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Transaction not yet in block");
      const proof = proofOfTransactions(await storedBlock(chain, entry), wanted);
      if (proof === undefined) {
        const message = "Not all transactions found in specified or retrieved block";
        throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
      }
      return toHex(encodeMerkleBlock(proof));
    },

    /** Whoever makes a proof claims a number of transactions: only the block's own number shows how deep its tree is. */
    verifytxoutproof: ({ proof }) => {
      const { header, tree } = decodeProof(proof);
      const shown = verifyPartialMerkleTree(tree);
      if (shown === undefined || !equalBytes(shown.root, header.merkleRoot)) return [];
      const entry = chain.find(header.hash);
      if (entry === undefined || !chain.isInActiveChain(entry) || entry.transactionCount === 0) {
        throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block not found in chain");
      }
      if (entry.transactionCount !== tree.transactionCount) return [];
      return shown.matches.map(({ txid }) => displayHash(txid));
    },
  } satisfies Partial<RpcHandlers>;
}

/** The block of the first transaction that still has an unspent output. */
async function blockOfAny(
  chain: Pick<Chain, "coins" | "blockAt">,
  txids: readonly Txid[],
): Promise<BlockIndexEntry | undefined> {
  let batch = OUTPUT_BATCH;
  for (let from = 0; from < OUTPUTS_SEARCHED_MAX; from += batch, batch *= BATCH_GROWTH) {
    const count = Math.min(batch, OUTPUTS_SEARCHED_MAX - from);
    for (const txid of txids) {
      const outPoints = Array.from({ length: count }, (_, offset) => ({ txid, index: from + offset }));
      const lookup = await chain.coins.fetch(outPoints);
      for (const outPoint of outPoints) {
        const coin = lookup(outPointKey(outPoint));
        if (coin !== undefined) return chain.blockAt(coin.height);
      }
    }
  }
  return undefined;
}

/** With `-txindex`: the block of the transaction whose id is the lowest, which is the one that Core looks for. */
async function indexedBlockOf(
  { chain, indexes }: Pick<RpcDependencies, "chain" | "indexes">,
  txids: readonly Txid[],
): Promise<BlockIndexEntry | undefined> {
  await indexes.transactions?.waitUntilCurrent();
  const [lowest] = [...txids].sort(compareBytes);
  const found = await indexes.transactions?.find(lowest!);
  if (found === undefined) return undefined;
  const entry = chain.find(found.blockHash);
  if (entry === undefined) throw new RpcError(RpcErrorCode.INTERNAL_ERROR, "Transaction index corrupt");
  return entry;
}

/** A proof as `gettxoutproof` gives it. */
export function decodeProof(text: string): MerkleBlock {
  const bytes = text === "" ? undefined : tryFromHex(text);
  if (bytes === undefined) {
    throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `proof must be hexadecimal string (not '${text}')`);
  }
  try {
    return decodeMerkleBlock(new Reader(bytes));
  } catch (error) {
    if (error instanceof DecodeError) throw new RpcError(RpcErrorCode.MISC_ERROR, "The proof cannot be decoded");
    throw error;
  }
}
