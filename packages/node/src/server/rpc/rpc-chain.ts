import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { type Reject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import type { ChainCommandResult } from "../../chain/block-processor.ts";
import { computeUtxoStats, type UtxoHashType } from "../../chain/utxo-stats.ts";
import { bitsText, blockOfHash, difficultyOf, hex256, parseHashParam, targetText } from "../chain-json.ts";
import { outputScriptJson } from "../transaction-json.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { pruningJson } from "./rpc-pruning.ts";

const CHECK_LEVEL_MAX = 4;

/** Calls about the chain as a whole, and commands that move it. */
export function chainHandlers(deps: Pick<RpcDependencies, "chain" | "mempool" | "secp256k1">) {
  const { chain, mempool } = deps;
  const scripts: ScriptContext = { prefixes: chain.network.addressPrefixes, secp256k1: deps.secp256k1 };

  return {
    getbestblockhash: () => displayHash(chain.tip.hash),
    getblockcount: () => chain.tip.height,
    getdifficulty: () => difficultyOf(chain.tip.header.bits),

    getblockhash: ({ height }) => {
      const entry = height < 0 ? undefined : chain.blockAt(height);
      if (entry === undefined) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Block height out of range");
      return displayHash(entry.hash);
    },

    getblockchaininfo: () => {
      const { tip, network } = chain;
      const { bits, time } = tip.header;
      const challenge = network.params.signetChallenge;
      return {
        chain: network.name,
        blocks: tip.height,
        headers: chain.bestHeader.height,
        bestblockhash: displayHash(tip.hash),
        bits: bitsText(bits),
        target: targetText(bits),
        difficulty: difficultyOf(bits),
        time,
        mediantime: medianTimePast(tip),
        verificationprogress: chain.verificationProgress(tip),
        initialblockdownload: chain.isInitialBlockDownload,
        chainwork: hex256(tip.chainwork),
        size_on_disk: chain.sizeOnDisk(),
        ...pruningJson(chain),
        signet_challenge: challenge && toHex(challenge),
        warnings: chain.warnings(),
      };
    },

    getchaintips: () =>
      chain.tips().map(({ entry, branchLength, status }) => ({
        height: entry.height,
        hash: displayHash(entry.hash),
        branchlen: branchLength,
        status,
      })),

    gettxout: async ({ txid, n, include_mempool: withMempool }) => {
      const outPoint = { txid: parseHashParam<Txid>(txid, "txid"), index: n };
      if (withMempool && mempool.spender(outPoint) !== undefined) return null;
      const unconfirmed = withMempool ? mempool.get(outPoint.txid)?.tx.outputs[n] : undefined;
      const { tip } = chain;
      // An unconfirmed output counts as one of the next block: no confirmations.
      const coin = unconfirmed
        ? { output: unconfirmed, height: tip.height + 1, isCoinbase: false }
        : await chain.coins.get(outPoint);
      if (coin === undefined) return null;
      return {
        bestblock: displayHash(tip.hash),
        confirmations: tip.height - coin.height + 1,
        value: amountNumber(coin.output.value),
        scriptPubKey: outputScriptJson(coin.output.scriptPubKey, scripts),
        coinbase: coin.isCoinbase,
      };
    },

    gettxoutsetinfo: async ({ hash_type: hash, hash_or_height: at }, { signal }) => {
      if (!isUtxoHashType(hash)) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, `'${hash}' is not a valid hash_type`);
      }
      if (at !== undefined) {
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Querying specific block heights requires coinstatsindex");
      }
      const snapshot = await chain.withFlushedCoins((coins) => coins.snapshot());
      try {
        const stats = await computeUtxoStats(snapshot, { hash }, () => stopIfAborted(signal));
        const { height, hash: bestHash } = (stats.bestBlock && chain.find(stats.bestBlock)) ?? chain.tip;
        return {
          height,
          bestblock: displayHash(bestHash),
          txouts: stats.txouts,
          bogosize: stats.bogosize,
          [hash]: stats.hash && displayHash(stats.hash),
          total_amount: amountNumber(stats.totalAmount),
          transactions: stats.transactions,
          disk_size: stats.diskSizeBytes,
        };
      } finally {
        await snapshot.close();
      }
    },

    verifychain: ({ checklevel, nblocks }) =>
      chain.verify(Math.max(0, Math.min(CHECK_LEVEL_MAX, checklevel)), Math.max(0, nblocks)),

    preciousblock: async ({ blockhash }) => {
      const { hash } = blockOfHash(chain, blockhash, "blockhash");
      return commandAnswer(await chain.preciousBlock(hash));
    },
    invalidateblock: async ({ blockhash }) => {
      const { hash } = blockOfHash(chain, blockhash, "blockhash");
      return commandAnswer(await chain.invalidateBlock(hash));
    },
    reconsiderblock: async ({ blockhash }) => {
      const { hash } = blockOfHash(chain, blockhash, "blockhash");
      return commandAnswer(await chain.reconsiderBlock(hash));
    },

    syncwithvalidationinterfacequeue: async () => {
      await chain.events.drained();
      return null;
    },
  } satisfies Partial<RpcHandlers>;
}

function isUtxoHashType(text: string): text is UtxoHashType {
  return text === "hash_serialized_3" || text === "muhash" || text === "none";
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new RpcError(RpcErrorCode.CLIENT_NOT_CONNECTED, "Shutting down");
}

/** Null for a command that was done; the error that says why not. */
function commandAnswer(result: ChainCommandResult): null {
  if (result.ok) return null;
  const { reject } = result;
  if (reject.kind === "not-found") throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Block not found");
  throw busyOr(reject, RpcErrorCode.DATABASE_ERROR, rejectText(reject));
}

/** The error of a command that the chain refused; that it is too busy has a code of its own. */
export function busyOr(reject: Reject<string>, code: number, message: string): RpcError {
  return reject.kind === "busy"
    ? new RpcError(RpcErrorCode.LIMIT_EXCEEDED, rejectText(reject))
    : new RpcError(code, message);
}
