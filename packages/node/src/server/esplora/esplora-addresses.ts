import { tryFromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import {
  displayHash,
  HASH_SIZE,
  type Hash256,
  type HashKey,
  hashFromKey,
  hashKey,
} from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { AddressActivity, AddressTransaction } from "../../indexes/address-book.ts";
import type { HistoryCursor } from "../../indexes/address-cursor.ts";
import { scriptKeyOf } from "../../indexes/address-effects.ts";
import { findTransaction } from "../rest/find-transaction.ts";
import { bookOf } from "../rest/rest-addresses.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import { badRequest, type EsploraRoute, txidOf } from "./esplora-answer.ts";
import { type EsploraTransaction, esploraStatus } from "./esplora-transaction.ts";
import { foundTransaction } from "./esplora-transactions.ts";

const WAITING_PER_PAGE = 50;
const CONFIRMED_PER_PAGE = 25;
/** As Esplora: who has more is told so, and not a part of it. */
const UTXOS_MAX = 500;

/** What addresses and scripts have. */
export function addressRoutes(route: EsploraRoute): void {
  for (const kind of ["address", "scripthash"] as const) {
    const path = `/${kind}/:name`;
    const keyOf = kind === "address" ? keyOfAddress : keyOfScriptHash;

    route(path, async ({ node, param }) => {
      const activity = await bookOf(node).activity(keyOf(node, param("name")));
      return { [kind]: param("name"), chain_stats: statsOf(activity.chain), mempool_stats: statsOf(activity.waiting) };
    });

    route(`${path}/txs`, async ({ node, param }) => {
      const key = keyOf(node, param("name"));
      return [...(await waitingOf(node, key)), ...(await confirmedOf(node, key))];
    });
    route(`${path}/txs/mempool`, ({ node, param }) => waitingOf(node, keyOf(node, param("name"))));
    route(`${path}/txs/chain`, ({ node, param }) => confirmedOf(node, keyOf(node, param("name"))));
    route(`${path}/txs/chain/:last`, async ({ node, param }) => {
      const last = await findTransaction(node, txidOf(param("last")));
      if (last.kind === "waiting") throw badRequest("The last transaction seen is in no block");
      const { block, index, tx } = last;
      const cursor = { place: { height: block.height, position: index, txid: hashKey(tx.txid) } };
      return confirmedOf(node, keyOf(node, param("name")), cursor);
    });

    route(`${path}/utxo`, async ({ node, param }) => {
      const { items, next } = await bookOf(node).coins(keyOf(node, param("name")), UTXOS_MAX);
      if (next !== undefined) throw badRequest(`Too many unspent transaction outputs (>${UTXOS_MAX})`);
      // One that a waiting transaction spends is no coin to build upon.
      return items
        .filter(({ spentBy }) => spentBy === undefined)
        .map(({ txid, index, value, block }) => ({
          txid: displayHash(hashFromKey(txid)),
          vout: index,
          status: esploraStatus(block),
          value: Number(value),
        }));
    });
  }
}

function keyOfAddress({ chain }: RunningWebNode, text: string): HashKey {
  const decoded = decodeAddress(text, chain.network.addressPrefixes);
  if ("error" in decoded) throw badRequest("Invalid Bitcoin address");
  return scriptKeyOf(decoded.script);
}

/** The sha256 of a script, its first byte first; Electrum writes the last byte first. */
function keyOfScriptHash(_node: RunningWebNode, text: string): HashKey {
  const hash = tryFromHex(text);
  if (hash?.length !== HASH_SIZE) throw badRequest("Invalid hex string");
  return hashKey(hash as Hash256);
}

function statsOf({ transactionCount, outputCount, received, inputCount, sent }: AddressActivity["waiting"]): object {
  return {
    tx_count: transactionCount,
    funded_txo_count: outputCount,
    funded_txo_sum: Number(received),
    spent_txo_count: inputCount,
    spent_txo_sum: Number(sent),
  };
}

async function waitingOf(node: RunningWebNode, key: HashKey): Promise<EsploraTransaction[]> {
  const { items } = await bookOf(node).history(key, WAITING_PER_PAGE);
  return transactionsOf(
    node,
    items.filter(({ where }) => "waiting" in where),
  );
}

/** Of the chain, the newest first, from behind `cursor` on. */
async function confirmedOf(
  node: RunningWebNode,
  key: HashKey,
  cursor: HistoryCursor = NEWEST_OF_CHAIN,
): Promise<EsploraTransaction[]> {
  const { items } = await bookOf(node).history(key, CONFIRMED_PER_PAGE, cursor);
  return transactionsOf(node, items);
}

/** Above every block. */
const NEWEST_OF_CHAIN: HistoryCursor = {
  place: { height: 0xffffffff, position: 0xffffffff, txid: hashKey(new Uint8Array(HASH_SIZE).fill(0xff) as Hash256) },
};

/** Whole transactions; those of one block stand together, so that it is read once. */
async function transactionsOf(
  node: RunningWebNode,
  items: readonly AddressTransaction[],
): Promise<EsploraTransaction[]> {
  const read = async (entry: BlockIndexEntry) => {
    const { transactions: all } = await node.chain.readBlock(entry);
    return { entry, all, undo: entry.hasUndo ? await node.chain.readUndo(entry) : undefined };
  };
  let last: Awaited<ReturnType<typeof read>> | undefined;
  const transactions: EsploraTransaction[] = [];
  for (const { txid, where } of items) {
    if ("waiting" in where) {
      transactions.push(await foundTransaction(node, { kind: "waiting", tx: where.waiting.tx, entry: where.waiting }));
      continue;
    }
    const { block, position: index } = where;
    if (last?.entry !== block) last = await read(block);
    const tx = last.all[index];
    if (tx === undefined || hashKey(tx.txid) !== txid) continue;
    transactions.push(
      await foundTransaction(node, {
        kind: "confirmed",
        tx,
        block,
        index,
        spent: index === 0 ? undefined : last.undo?.transactions[index - 1],
      }),
    );
  }
  return transactions;
}
