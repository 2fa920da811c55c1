import type { Coin } from "@bitfleet/protocol/consensus/chain-view.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { blockDataJson, blockOfHash, headerJson } from "../chain-json.ts";
import { hashText, hexOf } from "../hex.ts";
import { decodeStored, expectedUndo, storedBytes } from "../stored-blocks.ts";
import { type TransactionJsonOptions, transactionJson } from "../transaction-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { writeInTurns } from "./write-in-turns.ts";

/** Calls that show blocks and their transactions. */
export function blockHandlers(deps: Pick<RpcDependencies, "chain" | "clock" | "secp256k1">) {
  const { chain, clock } = deps;
  const scripts: ScriptContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };

  /** Coins that each transaction spends, the coinbase's none; all `undefined` where the block was never connected. */
  const spentCoins = async (entry: BlockIndexEntry): Promise<(index: number) => readonly Coin[] | undefined> => {
    if (!entry.hasUndo) return () => undefined;
    const undo = await expectedUndo(chain, entry);
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
  } satisfies Partial<RpcHandlers>;
}
