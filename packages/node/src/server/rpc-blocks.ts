import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import { blockDataJson, blockOfHash, confirmationsOf, headerJson, parseHashParam } from "./chain-json.ts";
import { hashText, hexOf } from "./hex.ts";
import type { ScriptContext } from "./output-descriptor.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { decodeStored, orRpcError, storedBlock, storedBytes } from "./stored-blocks.ts";
import { type TransactionJsonOptions, transactionJson } from "./transaction-json.ts";
import { writeInTurns } from "./write-in-turns.ts";

const UNDO_UNREADABLE =
  "Undo data expected but can't be read. This could be due to disk corruption or a conflict with a pruning event.";

/** Calls that show blocks and their transactions. */
export function blockHandlers(deps: Pick<RpcDependencies, "chain" | "clock" | "mempool" | "secp256k1">) {
  const { chain, clock, mempool } = deps;
  const scripts: ScriptContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };

  /** Coins that each transaction spends, the coinbase's none; all `undefined` where the block was never connected. */
  const spentCoins = async (entry: BlockIndexEntry): Promise<(index: number) => readonly Coin[] | undefined> => {
    if (!entry.hasUndo) return () => undefined;
    const undo = await orRpcError(chain.readUndo(entry), RpcErrorCode.INTERNAL_ERROR, UNDO_UNREADABLE);
    return (index) => (index === 0 ? undefined : undo.transactions[index - 1]);
  };

  return {
    getblockheader: ({ blockhash, verbose }) => {
      const entry = blockOfHash(chain, blockhash, "hash");
      return verbose ? headerJson(chain, entry) : hexOf(encodeBlockHeader(entry.header));
    },

    getblock: async ({ blockhash, verbosity }) => {
      const entry = blockOfHash(chain, blockhash, "blockhash");
      const bytes = await storedBytes(chain, entry);
      if (verbosity <= 0) return hexOf(bytes);
      const block = decodeStored(bytes);
      const head = { ...headerJson(chain, entry), ...blockDataJson(block) };
      if (verbosity === 1) return { ...head, tx: block.transactions.map((tx) => hashText(tx.txid)) };
      const spentBy = await spentCoins(entry);
      const options = (index: number): TransactionJsonOptions => ({
        spent: spentBy(index),
        showPrevouts: verbosity >= 3,
        showHex: true,
      });
      const tx = await writeInTurns(
        block.transactions.map((each, index) => () => transactionJson(each, scripts, options(index))),
        clock,
      );
      return { ...head, tx };
    },

    getrawtransaction: async ({ txid, verbosity, blockhash }) => {
      const wanted = parseHashParam<Txid>(txid, "parameter 1");
      if (equalBytes(wanted, chain.network.params.genesis.header.merkleRoot)) {
        throw new RpcError(
          RpcErrorCode.INVALID_ADDRESS_OR_KEY,
          "The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved",
        );
      }
      if (blockhash === undefined) {
        const unconfirmed = mempool.get(wanted)?.tx;
        if (unconfirmed === undefined) throw noSuchTransaction(NO_TRANSACTION_INDEX);
        if (verbosity <= 0) return hexOf(unconfirmed.bytes);
        return transactionJson(unconfirmed, scripts, { showHex: true });
      }
      const entry = chain.find(parseHashParam<BlockHash>(blockhash, "parameter 3"));
      if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block hash not found");
      if (!entry.hasData) throw new RpcError(RpcErrorCode.MISC_ERROR, "Block not available");
      const block = await storedBlock(chain, entry);
      const index = block.transactions.findIndex((tx) => equalBytes(tx.txid, wanted));
      const tx = block.transactions[index];
      if (tx === undefined) throw noSuchTransaction("No such transaction found in the provided block");
      if (verbosity <= 0) return hexOf(tx.bytes);
      const spent = verbosity >= 2 ? (await spentCoins(entry))(index) : undefined;
      const isActive = chain.isInActiveChain(entry);
      return {
        in_active_chain: isActive,
        ...transactionJson(tx, scripts, { spent, showPrevouts: true, showHex: true }),
        blockhash: hashText(entry.hash),
        confirmations: isActive ? confirmationsOf(chain, entry) : 0,
        time: isActive ? entry.header.time : undefined,
        blocktime: isActive ? entry.header.time : undefined,
      };
    },
  } satisfies Partial<RpcHandlers>;
}

const NO_TRANSACTION_INDEX =
  "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries";

const noSuchTransaction = (reason: string) =>
  new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, `${reason}. Use gettransaction for wallet transactions.`);
