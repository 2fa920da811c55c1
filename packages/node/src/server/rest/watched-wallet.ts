import { ApiError } from "@bitfleet/api/errors.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import {
  type HashKey,
  hashFromKey,
  type OutPointKey,
  outPointKey,
  type Txid,
} from "@bitfleet/protocol/primitives/types.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import { FEE_SETTINGS_DEFAULT, type NodeFees } from "@bitfleet/wallet/building/fee-policy.ts";
import type { SpendingSettings, SpendingWallet } from "@bitfleet/wallet/building/spending-wallet.ts";
import type { Descriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { isWitnessDescriptor, maxInputWeight } from "@bitfleet/wallet/descriptors/satisfaction-weight.ts";
import type { Coin, CoinType } from "@bitfleet/wallet/selection/coin.ts";
import type { RandomSource } from "@bitfleet/wallet/selection/random.ts";
import type { AddressBook } from "../../indexes/address-book.ts";
import { scriptKeyOf } from "../../indexes/address-effects.ts";
import { coinsOfSet, type SetCoin } from "../../indexes/script-set.ts";
import { relativesOf } from "../rpc/mempool-json.ts";
import type { RunningWebNode } from "../web/web-state.ts";
import type { WatchedScript, WatchedSet } from "./watched-scripts.ts";

/** Descriptors of a request as a wallet that transactions are built from. It has no keys, keeps nothing back and forgets itself. */

/** Unspent outputs that are looked at. */
export const WATCHED_COINS_MAX = 5_000;

const SETTINGS: SpendingSettings = {
  ...FEE_SETTINGS_DEFAULT,
  minFeerateSatPerKvb: 0n,
  addressType: "bech32",
  changeType: undefined,
  spendsZeroConfirmationChange: true,
  avoidsPartialSpends: false,
  partialSpendsFeeMax: -1n,
  rejectsLongChains: true,
  ancestorCountMax: 25,
  descendantCountMax: 25,
};

const COIN_TYPES: ReadonlyMap<string, CoinType> = new Map([
  ["pubkeyhash", "legacy"],
  ["scripthash", "p2sh-segwit"],
  ["witness_v0_keyhash", "bech32"],
  ["witness_v0_scripthash", "bech32"],
  ["witness_v1_taproot", "bech32m"],
]);

export interface WatchedWallet extends SpendingWallet {
  /** By output, whose it is. */
  readonly owners: ReadonlyMap<OutPointKey, WatchedScript>;
}

/** Reads what the scripts have and what the node says of fees. Throws `ApiError` where there are too many outputs. */
export async function watchedWallet(
  set: WatchedSet,
  node: RunningWebNode,
  book: AddressBook,
  random: RandomSource,
): Promise<WatchedWallet> {
  const keys = set.scripts.map(({ key }) => key);
  const byKey = new Map(set.scripts.map((script) => [script.key, script]));
  const sent = await sentByWaiting(book, keys);
  const { items, next, tip } = await coinsOfSet(book, keys, WATCHED_COINS_MAX);
  if (next !== undefined) {
    throw new ApiError(
      400,
      `The descriptors have more than ${WATCHED_COINS_MAX} unspent outputs; ask with fewer of them.`,
    );
  }
  const coins = new Map<OutPointKey, Coin>();
  const owners = new Map<OutPointKey, WatchedScript>();
  for (const item of items) {
    const script = byKey.get(item.script)!;
    const coin = coinOf(item, script, descriptorOf(set, script), node, tip.height, sent);
    if (coin === undefined || item.spentBy !== undefined || !item.isMature) continue;
    coins.set(outPointKey(coin.outPoint), coin);
    owners.set(outPointKey(coin.outPoint), script);
  }
  const isCatchingUp = node.chain.isInitialBlockDownload && node.chain.network.name !== "regtest";
  return {
    owners,
    settings: { ...SETTINGS, fallbackFeerateSatPerKvb: node.fees.fallbackFeerateSatPerKvb },
    node: nodeFees(node),
    tip: {
      height: tip.height,
      ageSeconds: Math.floor(node.clock.nowMs() / 1000) - tip.header.time,
      isInitialBlockDownload: isCatchingUp,
    },
    random,
    spendableCoins: () => [...coins.values()],
    coin: (outPoint) => coins.get(outPointKey(outPoint)),
    isSpent: () => false,
    hasChangeType: () => false,
    // The request has it, always.
    reserveChange: () => ({ error: "" }),
    inputWeightOf: (scriptPubKey) => {
      const script = byKey.get(scriptKeyOf(scriptPubKey));
      return script && inputWeightOf(descriptorOf(set, script));
    },
    bumpFees: (outPoints) => outPoints.map(() => 0n),
    combinedBumpFee: () => 0n,
  };
}

/** The descriptor that a script is of. */
export function descriptorOf(set: WatchedSet, { origin }: WatchedScript): Descriptor | undefined {
  if (origin === undefined) return undefined;
  return set.sources.find((one) => one.position === origin.position && one.variant === origin.variant)?.descriptor;
}

function coinOf(
  item: SetCoin,
  { script }: WatchedScript,
  descriptor: Descriptor | undefined,
  { mempool }: Pick<RunningWebNode, "mempool">,
  tipHeight: number,
  sent: ReadonlyMap<HashKey, bigint>,
): Coin | undefined {
  const inputWeight = inputWeightOf(descriptor);
  if (script === undefined || descriptor === undefined || inputWeight === undefined) return undefined;
  const txid = hashFromKey<Txid>(item.txid);
  const output: TxOutput = { value: item.value, scriptPubKey: script };
  const own = {
    outPoint: { txid, index: item.index },
    output,
    type: COIN_TYPES.get(outputTypeOf(script)) ?? ("unknown" as const),
    inputWeight,
    isSegwit: isWitnessDescriptor(descriptor),
  };
  if (item.block !== undefined) {
    return { ...own, depth: tipHeight - item.block.height + 1, isFromMe: false, isSafe: true };
  }
  const entry = mempool.get(txid);
  if (entry === undefined) return undefined;
  const paid = entry.tx.outputs.reduce((sum, { value }) => sum + value, entry.fee);
  // All that it spends was of these scripts: nobody else can take it back.
  const isFromMe = sent.get(item.txid) === paid;
  return {
    ...own,
    depth: 0,
    isFromMe,
    isSafe: isFromMe,
    ancestorCount: entry.ancestorCount,
    clusterCount: relativesOf(entry, "parents").size + relativesOf(entry, "children").size + 1,
    version: entry.tx.version,
    hasChildInMempool: entry.children.size > 0,
  };
}

function inputWeightOf(descriptor: Descriptor | undefined): number | undefined {
  return descriptor && maxInputWeight(descriptor, { useMaxSig: true, inWitnessTransaction: true });
}

/** By waiting transaction, what it spends from the scripts. */
function sentByWaiting(book: AddressBook, keys: readonly HashKey[]): Promise<ReadonlyMap<HashKey, bigint>> {
  return book.read(async (_view, _tip, waiting) => {
    const sums = new Map<HashKey, bigint>();
    for (const key of keys) {
      for (const { txid, sent } of waiting.touching(key)) sums.set(txid, (sums.get(txid) ?? 0n) + sent);
    }
    return sums;
  });
}

function nodeFees({ mempool, fees }: Pick<RunningWebNode, "mempool" | "fees">): NodeFees {
  const { minRelayFeerateSatPerKvb, incrementalFeerateSatPerKvb, standardness } = mempool.options;
  return {
    relayMinFeerateSatPerKvb: minRelayFeerateSatPerKvb,
    mempoolMinFeerateSatPerKvb: mempool.minFeerateSatPerKvb,
    incrementalFeerateSatPerKvb,
    dustFeerateSatPerKvb: standardness.dustFeerateSatPerKvb,
    estimateBlocksMax: 1008,
    estimate: (blocks, mode) => {
      const estimate = fees.estimator?.estimateSmart(blocks, mode);
      return { feerateSatPerKvb: estimate?.feerateSatPerKvb, reason: estimate?.reason ?? "None" };
    },
  };
}
