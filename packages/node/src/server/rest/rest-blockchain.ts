import { ApiError } from "@bitfleet/api/errors.ts";
import { SERIES_BLOCKS_DEFAULT, SERIES_BLOCKS_MAX } from "@bitfleet/api/rest/chain-charts.ts";
import type { RestQuery } from "@bitfleet/api/rest-routes.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { type BlockHash, displayHash, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { FastifyInstance } from "fastify";
import type { BlockIndexEntry } from "../../chain/block-index.ts";
import type { Chain } from "../../chain/chain.ts";
import { difficultyOf, headersFrom, hex256 } from "../chain-json.ts";
import { runningNode } from "../web/web-state.ts";
import { headerView } from "./block-views.ts";
import { blockAtTime, chainSeries } from "./chain-series.ts";
import { pageOf } from "./list-parts.ts";
import { type RouteDependencies, route } from "./rest-route.ts";

/** The read-only routes of chain and blocks. */
export function blockchainRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);

  route(app, deps, "blockchain", async () => {
    const { chain, mempool, sync } = running();
    const { tip } = chain;
    const { phase, targetHeight, percent, blocksPerSecond, secondsLeft } = sync();
    return {
      chain: chain.network.name,
      height: tip.height,
      headers: chain.bestHeader.height,
      difficulty: difficultyOf(tip.header.bits),
      total_blocks: tip.height + 1,
      total_transactions: tip.chainTransactionCount,
      mempool_size: mempool.size,
      connected_peers: deps.state.peerCount,
      last_block_hash: displayHash(tip.hash),
      last_block_timestamp: tip.header.time,
      chainwork: hex256(tip.chainwork),
      initial_block_download: chain.isInitialBlockDownload,
      verification_progress: chain.verificationProgress(tip),
      sync: {
        phase,
        target_height: targetHeight,
        percent,
        blocks_per_second: blocksPerSecond,
        seconds_left: secondsLeft ?? null,
      },
    };
  });

  route(app, deps, "blocks", async (_params, { page = 0, limit = 10 }) => {
    const { chain, views } = running();
    const { tip } = chain;
    const total = tip.height + 1;
    const entries = activeBlocks(tip, tip.height - page * limit, limit);
    return pageOf(await Promise.all(entries.map((entry) => views.summary(entry))), page, limit, total);
  });

  route(app, deps, "latestBlocks", async (_params, { limit = 10 }) => {
    const { chain, views } = running();
    const entries = activeBlocks(chain.tip, chain.tip.height, limit);
    return Promise.all(entries.map((entry) => views.summary(entry)));
  });

  route(app, deps, "block", async ({ block }) => {
    const { chain, views } = running();
    return views.summary(blockNamed(chain, block));
  });

  route(app, deps, "blockTransactions", async ({ block }, { page = 0, limit = 10 }, _body, { keepForGood }) => {
    const { chain, views } = running();
    const entry = storedBlock(chain, block);
    const from = page * limit;
    const total = entry.transactionCount;
    const items = from < total ? await views.transactions(entry, from, from + limit) : [];
    if (isNamedByHash(block) && entry.hasUndo) keepForGood();
    return pageOf(items, page, limit, total);
  });

  route(app, deps, "blockTransactionIds", async ({ block }, _query, _body, { keepForGood }) => {
    const { chain } = running();
    const { transactions } = await chain.readBlock(storedBlock(chain, block));
    if (isNamedByHash(block)) keepForGood();
    return transactions.map(({ txid }) => displayHash(txid));
  });

  route(app, deps, "blockBytes", async ({ block }, _query, _body, { keepForGood }) => {
    const { chain } = running();
    const entry = storedBlock(chain, block);
    if (isNamedByHash(block)) keepForGood();
    return { hash: displayHash(entry.hash), hex: toHex(await chain.readBlockBytes(entry)) };
  });

  chartRoutes(app, deps);

  route(app, deps, "headers", ({ block }, { count = 1 }) => {
    const { chain } = running();
    const first = knownBlock(chain, block);
    return headersFrom(chain, first, count).map((entry) => headerView(chain, entry));
  });

  route(app, deps, "chainTips", () =>
    running()
      .chain.tips()
      .map(({ entry, branchLength, status }) => ({
        height: entry.height,
        hash: displayHash(entry.hash),
        branch_length: branchLength,
        status,
      })),
  );
}

function chartRoutes(app: FastifyInstance, deps: RouteDependencies): void {
  const running = () => runningNode(deps.state);

  route(app, deps, "blockOverview", ({ block }) => {
    const { chain, overviews } = running();
    return overviews.of(storedBlock(chain, block));
  });

  route(app, deps, "blockAtTime", (_params, { time }) => {
    const { chain, views } = running();
    const entry = blockAtTime(chain, time);
    if (entry === undefined) throw new ApiError(404, "There is no block so early: the first says a later time.");
    return views.summary(entry);
  });

  route(app, deps, "chainSeries", (_params, query) => {
    const { chain, views } = running();
    const [first, last] = seriesEnds(chain, query);
    return chainSeries(first, last, views);
  });
}

/** First and last block of what a query asks for. Throws `ApiError`. */
function seriesEnds(
  { tip }: Chain,
  { last: count, from, to }: RestQuery<"chainSeries">,
): readonly [BlockIndexEntry, BlockIndexEntry] {
  if (count !== undefined && (from !== undefined || to !== undefined))
    throw new ApiError(400, "Say either last, or from and to.");
  const top = Math.min(to ?? tip.height, tip.height);
  const bottom = from ?? Math.max(0, top - (count ?? SERIES_BLOCKS_DEFAULT) + 1);
  if (to !== undefined && bottom > to) throw new ApiError(400, "from must not be above to.");
  if (bottom > tip.height) throw new ApiError(404, `There is no block at height ${bottom}.`);
  const wanted = top - bottom + 1;
  if (wanted > SERIES_BLOCKS_MAX)
    throw new ApiError(400, `These are ${wanted} blocks; ${SERIES_BLOCKS_MAX} at most can be asked for at once.`);
  return [tip.ancestor(bottom)!, tip.ancestor(top)!];
}

/** A block whose transactions are here. */
function storedBlock(chain: Chain, name: string): BlockIndexEntry {
  const entry = blockNamed(chain, name);
  if (chain.isPruned(entry)) throw new ApiError(404, `Block ${name} was pruned: only its header is kept.`);
  return entry;
}

/** At most `limit` blocks of the chain that ends in `tip`, from `height` downwards. One chain, even if the tip moves meanwhile. */
function activeBlocks(tip: BlockIndexEntry, height: number, limit: number): BlockIndexEntry[] {
  const entries: BlockIndexEntry[] = [];
  let entry = height < 0 ? undefined : tip.ancestor(height);
  while (entry !== undefined && entries.length < limit) {
    entries.push(entry);
    entry = entry.previous;
  }
  return entries;
}

/** What a height names may change with a reorganisation. */
const isNamedByHash = (name: string) => name.length === 64;

/** The block that a path names, by hash or by height in the active chain, of which there is more than a header. */
function blockNamed(chain: Chain, name: string): BlockIndexEntry {
  const entry = knownBlock(chain, name);
  if (!entry.hasData && !chain.isPruned(entry)) throw new ApiError(404, `Of block ${name} only the header is here.`);
  return entry;
}

/** The same where the header suffices. */
function knownBlock(chain: Chain, name: string): BlockIndexEntry {
  const hash = parseDisplayHash<BlockHash>(name);
  const entry = hash === undefined ? chain.blockAt(Number(name)) : chain.find(hash);
  if (entry === undefined) {
    throw new ApiError(404, hash === undefined ? `There is no block at height ${name}.` : `There is no block ${name}.`);
  }
  return entry;
}
