import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { Transaction, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { socketTurn } from "../../turns.ts";
import { blockOfHash } from "../chain-json.ts";
import { storedBlock, storedUndo } from "../stored-blocks.ts";
import { outputScriptJson } from "../transaction-json.ts";
import { type DescriptorContext, scanObjectsParam, scriptKey } from "./descriptor-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

type Dependencies = Pick<RpcDependencies, "chain" | "mempool" | "secp256k1">;

/** Transactions of the mempool between two turns of the event loop. */
const TRANSACTIONS_PER_TURN = 256;

/** What spends from, and pays to, scripts: in blocks that the caller names, and in the mempool. */
export function descriptorActivityHandlers(deps: Dependencies) {
  const { chain } = deps;
  const context: DescriptorContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };

  return {
    getdescriptoractivity: async ({ blockhashes, scanobjects, include_mempool: includesMempool }, { signal }) => {
      const entries = activeBlocks(chain, blockhashes);
      const scripts = await scanObjectsParam(scanobjects, context, () => signal.aborted);
      const watch = new Watch(scripts, context);
      for (const entry of entries) {
        if (signal.aborted) break;
        await searchBlock(chain, entry, watch);
        await socketTurn();
      }
      if (includesMempool) await searchMempool(deps, watch, signal);
      return { activity: watch.events };
    },
  } satisfies Partial<RpcHandlers>;
}

/** The blocks of the active chain that are named, each once, the lowest first. */
function activeBlocks(
  chain: Pick<Dependencies["chain"], "find" | "isInActiveChain">,
  hashes: readonly string[],
): readonly BlockIndexEntry[] {
  const entries = new Set(hashes.map((hash) => blockOfHash(chain, hash, "blockhash")));
  for (const entry of entries) {
    if (chain.isInActiveChain(entry)) continue;
    throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Block is not in main chain");
  }
  return [...entries].sort((a, b) => a.height - b.height);
}

/** Scripts that are looked for, and what was seen of them. */
class Watch {
  readonly events: RpcValue[] = [];
  readonly #wanted: ReadonlySet<string>;
  readonly #context: ScriptContext;

  constructor(scripts: readonly Uint8Array[], context: ScriptContext) {
    this.#wanted = new Set(scripts.map(scriptKey));
    this.#context = context;
  }

  /** What `tx` takes from its inputs' outputs, where those are known, and gives to its own. `entry` is its block. */
  see(tx: Transaction, spent: readonly (TxOutput | undefined)[], entry: BlockIndexEntry | undefined): void {
    const place = entry && { blockhash: displayHash(entry.hash), height: entry.height };
    for (const [index, output] of spent.entries()) {
      if (output === undefined || !this.#wanted.has(scriptKey(output.scriptPubKey))) continue;
      const { txid, index: vout } = tx.inputs[index]!.previousOutput;
      this.events.push({
        type: "spend",
        amount: amountNumber(output.value),
        ...place,
        spend_txid: displayHash(tx.txid),
        spend_vin: index,
        prevout_txid: displayHash(txid),
        prevout_vout: vout,
        prevout_spk: outputScriptJson(output.scriptPubKey, this.#context),
      });
    }
    for (const [vout, { value, scriptPubKey }] of tx.outputs.entries()) {
      if (!this.#wanted.has(scriptKey(scriptPubKey))) continue;
      this.events.push({
        type: "receive",
        amount: amountNumber(value),
        ...place,
        txid: displayHash(tx.txid),
        vout,
        output_spk: outputScriptJson(scriptPubKey, this.#context),
      });
    }
  }
}

async function searchBlock(chain: Dependencies["chain"], entry: BlockIndexEntry, watch: Watch): Promise<void> {
  const { transactions } = await storedBlock(chain, entry);
  const undo = await storedUndo(chain, entry);
  for (const [index, tx] of transactions.entries()) {
    // A coinbase spends nothing, and has no undo data.
    const coins = index === 0 ? [] : undo.transactions[index - 1]!;
    const spent = coins.map(({ output }) => output);
    watch.see(tx, spent, entry);
  }
}

/** In the order in which its transactions would be mined. What leaves it meanwhile may be missing. */
async function searchMempool({ chain, mempool }: Dependencies, watch: Watch, signal: AbortSignal): Promise<void> {
  const waiting = [...mempool.chunksInMiningOrder()].flatMap(({ entries }) => entries.map(({ tx }) => tx));
  for (let begin = 0; begin < waiting.length && !signal.aborted; begin += TRANSACTIONS_PER_TURN) {
    const some = waiting.slice(begin, begin + TRANSACTIONS_PER_TURN);
    const coins = await chain.coins.fetch(some.flatMap((tx) => tx.inputs.map((input) => input.previousOutput)));
    for (const tx of some) {
      const spent = tx.inputs.map(({ previousOutput }) => {
        const coin = coins(outPointKey(previousOutput));
        return coin?.output ?? mempool.get(previousOutput.txid)?.tx.outputs[previousOutput.index];
      });
      watch.see(tx, spent, undefined);
    }
    await socketTurn();
  }
}
