import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type JsonValue } from "@bitfleet/api/json.ts";
import { integerOf } from "@bitfleet/api/rpc/rpc-params.ts";
import { DecodeError } from "@bitfleet/protocol/bytes/cursor.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { SpenderIndex } from "../../indexes/spender-index.ts";
import { StorageError } from "../../storage/storage-error.ts";
import { parseHashParam } from "../chain-json.ts";
import { hexOf } from "../hex.ts";
import { checkMembers, objectParam } from "./object-params.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const INT32_MAX = 2 ** 31 - 1;

/** The call that finds what spends an output. */
export function spendingHandlers({ indexes, mempool }: Pick<RpcDependencies, "indexes" | "mempool">) {
  const index = indexes.spenders;

  return {
    /** First what the mempool knows, then, for the others, what the index does. */
    gettxspendingprevout: async ({ outputs, options }) => {
      if (outputs.length === 0)
        throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid parameter, outputs are missing");
      const asked = options ?? new JsonObject([]);
      checkMembers(asked, { mempool_only: "bool", return_spending_tx: "bool" }, { mayLack: true });
      const isMempoolOnly = asked.get("mempool_only") ?? index === undefined;
      const showsBytes = asked.get("return_spending_tx") === true;
      const found = outputs.map(outPointOf).map((outPoint) => ({ outPoint, spender: mempool.spender(outPoint)?.tx }));
      const isAnswered = ({ spender }: (typeof found)[number]) => spender !== undefined || isMempoolOnly === true;
      const answers = found
        .filter(isAnswered)
        .map(({ outPoint, spender }) => spendingJson(outPoint, showsBytes, spender));
      const others = found.filter((each) => !isAnswered(each));
      if (others.length > 0 && !(await index?.waitUntilCurrent())) {
        const message = "Mempool lacks a relevant spend, and txospenderindex is unavailable.";
        throw new RpcError(RpcErrorCode.MISC_ERROR, message);
      }
      for (const { outPoint } of others) {
        const spent = await spenderInChain(index!, outPoint);
        answers.push(spendingJson(outPoint, showsBytes, spent?.tx, spent?.blockHash));
      }
      return answers;
    },
  } satisfies Partial<RpcHandlers>;
}

function outPointOf(value: JsonValue): OutPoint {
  const output = objectParam(value);
  checkMembers(output, { txid: "string", vout: "number" }, { mayLack: false });
  const txid = parseHashParam<Txid>(output.get("txid") as string, "txid");
  const index = integerOf(output.get("vout")!, -INT32_MAX - 1, INT32_MAX);
  if (index < 0) throw new RpcError(RpcErrorCode.INVALID_PARAMETER, "Invalid parameter, vout cannot be negative");
  return { txid, index };
}

async function spenderInChain(index: Pick<SpenderIndex, "find">, outPoint: OutPoint) {
  try {
    return await index.find(outPoint);
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof DecodeError)) throw error;
    const message = `IO error finding spending tx for outpoint ${displayHash(outPoint.txid)}:${outPoint.index}.`;
    throw new RpcError(RpcErrorCode.MISC_ERROR, message);
  }
}

function spendingJson({ txid, index }: OutPoint, showsBytes: boolean, spender?: Transaction, blockHash?: BlockHash) {
  return {
    txid: displayHash(txid),
    vout: index,
    spendingtxid: spender && displayHash(spender.txid),
    spendingtx: spender && showsBytes ? hexOf(spender.bytes) : undefined,
    blockhash: blockHash && displayHash(blockHash),
  };
}
