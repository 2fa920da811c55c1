import type {
  MempoolStanding,
  OutputSpender,
  TransactionDetail,
  TransactionStatus,
} from "@bitfleet/api/rest/transactions.ts";
import { equalBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { feerateSatPerKvb, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable } from "@bitfleet/protocol/script/script.ts";
import type { MempoolEntry } from "../../mempool/entry.ts";
import { confirmationsOf } from "../chain-json.ts";
import { relativesOf, signalsReplacement, txidsOf } from "../rpc/mempool-json.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { coinsFor, type FoundTransaction } from "./find-transaction.ts";
import { decodedTransaction } from "./transaction-view.ts";

/** Outputs of one transaction for which the index of spenders is asked; more would make the answer slow. */
const SPENDERS_SOUGHT_MAX = 200;

type Node = Pick<RunningWebNode, "chain" | "mempool" | "indexes" | "projected">;

/** Everything that is known of a transaction that was found. */
export async function transactionDetail(node: Node, found: FoundTransaction): Promise<TransactionDetail> {
  const { tx } = found;
  const spent = found.kind === "confirmed" ? found.spent : await coinsFor(node, tx);
  const view = decodedTransaction(tx, spent, node.chain.network.addressPrefixes);
  const spends = await spendsOf(node, tx, found.kind === "confirmed");
  return {
    ...view,
    outputs: view.outputs.map((output, index) => ({ ...output, ...spends[index]! })),
    hex: toHex(tx.bytes),
    status: statusOf(node, found),
    mempool: found.kind === "waiting" ? await standingOf(node, found.entry) : null,
  };
}

function statusOf({ chain }: Node, found: FoundTransaction): TransactionStatus {
  if (found.kind === "waiting") {
    const nowhere = { block_hash: null, block_height: null, block_time: null, index: null };
    return { is_confirmed: false, ...nowhere, confirmations: 0 };
  }
  const { block, index } = found;
  return {
    is_confirmed: true,
    block_hash: displayHash(block.hash),
    block_height: block.height,
    block_time: block.header.time,
    index,
    confirmations: Math.max(0, confirmationsOf(chain, block)),
  };
}

interface Spend {
  readonly is_spent: boolean | null;
  readonly spent_by: OutputSpender | null;
}

const UNSPENT: Spend = { is_spent: false, spent_by: null };

async function spendsOf(node: Node, tx: Transaction, isConfirmed: boolean): Promise<readonly Spend[]> {
  const { chain, mempool, indexes } = node;
  // The first block's coinbase never was a coin: nothing can spend it.
  if (equalBytes(tx.txid, chain.network.params.genesis.header.merkleRoot)) return tx.outputs.map(() => UNSPENT);
  const outPoints = tx.outputs.map((_, index) => ({ txid: tx.txid, index }));
  const lookup = isConfirmed ? await chain.coins.fetch(outPoints) : undefined;
  const hasIndex = (await indexes.spenders?.waitUntilCurrent()) === true;
  let soughtCount = 0;
  const spends: Spend[] = [];
  for (const [index, outPoint] of outPoints.entries()) {
    const waiting = mempool.spender(outPoint)?.tx;
    if (waiting !== undefined) spends.push(spentBy(waiting, outPoint, null));
    else if (lookup === undefined || lookup(outPointKey(outPoint)) !== undefined) spends.push(UNSPENT);
    // Outputs like these are never coins.
    else if (isUnspendable(tx.outputs[index]!.scriptPubKey)) spends.push(UNSPENT);
    else if (!hasIndex || soughtCount++ >= SPENDERS_SOUGHT_MAX) spends.push(SPENT_SOMEHOW);
    else spends.push(await spentInChain(node, outPoint));
  }
  return spends;
}

/** Without an index: a coin that was there and is no more. */
const SPENT_SOMEHOW: Spend = {
  is_spent: true,
  spent_by: { txid: null, input_index: null, block_height: null },
};

async function spentInChain({ chain, indexes }: Node, outPoint: OutPoint): Promise<Spend> {
  const found = await indexes.spenders!.find(outPoint);
  // A coinbase whose id a later one took over (BIP30) is no coin any more, and nothing has spent it.
  if (found === undefined) return { is_spent: null, spent_by: null };
  return spentBy(found.tx, outPoint, chain.find(found.blockHash)?.height ?? null);
}

function spentBy(tx: Transaction, outPoint: OutPoint, height: number | null): Spend {
  const key = outPointKey(outPoint);
  const index = tx.inputs.findIndex(({ previousOutput }) => outPointKey(previousOutput) === key);
  return { is_spent: true, spent_by: { txid: displayHash(tx.txid), input_index: index, block_height: height } };
}

async function standingOf({ mempool, projected }: Node, entry: MempoolEntry): Promise<MempoolStanding> {
  const projectedBlock = await projected.indexOf(entry);
  const chunk = mempool.chunkOf(entry.tx.txid);
  return {
    time: entry.timeSeconds,
    height: entry.height,
    feerate_sat_per_kvb: Number(feerateSatPerKvb(entry.fee, entry.virtualSize)),
    chunk_feerate_sat_per_kvb: chunk === undefined ? 0 : Number(feerateSatPerKvb(chunk.fee, virtualSizeOf(chunk.size))),
    modified_fee: Number(entry.modifiedFee),
    ancestor_count: relativesOf(entry, "parents").size + 1,
    descendant_count: relativesOf(entry, "children").size + 1,
    depends_on: txidsOf(entry.parents).sort(),
    spent_by: txidsOf(entry.children).sort(),
    signals_replacement: signalsReplacement(entry),
    projected_block: projectedBlock ?? null,
  };
}
