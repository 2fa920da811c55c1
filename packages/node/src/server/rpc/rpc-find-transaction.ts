import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { isCoinbase, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { confirmationsOf, parseHashParam } from "../chain-json.ts";
import { hashText, hexOf } from "../hex.ts";
import { expectedBlock, expectedUndo, storedBlock } from "../stored-blocks.ts";
import { transactionJson } from "../transaction-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

type Dependencies = Pick<RpcDependencies, "chain" | "indexes" | "mempool" | "secp256k1">;

/** A transaction that was found; `entry` is its block, absent in the mempool. */
interface Found {
  readonly tx: Transaction;
  readonly entry: BlockIndexEntry | undefined;
}

/** The call that finds a transaction wherever it is. */
export function findTransactionHandlers(deps: Dependencies) {
  const { chain } = deps;
  const scripts: ScriptContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };

  return {
    getrawtransaction: async ({ txid, verbosity, blockhash }) => {
      const wanted = parseHashParam<Txid>(txid, "parameter 1");
      requireOrdinary(deps, wanted);
      const { tx, entry } =
        blockhash === undefined ? await findAnywhere(deps, wanted) : await findInBlock(deps, wanted, blockhash);
      if (verbosity <= 0) return hexOf(tx.bytes);
      const spent = verbosity >= 2 && entry !== undefined ? await spentBy(deps, tx, entry) : undefined;
      return {
        in_active_chain: blockhash === undefined ? undefined : chain.isInActiveChain(entry!),
        ...transactionJson(tx, scripts, { spent, showPrevouts: true, showHex: true }),
        ...(entry && placeJson(deps, entry)),
      };
    },
  } satisfies Partial<RpcHandlers>;
}

function requireOrdinary({ chain }: Dependencies, txid: Txid): void {
  if (!equalBytes(txid, chain.network.params.genesis.header.merkleRoot)) return;
  const message = "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved";
  throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, message);
}

/** In the mempool, or, with `-txindex`, in any block. */
async function findAnywhere({ chain, indexes, mempool }: Dependencies, txid: Txid): Promise<Found> {
  const index = indexes.transactions;
  // Before the mempool: a block that is just being taken in has taken the transaction out of it.
  const isCurrent = await index?.waitUntilCurrent();
  const unconfirmed = mempool.get(txid)?.tx;
  if (unconfirmed !== undefined) return { tx: unconfirmed, entry: undefined };
  const found = await index?.find(txid);
  if (found !== undefined) return { tx: found.tx, entry: chain.find(found.blockHash) };
  throw noSuchTransaction(reasonOf(isCurrent));
}

/** `isCurrent`: whether the index has everything that the chain has; `undefined` where there is no index. */
function reasonOf(isCurrent: boolean | undefined): string {
  if (isCurrent) return "No such mempool or blockchain transaction";
  const hint =
    isCurrent === undefined
      ? "Use -txindex or provide a block hash to enable blockchain transaction queries"
      : "Blockchain transactions are still in the process of being indexed";
  return `No such mempool transaction. ${hint}`;
}

async function findInBlock({ chain }: Dependencies, txid: Txid, blockhash: string): Promise<Found> {
  const entry = chain.find(parseHashParam<BlockHash>(blockhash, "parameter 3"));
  if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block hash not found");
  if (!entry.hasData) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block not available");
  const block = await storedBlock(chain, entry);
  const tx = block.transactions.find((each) => equalBytes(each.txid, txid));
  if (tx === undefined) throw noSuchTransaction("No such transaction found in the provided block");
  return { tx, entry };
}

/** The coins that a transaction of a block spends; `undefined` for a coinbase, and where the block is not stored any more. */
async function spentBy(
  { chain }: Dependencies,
  tx: Transaction,
  entry: BlockIndexEntry,
): Promise<readonly Coin[] | undefined> {
  if (isCoinbase(tx) || !(entry.hasData || entry.hasUndo)) return undefined;
  const undo = await expectedUndo(chain, entry);
  const { transactions } = await expectedBlock(chain, entry);
  return undo.transactions[transactions.findIndex(({ txid }) => equalBytes(txid, tx.txid)) - 1];
}

function placeJson({ chain }: Dependencies, entry: BlockIndexEntry): Record<string, RpcValue> {
  const blockhash = hashText(entry.hash);
  if (!chain.isInActiveChain(entry)) return { blockhash, confirmations: 0 };
  const { time } = entry.header;
  return { blockhash, confirmations: confirmationsOf(chain, entry), time, blocktime: time };
}

const noSuchTransaction = (reason: string) =>
  new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `${reason}. Use gettransaction for wallet transactions.`);
