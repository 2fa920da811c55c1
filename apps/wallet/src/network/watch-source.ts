import { ApiError } from "@bitfleet/api/errors.ts";
import { followEvents } from "@bitfleet/api/event-client.ts";
import { ADDRESS_TOPIC_PREFIX, TOPICS_MAX } from "@bitfleet/api/events/topics.ts";
import type { AddressHistoryItem } from "@bitfleet/api/rest/addresses.ts";
import { createClientOf, REDIRECTED, type RouteAddresses } from "@bitfleet/api/rest-client.ts";
import { WATCH_DESCRIPTORS_MAX, WATCH_SCRIPTS_MAX } from "@bitfleet/api/watch-limits.ts";
import { reversedBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { blockPace } from "@bitfleet/ui/block-pace.ts";
import type { ScriptRange } from "@bitfleet/wallet/self-custody/script-ranges.ts";
import {
  ANSWER_BYTES_MAX,
  type ChainSource,
  type ChainTip,
  endlessList,
  type FollowOptions,
  type FoundTransaction,
  type IsKnown,
  type ServerFacts,
  type ServerFees,
  SourceProblem,
  TRANSACTIONS_MAX,
  tooManyTransactions,
  type WaitingAncestor,
} from "./chain-source.ts";
import { asker } from "./esplora-asker.ts";
import { esploraProofs, shown } from "./esplora-proofs.ts";
import { pagesUrlOf } from "./pages-url.ts";
import { isThereAlready, networkRefusal } from "./refusal.ts";
import { count, feerate, fields, hashOf, hexOf, list, nameOf, sats } from "./said.ts";
import type { ServerPlace, SourceDependencies } from "./server-place.ts";

/** Bitfleet's own routes for wallets that keep their keys: what descriptors have, in few requests, and live events. */

const ROUTES = {
  blockchain: { path: "/api/v1/blockchain" },
  latestBlocks: { path: "/api/v1/blockchain/blocks/latest" },
  block: { path: "/api/v1/blockchain/blocks/{block}" },
  blockBytes: { path: "/api/v1/blockchain/blocks/{block}/hex" },
  headers: { path: "/api/v1/blockchain/headers/{block}" },
  mining: { path: "/api/v1/mining" },
  mempool: { path: "/api/v1/mempool" },
  feeEstimates: { path: "/api/v1/fees/estimates" },
  transaction: { path: "/api/v1/transactions/{txid}" },
  broadcastTransaction: { method: "POST", path: "/api/v1/transactions/broadcast", hasBody: true, isRepeatable: true },
  watchBalance: { method: "POST", path: "/api/v1/watch/balance", hasBody: true, isRepeatable: true },
  watchHistory: { method: "POST", path: "/api/v1/watch/history", hasBody: true, isRepeatable: true },
} as const satisfies RouteAddresses;

/** Of one try. A search of many scripts takes a server longer than anything else. */
const REQUEST_TIMEOUT_MS = 20_000;
/** Of a call with all its tries. */
const CALL_DEADLINE_MS = 60_000;
/** Beyond the first: servers limit requests, and say when to come back. */
const RETRIES = 4;
/** Items of a part of a history: what a cursor allows. */
const HISTORY_PART = 100;
/** Parts of a history in a row with nothing in them that was not told before: mempool and blocks change while one is read, but not so much. */
const EMPTY_PARTS_MAX = 10;
/** Blocks whose times say how long one takes. */
const TIMED_BLOCKS = 11;
/** What nodes had for long, in satoshis for 1000 vbytes: where a server says nothing that makes sense. */
const FEERATE_UNTOLD = 1_000n;
/** Headers of one answer. */
const HEADERS_PART = 500;
/** Where a Bitfleet server has Esplora's routes. */
const ESPLORA_PATH = "/esplora";
/** Ancestors in the mempool that are asked about. */
const ANCESTORS_MAX = 50;

/** Of a script that nobody has: what the server says of it tells that it answers. */
const NO_SCRIPT_HASH = "00".repeat(32);

/** Bitfleet's routes at a place. */
export function watchSource(place: ServerPlace, deps: SourceDependencies): ChainSource {
  const { baseUrl, apiKey } = place;
  const client = createClientOf(ROUTES, {
    baseUrl,
    apiKey,
    fetch: deps.fetch,
    random: deps.random,
    timeoutMs: REQUEST_TIMEOUT_MS,
    deadlineMs: CALL_DEADLINE_MS,
    retries: RETRIES,
    answerBytesMax: ANSWER_BYTES_MAX,
  });

  const tip = async (signal: AbortSignal): Promise<ChainTip> => tipOf(await asked(client.blockchain({}, { signal })));

  /** What one request's scripts have, the newest first, in as many parts as it takes. */
  async function* historyItems(body: WatchedBody, signal: AbortSignal) {
    let cursor: string | undefined;
    const told = new Set<string>();
    for (let emptyParts = 0; emptyParts <= EMPTY_PARTS_MAX; ) {
      const part = { ...body, limit: HISTORY_PART, ...(cursor !== undefined && { cursor }) };
      const page = fields(await asked(client.watchHistory(part, { signal })));
      const before = told.size;
      for (const item of list(page.items).map(foundTransaction)) {
        told.add(hashKey(item.txid));
        yield item;
      }
      if (typeof page.next_cursor !== "string") return;
      cursor = page.next_cursor;
      emptyParts = told.size > before ? 0 : emptyParts + 1;
    }
    throw endlessList();
  }

  const historyOf = async (bodies: readonly WatchedBody[], isKnown: IsKnown | undefined, signal: AbortSignal) => {
    const found = new Map<string, FoundTransaction>();
    let knownUpTo = -1;
    for (const body of bodies) {
      for await (const one of historyItems(body, signal)) {
        found.set(hashKey(one.txid), one);
        if (found.size > TRANSACTIONS_MAX) throw tooManyTransactions();
        if (one.place === undefined || isKnown?.(one.txid, one.place.block.hash) !== true) continue;
        knownUpTo = Math.max(knownUpTo, one.place.block.height);
        break;
      }
    }
    return { transactions: [...found.values()], knownUpTo };
  };

  return {
    protocol: "watch",
    pagesUrl: pagesUrlOf("watch", baseUrl),
    tip,

    async facts(signal): Promise<ServerFacts> {
      const info = fields(await asked(client.blockchain({}, { signal, retries: 0 })));
      const chain = nameOf(info.chain);
      const tip = tipOf(info);
      const first = tip.height < 1 ? undefined : fields(await asked(client.block({ block: "1" }, { signal })));
      const firstBlock = first && displayHash(hashOf(first.hash));
      // Every node answers this: what only a network has would be an error in the browser's log at any other.
      const hasFaucet = await client.mining({}, { signal, retries: 0 }).then(
        (miner) => miner?.has_faucet === true,
        () => false,
      );
      signal.throwIfAborted();
      return { chain, tip, firstBlock, isCatchingUp: isCatchingUp(info), hasFaucet };
    },

    async isServed(signal) {
      try {
        await client.watchBalance({ addresses: [NO_SCRIPT_HASH] }, { signal });
        return true;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return false;
        throw problemOf(error);
      }
    },

    async blockHash(height, signal) {
      try {
        return displayHash(hashOf(fields(await client.block({ block: String(height) }, { signal })).hash));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw problemOf(error);
      }
    },

    history: (ranges, isKnown, signal) => {
      const bodies = requestsOf(ranges).map((descriptors) => ({ descriptors }));
      return historyOf(bodies, isKnown, signal);
    },
    scriptHistory: (scripts, signal) => historyOf([{ addresses: scripts.map(scriptHash) }], undefined, signal),

    async transactionBytes({ txid, place: at }, signal) {
      try {
        return hexOf(fields(await client.transaction({ txid: displayHash(txid) }, { signal })).hex);
      } catch (error) {
        // Without -txindex a server finds only what has unspent outputs; the block has all.
        if (!(error instanceof ApiError && error.status === 404 && at !== undefined)) throw problemOf(error);
      }
      const block = fields(await asked(client.blockBytes({ block: displayHash(at.block.hash) }, { signal })));
      const transaction = transactionsIn(hexOf(block.hex))[at.indexInBlock];
      if (transaction === undefined)
        throw new SourceProblem("unexpected", "The server's block has no transaction where it says that there is one.");
      return transaction.bytes;
    },

    async fees(signal): Promise<ServerFees> {
      const [estimates, mempool, blocks] = await Promise.all([
        asked(client.feeEstimates({}, { signal })),
        asked(client.mempool({}, { signal })),
        asked(client.latestBlocks({ limit: TIMED_BLOCKS }, { signal })),
      ]);
      fields(mempool);
      const relaySatPerKvb = feerate(mempool.relay_feerate_sat_per_kvb) ?? FEERATE_UNTOLD;
      const minimum = feerate(mempool.min_feerate_sat_per_kvb) ?? FEERATE_UNTOLD;
      return {
        estimates: list(estimates).flatMap((estimate) => {
          const { target, feerate_sat_per_kvb: told, source } = fields(estimate);
          const feerateSatPerKvb = source === "none" ? undefined : feerate(told);
          return feerateSatPerKvb === undefined ? [] : [{ blocks: count(target), feerateSatPerKvb }];
        }),
        minimumSatPerKvb: relaySatPerKvb > minimum ? relaySatPerKvb : minimum,
        relaySatPerKvb,
        incrementalSatPerKvb: feerate(mempool.incremental_feerate_sat_per_kvb) ?? FEERATE_UNTOLD,
        blockSeconds: blockPace(list(blocks).map(timedBlock)),
      };
    },

    async waitingFamily(txid, signal): Promise<readonly WaitingAncestor[]> {
      const found = new Map<string, WaitingAncestor>();
      const open = [displayHash(txid)];
      for (let name = open.pop(); name !== undefined && found.size < ANCESTORS_MAX; name = open.pop()) {
        if (found.has(name)) continue;
        const detail = await client.transaction({ txid: name }, { signal }).catch((error: unknown) => {
          if (error instanceof ApiError && error.status === 404) return undefined;
          throw problemOf(error);
        });
        if (detail?.mempool == null) continue;
        const parents = list(detail.mempool.depends_on);
        found.set(name, {
          txid: hashOf<Txid>(name),
          // Below nothing where an operator set it back.
          fee: sats(Math.max(0, detail.mempool.modified_fee)),
          virtualSize: count(detail.virtual_size),
          parents: parents.map((each) => hashOf<Txid>(each)),
        });
        open.push(...parents);
      }
      return [...found.values()];
    },

    async broadcast(bytes, signal) {
      try {
        await client.broadcastTransaction({ hex: toHex(bytes) }, { signal });
      } catch (error) {
        if (error instanceof ApiError && (error.status === 409 || isThereAlready(error.message))) return;
        if (error instanceof ApiError && (error.status === 422 || error.status === 400))
          throw networkRefusal(error.message, { cause: error });
        throw problemOf(error);
      }
    },

    proofs: {
      ...esploraProofs(asker({ ...place, baseUrl: baseUrl + ESPLORA_PATH }, deps)),
      headersDown: (height, wanted, signal) =>
        shown(async () => {
          const from = Math.max(0, height + 1 - Math.min(HEADERS_PART, wanted));
          const query = { block: String(from), count: height + 1 - from };
          const headers = list(await asked(client.headers(query, { signal })));
          return headers.map((header) => hexOf(fields(header).hex)).reverse();
        }),
    },

    follow: (options) => followPlace(place, options, deps),
  };
}

/** Descriptors of requests, each within what a server takes of one. */
type WatchedRanges = { readonly descriptor: string; readonly from?: number; readonly to?: number }[];
/** What a request is about. */
type WatchedBody = { readonly descriptors: WatchedRanges } | { readonly addresses: string[] };

/** As the server's interface names scripts: last byte first. */
const scriptHash = (script: Uint8Array): string => toHex(reversedBytes(sha256(script)));

function requestsOf(ranges: readonly ScriptRange[]): readonly WatchedRanges[] {
  const requests: WatchedRanges[] = [];
  let scripts = 0;
  for (const range of ranges) {
    for (let from = range.from; from < range.end; ) {
      const current = requests.at(-1);
      const left = current === undefined || current.length >= WATCH_DESCRIPTORS_MAX ? 0 : SCRIPTS_PER_REQUEST - scripts;
      if (left <= 0) {
        requests.push([]);
        scripts = 0;
        continue;
      }
      const end = Math.min(range.end, from + left);
      const { text: descriptor } = range.descriptor;
      current!.push(range.isRanged ? { descriptor, from, to: end - 1 } : { descriptor });
      scripts += end - from;
      from = end;
    }
  }
  return requests;
}

/** Some less than are allowed: servers count the keys that they derive, too, of which a script may have several. */
const SCRIPTS_PER_REQUEST = Math.floor(WATCH_SCRIPTS_MAX / 5);

/** Of a block that a server gives. */
function transactionsIn(bytes: Uint8Array) {
  try {
    return decodeBlock(bytes).transactions;
  } catch (cause) {
    throw new SourceProblem("unexpected", "The server's block is none.", { cause });
  }
}

function timedBlock(block: { readonly height: number; readonly timestamp: number }) {
  const { height, timestamp } = fields(block);
  return { height: count(height), timestamp: count(timestamp) };
}

function foundTransaction(item: AddressHistoryItem): FoundTransaction {
  const { block_hash: hash, block_height: height, index, time, fee } = fields(item);
  const place =
    hash === null || height === null
      ? undefined
      : {
          block: { hash: hashOf<BlockHash>(hash), height: count(height) },
          blockTime: count(time),
          indexInBlock: count(index ?? 0),
        };
  return {
    txid: hashOf<Txid>(item.txid),
    place,
    seenAt: place === undefined ? count(time) : 0,
    fee: fee === null ? undefined : sats(fee),
  };
}

const tipOf = (info: {
  readonly last_block_hash: string;
  readonly height: number;
  readonly last_block_timestamp: number;
}): ChainTip => ({
  hash: displayHash(hashOf(fields(info).last_block_hash)),
  height: count(info.height),
  time: count(info.last_block_timestamp),
});

/** With peers that know more, that is: a private network whose last block is old has nothing to catch up with. */
const isCatchingUp = (info: {
  readonly initial_block_download: boolean;
  readonly sync: { readonly phase: string };
}): boolean => info.initial_block_download === true && ["presync", "headers", "blocks"].includes(info.sync?.phase);

async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw problemOf(error);
  }
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  const { kind, status, message } = error;
  if (kind === "too-long" || message === REDIRECTED) return new SourceProblem("unexpected", message, { cause: error });
  if (kind === "unauthorized" || kind === "forbidden")
    return new SourceProblem("key", `The server wants a key, or another one: ${message}`, { cause: error });
  if (status === 501)
    return new SourceProblem(
      "no-index",
      "This server does not know what addresses have: it runs without an address index (-addressindex).",
      { cause: error },
    );
  if (kind === "network" || kind === "timeout")
    return new SourceProblem(
      "offline",
      kind === "timeout" ? "The server did not answer in time." : "The server does not answer.",
      { cause: error },
    );
  if (kind === "unavailable" || kind === "rate-limited") return new SourceProblem("busy", message, { cause: error });
  if (kind === "not-found" || kind === "unexpected")
    return new SourceProblem("not-a-server", `This is no Bitfleet server: ${message}`, { cause: error });
  return new SourceProblem("unexpected", message, { cause: error });
}

/** Events of the chain and of as many scripts as a client may name; answers when the signal ends it, rejects where it is of no use. */
async function followPlace(place: ServerPlace, options: FollowOptions, deps: SourceDependencies): Promise<void> {
  const { scripts, signal, onNews, onState } = options;
  const watched = scripts.slice(0, TOPICS_MAX - 1).map((script) => ADDRESS_TOPIC_PREFIX + scriptHash(script));
  const subscription = followEvents({
    baseUrl: place.baseUrl,
    topics: ["blocks", ...new Set(watched)],
    ...(place.apiKey !== "" && { apiKey: place.apiKey }),
    signal,
    ...(deps.WebSocket !== undefined && { WebSocket: deps.WebSocket }),
    fetch: deps.fetch,
    random: deps.random,
    onState,
  });
  for await (const _event of subscription) onNews();
}
