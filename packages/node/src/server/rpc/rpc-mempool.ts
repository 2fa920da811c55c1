import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { int64Of } from "@bitfleet/api/rpc/rpc-params.ts";
import { dustOutputs } from "@bitfleet/protocol/policy/dust.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { MempoolEntry } from "../../mempool/mempool.ts";
import { inTxidOrder } from "../../mempool/txid-order.ts";
import { parseHashParam } from "../chain-json.ts";
import { entryJson, relativesOf, signalsReplacement, txidsOf } from "./mempool-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { writeMembersInTurns } from "./write-in-turns.ts";

/** Calls that look into the mempool, and change what its transactions count for. */
export function mempoolHandlers(
  deps: Pick<RpcDependencies, "chain" | "clock" | "deprecated" | "mempool" | "mempoolKeeper">,
) {
  const { chain, clock, deprecated, mempool, mempoolKeeper } = deps;
  const jsonOf = (entry: MempoolEntry) => {
    const { txid } = entry.tx;
    const json = entryJson(entry, mempool.chunkOf(txid)!, mempool.unbroadcast.has(txid));
    return deprecated.includes("bip125") ? { ...json, "bip125-replaceable": signalsReplacement(entry) } : json;
  };

  const known = (text: string): MempoolEntry => {
    const entry = mempool.get(parseHashParam<Txid>(text, "txid"));
    if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Transaction not in mempool");
    return entry;
  };
  /** Everything there is about all of them. A full mempool takes seconds: others have turns, while what is told of stays as it is. */
  const wholeJson = () =>
    chain.atTip(() => {
      const entries = inMiningOrder();
      return writeMembersInTurns(
        entries.map((entry) => [displayHash(entry.tx.txid), () => jsonOf(entry)]),
        clock,
      );
    });
  const inMiningOrder = () => [...mempool.chunksInMiningOrder()].flatMap(({ entries }) => entries);
  const listed = (entries: Iterable<MempoolEntry>, verbose: boolean): RpcValue =>
    verbose
      ? Object.fromEntries([...entries].map((entry) => [displayHash(entry.tx.txid), jsonOf(entry)]))
      : txidsOf(entries);

  return {
    getmempoolinfo: () => {
      const { options } = mempool;
      return {
        loaded: mempoolKeeper.isLoaded,
        size: mempool.size,
        bytes: mempool.virtualSize,
        usage: mempool.usageBytes,
        total_fee: amountNumber(mempool.totalFee),
        maxmempool: options.usageBytesMax,
        mempoolminfee: amountNumber(mempool.minFeerateSatPerKvb),
        minrelaytxfee: amountNumber(options.minRelayFeerateSatPerKvb),
        incrementalrelayfee: amountNumber(options.incrementalFeerateSatPerKvb),
        unbroadcastcount: mempool.unbroadcast.size,
        permitbaremultisig: options.standardness.permitBareMultisig,
        maxdatacarriersize: options.standardness.dataCarrierSizeMax ?? 0,
        limitclustercount: options.clusterCountMax,
        limitclustersize: options.clusterVirtualSizeMax,
        optimal: true,
        fullrbf: deprecated.includes("fullrbf") ? true : undefined,
      };
    },

    getrawmempool: ({ verbose, mempool_sequence: withSequence }) => {
      if (verbose && withSequence) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Verbose results cannot contain mempool sequence values.");
      }
      if (verbose) return wholeJson();
      const list = txidsOf(inMiningOrder());
      return withSequence ? { txids: list, mempool_sequence: mempool.sequence } : list;
    },

    getmempoolentry: ({ txid }) => jsonOf(known(txid)),
    getmempoolancestors: ({ txid, verbose }) => listed(inTxidOrder(relativesOf(known(txid), "parents")), verbose),
    getmempooldescendants: ({ txid, verbose }) => listed(inTxidOrder(relativesOf(known(txid), "children")), verbose),

    getmempoolcluster: ({ txid }) => {
      const { entries, chunks } = mempool.clusterOf(known(txid).tx.txid)!;
      return {
        clusterweight: entries.reduce((sum, { adjustedWeight }) => sum + adjustedWeight, 0),
        txcount: entries.length,
        chunks: chunks.map(({ fee, size, entries: members }) => ({
          chunkfee: amountNumber(fee),
          chunkweight: size,
          txs: txidsOf(members),
        })),
      };
    },

    getmempoolfeeratediagram: () => {
      let weight = 0;
      let fee = 0n;
      const points = [...mempool.chunksInMiningOrder()].map((chunk) => {
        weight += chunk.size;
        fee += chunk.fee;
        return { weight, fee: amountNumber(fee) };
      });
      return [{ weight: 0, fee: amountNumber(0n) }, ...points];
    },

    prioritisetransaction: ({ txid: text, dummy, fee_delta: delta }) => {
      const txid = parseHashParam<Txid>(text, "txid");
      if (dummy) {
        const message = "Priority is no longer supported, dummy argument to prioritisetransaction must be 0.";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      const { requiresStandard, standardness } = mempool.options;
      const tx = mempool.get(txid)?.tx;
      if (requiresStandard && tx && dustOutputs(tx, standardness.dustFeerateSatPerKvb).length > 0) {
        const message = "Priority is not supported for transactions with dust outputs.";
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, message);
      }
      mempool.prioritise(txid, int64Of(delta));
      return true;
    },

    getprioritisedtransactions: () =>
      Object.fromEntries(
        mempool.feeDeltas.entries().map(({ txid, delta }) => {
          const entry = mempool.get(txid);
          return [
            displayHash(txid),
            { fee_delta: delta, in_mempool: entry !== undefined, modified_fee: entry?.modifiedFee },
          ];
        }),
      ),
  } satisfies Partial<RpcHandlers>;
}
