import { ApiError } from "@bitfleet/api/errors.ts";
import { REPLACEMENTS_SHOWN_MAX, type TransactionReplacements } from "@bitfleet/api/rest/replacements.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction, type OutPoint, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import type { Departure } from "./departures.ts";
import { coinsFor, findTransaction } from "./find-transaction.ts";
import { decodedTransaction, type SpentOutput } from "./transaction-view.ts";

/** Coins that somebody else has spent meanwhile are looked for in their transactions; each is a block that is read. */
const COINS_SOUGHT_MAX = 20;

type Node = Pick<RunningWebNode, "chain" | "mempool" | "indexes" | "departures">;

/** What took the place of a transaction, what it replaced itself, and what it was where it is gone. */
export async function transactionReplacements(node: Node, txid: Txid): Promise<TransactionReplacements> {
  await node.indexes.transactions?.waitUntilCurrent();
  const around = await Promise.all(
    node.departures.around(txid, REPLACEMENTS_SHOWN_MAX).map((one) => asOfNow(node, one)),
  );
  const bytes = node.departures.bytesOf(txid);
  const id = displayHash(txid);
  const own = around.find((one) => displayHash(one.txid) === id);
  return {
    txid: id,
    transactions: around.map(stepOf),
    decoded: bytes === undefined || own === undefined ? null : await asItWas(node, bytes, own),
    hex: bytes === undefined ? null : toHex(bytes),
  };
}

/**
 * The mempool does not tell of blocks that take what it has not, nor of those that are lost with what does not come back: where there is
 * an index, that tells.
 */
async function asOfNow({ chain, indexes }: Node, departure: Departure): Promise<Departure> {
  const index = indexes.transactions;
  if (index === undefined || departure.state === "waiting") return departure;
  const found = await index.find(departure.txid);
  const block = found && chain.find(found.blockHash);
  const isInBlock = block !== undefined && chain.isInActiveChain(block);
  if (isInBlock === (departure.state === "block")) return departure;
  return isInBlock ? { ...departure, state: "block", replacedBy: [] } : { ...departure, state: "reorg" };
}

function stepOf({ txid, state, cameSeconds, leftSeconds, fee, virtualSize, replacedBy }: Departure) {
  return {
    txid: displayHash(txid),
    state,
    came: cameSeconds ?? null,
    left: leftSeconds ?? null,
    fee: fee === undefined ? null : Number(fee),
    virtual_size: virtualSize ?? null,
    replaced_by: replacedBy.map((one) => displayHash(one)),
  };
}

/** Its coins may be spent by now, but its fee was reckoned when they were not. */
async function asItWas(node: Node, bytes: Uint8Array, { fee }: Departure) {
  const tx = decodeTransaction(new Reader(bytes));
  const view = decodedTransaction(tx, await formerCoins(node, tx), node.chain.network.addressPrefixes);
  return fee === undefined ? view : { ...view, fee: Number(fee) };
}

async function formerCoins(node: Node, tx: Transaction): Promise<readonly (SpentOutput | undefined)[] | undefined> {
  const coins = await coinsFor(node, tx);
  if (coins === undefined) return undefined;
  let soughtCount = 0;
  const all: (SpentOutput | undefined)[] = [];
  for (const [index, coin] of coins.entries()) {
    const isSought = coin === undefined && soughtCount++ < COINS_SOUGHT_MAX;
    all.push(isSought ? await formerCoin(node, tx.inputs[index]!.previousOutput) : coin);
  }
  return all;
}

/** An output that was a coin once, from the transaction that made it, which may be gone itself. */
async function formerCoin(node: Node, { txid, index }: OutPoint): Promise<SpentOutput | undefined> {
  const gone = node.departures.bytesOf(txid);
  if (gone !== undefined) {
    const output = decodeTransaction(new Reader(gone)).outputs[index];
    return output && { output, height: undefined, isCoinbase: false };
  }
  try {
    const found = await findTransaction(node, txid);
    const output = found.tx.outputs[index];
    if (output === undefined || found.kind === "waiting") return undefined;
    return { output, height: found.block.height, isCoinbase: found.index === 0 };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
