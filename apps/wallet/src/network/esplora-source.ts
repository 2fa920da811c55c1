import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { NETWORK_NAMES, networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { type BlockHash, displayHash, hashKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { blockPace } from "@bitfleet/ui/block-pace.ts";
import {
  type ChainSource,
  type ChainTip,
  endlessList,
  type FoundTransaction,
  type History,
  type IsKnown,
  type ServerFacts,
  type ServerFees,
  SourceProblem,
  TRANSACTIONS_MAX,
  tooManyTransactions,
  type WaitingAncestor,
} from "./chain-source.ts";
import { absentAs, asker } from "./esplora-asker.ts";
import { esploraProofs } from "./esplora-proofs.ts";
import { inParallel } from "./in-parallel.ts";
import { pagesUrlOf } from "./pages-url.ts";
import { isThereAlready } from "./refusal.ts";
import { count, feerate, fields, hashOf, hexOf, list, sats } from "./said.ts";
import type { ServerPlace, SourceDependencies } from "./server-place.ts";

/** Any server that speaks Esplora's interface: scripts are asked for one by one. */

/** Of a request of a search, which would begin anew with its first script: a server that is started again may take some seconds. */
const SEARCH_TRIES = 6;
/** Transactions of a page of confirmed ones, as Esplora has it: fewer are the last. */
const CHAIN_PAGE = 25;
/** Esplora tells of no relay feerate: what nodes had for long, in satoshis for 1000 vbytes. */
const RELAY_FEERATE = 1_000n;
const ANCESTORS_MAX = 50;
/** As Esplora: places within blocks are not told but of coinbases. */
const PLACE_UNKNOWN = 1;

interface EsploraStatus {
  readonly confirmed: boolean;
  readonly block_height?: number;
  readonly block_hash?: string;
  readonly block_time?: number;
}

interface EsploraTransaction {
  readonly txid: string;
  readonly vin: readonly { readonly txid: string; readonly is_coinbase?: boolean }[];
  readonly weight: number;
  readonly fee: number;
  readonly status: EsploraStatus;
}

interface EsploraStats {
  readonly chain_stats: { readonly tx_count: number };
  readonly mempool_stats: { readonly tx_count: number };
}

interface EsploraBlock {
  readonly id: string;
  readonly height: number;
  readonly timestamp: number;
}

/** Esplora's interface at a place. */
export function esploraSource(place: ServerPlace, deps: SourceDependencies): ChainSource {
  const ask = asker(place, deps);
  const text = async (path: string, signal: AbortSignal, tries?: number) => (await ask(path, signal, { tries })).trim();
  const json = async <Answer>(path: string, signal: AbortSignal, tries?: number): Promise<Answer> => {
    const answer = await ask(path, signal, { tries });
    try {
      return JSON.parse(answer) as Answer;
    } catch (cause) {
      throw new SourceProblem("not-a-server", "The server's answer is no JSON.", { cause });
    }
  };

  const blockHash = async (height: number, signal: AbortSignal) => {
    const hash = await absentAs(undefined, text(`/block-height/${height}`, signal));
    return hash === undefined ? undefined : displayHash(hashOf(hash));
  };

  const tip = async (signal: AbortSignal): Promise<ChainTip> => {
    const hash = displayHash(hashOf(await text("/blocks/tip/hash", signal)));
    const block = fields(await json<EsploraBlock>(`/block/${hash}`, signal));
    if (block.id !== hash)
      throw new SourceProblem("unexpected", "The server's newest block is another one than it says.");
    return { hash, height: count(block.height), time: count(block.timestamp) };
  };

  /** Transactions of a script, the newest first; of blocks no more once the wallet knows one. `room`: for how many more there is. */
  const historyOf = async (hash: string, isKnown: IsKnown | undefined, room: Room, signal: AbortSignal) => {
    const found = new Map<string, FoundTransaction>();
    const take = (item: EsploraTransaction) => {
      const one = foundTransaction(item);
      const key = hashKey(one.txid);
      if (!found.has(key) && --room.left < 0) throw tooManyTransactions();
      found.set(key, one);
      return one;
    };
    const history = (knownUpTo: number): History => ({ transactions: [...found.values()], knownUpTo });
    const stats = fields(await json<EsploraStats>(`/scripthash/${hash}`, signal, SEARCH_TRIES));
    const chain = count(fields(stats.chain_stats).tx_count);
    if (isKnown === undefined && chain > room.left) throw tooManyTransactions();
    if (count(fields(stats.mempool_stats).tx_count) > 0) {
      const page = await json<EsploraTransaction[]>(`/scripthash/${hash}/txs/mempool`, signal, SEARCH_TRIES);
      list(page).map(take);
    }
    if (chain === 0) return history(-1);
    for (let last = ""; ; ) {
      const path = `/scripthash/${hash}/txs/chain${last}`;
      const page = list(await json<EsploraTransaction[]>(path, signal, SEARCH_TRIES));
      const before = found.size;
      for (const { txid, place } of page.map(take))
        if (place !== undefined && isKnown?.(txid, place.block.hash) === true) return history(place.block.height);
      if (page.length < CHAIN_PAGE) return history(-1);
      // Blocks that come meanwhile move what is told, but never by a whole page.
      if (found.size === before) throw endlessList();
      last = `/${page.at(-1)!.txid}`;
    }
  };

  const historyOfAll = async (scripts: readonly Uint8Array[], isKnown: IsKnown | undefined, signal: AbortSignal) => {
    const hashes = scripts.map((script) => toHex(sha256(script)));
    const room = { left: TRANSACTIONS_MAX };
    const parts = await inParallel(hashes, (hash) => historyOf(hash, isKnown, room, signal));
    const found = new Map<string, FoundTransaction>();
    for (const one of parts.flatMap(({ transactions }) => transactions)) {
      const key = hashKey(one.txid);
      // Between two requests a block may have taken what waited: the block is the later word.
      if (found.get(key)?.place === undefined) found.set(key, one);
    }
    return { transactions: [...found.values()], knownUpTo: Math.max(-1, ...parts.map(({ knownUpTo }) => knownUpTo)) };
  };

  return {
    protocol: "esplora",
    pagesUrl: pagesUrlOf("esplora", place.baseUrl),
    tip,
    blockHash,
    isServed: async () => true,
    proofs: esploraProofs(ask),

    async facts(signal): Promise<ServerFacts> {
      const genesis = await blockHash(0, signal);
      if (genesis === undefined) throw new SourceProblem("not-a-server", "The server has no first block.");
      const chain = NETWORK_NAMES.find((name) => genesisOf(name) === genesis);
      if (chain === undefined)
        throw new SourceProblem("unexpected", "The server's network is none that this wallet knows.");
      const [now, firstBlock] = await Promise.all([tip(signal), blockHash(1, signal)]);
      return { chain, tip: now, firstBlock, isCatchingUp: false, hasFaucet: false };
    },

    history: (ranges, isKnown, signal) => {
      const scripts = ranges.flatMap((range) => range.scripts);
      return historyOfAll(scripts, isKnown, signal);
    },
    scriptHistory: (scripts, signal) => historyOfAll(scripts, undefined, signal),

    async transactionBytes({ txid }, signal) {
      return hexOf(await text(`/tx/${displayHash(txid)}/hex`, signal, SEARCH_TRIES));
    },

    async fees(signal): Promise<ServerFees> {
      const [estimates, blocks] = await Promise.all([
        json<Record<string, number>>("/fee-estimates", signal),
        json<EsploraBlock[]>("/blocks", signal),
      ]);
      return {
        estimates: Object.entries(fields(estimates)).flatMap(([target, satPerVb]) => {
          const blocksTarget = Number(target);
          const feerateSatPerKvb = typeof satPerVb === "number" ? feerate(satPerVb * 1000) : undefined;
          const isTold = Number.isSafeInteger(blocksTarget) && feerateSatPerKvb !== undefined;
          return isTold ? [{ blocks: blocksTarget, feerateSatPerKvb }] : [];
        }),
        minimumSatPerKvb: RELAY_FEERATE,
        relaySatPerKvb: RELAY_FEERATE,
        incrementalSatPerKvb: RELAY_FEERATE,
        blockSeconds: blockPace(list(blocks).map(timedBlock)),
      };
    },

    async waitingFamily(txid, signal): Promise<readonly WaitingAncestor[]> {
      const found = new Map<string, WaitingAncestor>();
      const open = [displayHash(txid)];
      for (let name = open.pop(); name !== undefined && found.size < ANCESTORS_MAX; name = open.pop()) {
        if (found.has(name)) continue;
        const detail = await absentAs(undefined, json<EsploraTransaction>(`/tx/${name}`, signal));
        if (detail === undefined || fields(fields(detail).status).confirmed) continue;
        const parents = [...new Set(list(detail.vin).map((input) => fields(input).txid))];
        const fee = sats(detail.fee);
        const virtualSize = Math.ceil(count(detail.weight) / 4);
        found.set(name, {
          txid: hashOf<Txid>(name),
          fee,
          virtualSize,
          parents: parents.map((one) => hashOf<Txid>(one)),
        });
        open.push(...parents);
      }
      const isHere = (one: Txid) => found.has(displayHash(one));
      return [...found.values()].map((one) => ({ ...one, parents: one.parents.filter(isHere) }));
    },

    async broadcast(bytes, signal) {
      try {
        await ask("/tx", signal, { body: toHex(bytes) });
      } catch (error) {
        if (!(error instanceof SourceProblem) || error.kind !== "refused") throw error;
        if (isThereAlready(error.message)) return;
        throw error;
      }
    },
  };
}

function genesisOf(name: (typeof NETWORK_NAMES)[number]): string {
  return displayHash(networkByName(name)!.params.genesis.header.hash);
}

function timedBlock(block: EsploraBlock) {
  const { height, timestamp } = fields(block);
  return { height: count(height), timestamp: count(timestamp) };
}

function foundTransaction(item: EsploraTransaction): FoundTransaction {
  const { status, fee, vin } = fields(item);
  const isCoinbase = list(vin)[0]?.is_coinbase === true;
  const place = fields(status).confirmed
    ? {
        block: { hash: hashOf<BlockHash>(status.block_hash ?? ""), height: count(status.block_height) },
        blockTime: count(status.block_time),
        indexInBlock: isCoinbase ? 0 : PLACE_UNKNOWN,
      }
    : undefined;
  return { txid: hashOf<Txid>(item.txid), place, seenAt: 0, fee: isCoinbase ? undefined : sats(fee) };
}

/** How many more transactions one look has room for. */
interface Room {
  left: number;
}
