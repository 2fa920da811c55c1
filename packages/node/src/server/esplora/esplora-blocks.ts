import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import { difficultyOf } from "../chain-json.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import {
  badRequest,
  blockOf,
  type EsploraRoute,
  hashTextOf,
  notFound,
  numberOf,
  storedBlockOf,
} from "./esplora-answer.ts";
import { esploraTransaction } from "./esplora-transaction.ts";

const BLOCKS_PER_PAGE = 10;
const TRANSACTIONS_PER_PAGE = 25;

/** Blocks and the tip. */
export function blockRoutes(route: EsploraRoute): void {
  route("/blocks/tip/height", ({ node }) => String(node.chain.tip.height));
  route("/blocks/tip/hash", ({ node }) => hashTextOf(node.chain.tip));
  route("/blocks", ({ node }) => blocksDownFrom(node, node.chain.tip.height));
  route("/blocks/:start", ({ node, param }) => blocksDownFrom(node, numberOf(param("start"), "start height")));

  route("/block-height/:height", ({ node, param }) => {
    const entry = node.chain.blockAt(numberOf(param("height"), "height"));
    if (entry === undefined) throw notFound("Block");
    return hashTextOf(entry);
  });

  route("/block/:hash", ({ node, param }) => blockJson(node, blockOf(node.chain, param("hash"))));
  route("/block/:hash/header", ({ node, param }) =>
    toHex(encodeBlockHeader(blockOf(node.chain, param("hash")).header)),
  );
  route("/block/:hash/raw", ({ node, param }) => node.chain.readBlockBytes(storedBlockOf(node.chain, param("hash"))));

  route("/block/:hash/status", ({ node, param }) => {
    const entry = blockOf(node.chain, param("hash"));
    if (!node.chain.isInActiveChain(entry)) return { in_best_chain: false };
    const next = node.chain.next(entry);
    return { in_best_chain: true, height: entry.height, ...(next && { next_best: hashTextOf(next) }) };
  });

  route("/block/:hash/txids", async ({ node, param }) => {
    const { transactions } = await node.chain.readBlock(storedBlockOf(node.chain, param("hash")));
    return transactions.map(({ txid }) => displayHash(txid));
  });

  route("/block/:hash/txid/:index", async ({ node, param }) => {
    const { transactions } = await node.chain.readBlock(storedBlockOf(node.chain, param("hash")));
    const tx = transactions[numberOf(param("index"), "tx index")];
    if (tx === undefined) throw notFound("tx index");
    return displayHash(tx.txid);
  });

  route("/block/:hash/txs", ({ node, param }) => transactionsFrom(node, storedBlockOf(node.chain, param("hash")), 0));
  route("/block/:hash/txs/:start", ({ node, param }) => {
    const entry = storedBlockOf(node.chain, param("hash"));
    const start = numberOf(param("start"), "start index");
    if (start >= entry.transactionCount) throw badRequest("start index out of range");
    if (start % TRANSACTIONS_PER_PAGE !== 0)
      throw badRequest(`start index must be a multiple of ${TRANSACTIONS_PER_PAGE}`);
    return transactionsFrom(node, entry, start);
  });
}

function blocksDownFrom(node: RunningWebNode, height: number): Promise<object[]> {
  const entries: BlockIndexEntry[] = [];
  let entry: BlockIndexEntry | undefined = node.chain.blockAt(Math.min(height, node.chain.tip.height));
  while (entry !== undefined && entries.length < BLOCKS_PER_PAGE) {
    entries.push(entry);
    entry = entry.previous;
  }
  return Promise.all(entries.map((each) => blockJson(node, each)));
}

async function blockJson({ views }: RunningWebNode, entry: BlockIndexEntry): Promise<object> {
  const { header } = entry;
  const { size_bytes: size, weight } = entry.hasData ? await views.summary(entry) : { size_bytes: null, weight: null };
  return {
    id: hashTextOf(entry),
    height: entry.height,
    version: header.version,
    timestamp: header.time,
    tx_count: entry.transactionCount,
    size,
    weight,
    merkle_root: displayHash(header.merkleRoot),
    previousblockhash: entry.previous === undefined ? null : hashTextOf(entry.previous),
    mediantime: medianTimePast(entry),
    nonce: header.nonce,
    bits: header.bits,
    difficulty: difficultyOf(header.bits),
  };
}

async function transactionsFrom({ chain }: RunningWebNode, entry: BlockIndexEntry, start: number): Promise<object[]> {
  const { transactions } = await chain.readBlock(entry);
  const undo = entry.hasUndo ? await chain.readUndo(entry) : undefined;
  const block = chain.isInActiveChain(entry) ? entry : undefined;
  return transactions.slice(start, start + TRANSACTIONS_PER_PAGE).map((tx, offset) => {
    const index = start + offset;
    const spent = index === 0 ? undefined : undo?.transactions[index - 1];
    return esploraTransaction(tx, spent, block, chain.network.addressPrefixes);
  });
}
