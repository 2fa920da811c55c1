import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { blockDisconnected, type PositionedTransaction } from "@bitfleet/wallet/ledger/chain-rules.ts";
import { EMPTY_CHANGE_SET } from "@bitfleet/wallet/ledger/change-set.ts";
import { mempoolForgotten } from "@bitfleet/wallet/ledger/mempool-rules.ts";
import {
  type BlockReference,
  transactionOf,
  type WalletTransaction,
} from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import type { BlockIndexEntry } from "../chain/block-index.ts";
import type { Chain } from "../chain/chain.ts";
import type { Clock } from "../ports.ts";
import type { NodeWallet } from "./node-wallet.ts";
import { type FilterLookup, type ScanProgress, type ScanResult, scanBlocks } from "./scan-blocks.ts";
import { WalletFault } from "./wallet-fault.ts";

export interface WalletScanDependencies {
  readonly chain: Pick<
    Chain,
    | "tip"
    | "next"
    | "find"
    | "fork"
    | "blockAt"
    | "isInActiveChain"
    | "readBlock"
    | "verificationProgress"
    | "lastPruned"
  >;
  readonly filterIndex: FilterLookup | undefined;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Seconds by which a block's time may be wrong, either way: payments are looked for in blocks so much older than the keys. */
export const TIMESTAMP_WINDOW_SECONDS = 7200;

/** Looks through the blocks from `from` on for a wallet's transactions: see {@link scanBlocks}. */
export function scanForWallet(
  wallet: NodeWallet,
  range: { readonly from: BlockIndexEntry; readonly toHeight?: number | undefined },
  progress: ScanProgress,
  deps: WalletScanDependencies,
): Promise<ScanResult> {
  const target = {
    get scriptCount() {
      return wallet.keychain.scriptCount;
    },
    scripts: (from: number) => wallet.keychain.scripts(from),
    takeBlock: wallet.takeOldBlock.bind(wallet),
  };
  return scanBlocks(range, target, progress, { ...deps, log: wallet.log });
}

/** The first block of the active chain, at or above `height`, that is not older than `timeSeconds`. */
export function firstBlockSince(
  timeSeconds: number,
  height: number,
  chain: Pick<Chain, "tip" | "blockAt">,
): BlockIndexEntry | undefined {
  // The latest time up to a block grows with the height, so the search may halve.
  let [low, high] = [height, chain.tip.height + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (chain.blockAt(middle)!.timeMax >= timeSeconds) high = middle;
    else low = middle + 1;
  }
  return chain.blockAt(low);
}

/**
 * Brings a wallet that was just opened to the chain's tip: what is in blocks that the chain has left is unconfirmed again, later blocks
 * are looked through. When it resolves, the wallet has seen the tip, in the same breath. Rejects with `WalletFault`.
 */
export async function catchUpWithChain(
  wallet: NodeWallet,
  progress: ScanProgress,
  deps: WalletScanDependencies,
): Promise<void> {
  const { chain } = deps;
  for (;;) {
    const { tip } = chain;
    const fork = wallet.ledger.bestBlock() === undefined ? tip : leaveStaleBlocks(wallet, chain);
    const from = firstToScan(wallet, fork, chain);
    if (from !== undefined) await scanFrom(wallet, from, progress, deps);
    // Blocks may have come, or gone, while these were read.
    if (chain.tip === tip) {
      wallet.apply({ ...EMPTY_CHANGE_SET, bestBlock: { hash: tip.hash, height: tip.height } });
      return;
    }
    const seen = chain.isInActiveChain(tip) ? tip : chain.fork(tip);
    wallet.apply({ ...EMPTY_CHANGE_SET, bestBlock: { hash: seen.hash, height: seen.height } });
  }
}

async function scanFrom(
  wallet: NodeWallet,
  from: BlockIndexEntry,
  progress: ScanProgress,
  deps: WalletScanDependencies,
): Promise<void> {
  const { chain } = deps;
  requireBlocks(from, chain);
  const count = chain.tip.height - from.height + 1;
  wallet.log.info(`Rescanning last ${count} blocks (from block ${from.height - 1})...`);
  const { status } = await scanForWallet(wallet, { from, toHeight: chain.tip.height }, progress, deps);
  if (status === "aborted" || (status === "failed" && chain.isInActiveChain(from))) {
    throw new WalletFault("failed", "Failed to rescan the wallet during initialization");
  }
}

/** `undefined` where no later block can hold anything of the wallet. */
function firstToScan(wallet: NodeWallet, fork: BlockIndexEntry, chain: WalletScanDependencies["chain"]) {
  if (fork === chain.tip) return undefined;
  const since = wallet.birthTime - TIMESTAMP_WINDOW_SECONDS;
  return firstBlockSince(since, fork.height + 1, chain);
}

function requireBlocks(from: BlockIndexEntry, chain: WalletScanDependencies["chain"]): void {
  const pruned = chain.lastPruned();
  if (pruned === undefined || pruned.height < from.height) return;
  throw new WalletFault(
    "failed",
    "Prune: last wallet synchronisation goes beyond pruned data. You need to -reindex (download the whole blockchain again in case of a pruned node)",
  );
}

/**
 * Makes everything unconfirmed that the wallet has seen in blocks which are not in the chain (any more, or of this node), the highest
 * block first. Answers the last block that the wallet has seen and the chain has.
 */
function leaveStaleBlocks(wallet: NodeWallet, chain: WalletScanDependencies["chain"]): BlockIndexEntry {
  wallet.apply(mempoolForgotten(wallet.ledger));
  const fork = lastCommonBlock(wallet, chain);
  for (const { block, transactions } of confirmedAbove(wallet, fork.height)) {
    const facts = { ...block, time: 0, maxTime: 0, previousHash: fork.hash };
    wallet.apply(blockDisconnected(wallet.ledger, facts, transactions, wallet.ruleContext()));
  }
  // What a block excluded whose own transactions are not the wallet's.
  const transactions = [...wallet.ledger.transactionsSince(fork.height + 1)]
    .filter(({ state }) => state.kind === "conflicted")
    .map((record): WalletTransaction => ({ ...record, state: { kind: "inactive", isAbandoned: false } }));
  const bestBlock = { hash: fork.hash, height: fork.height };
  wallet.apply({ ...EMPTY_CHANGE_SET, transactions, bestBlock });
  return fork;
}

function lastCommonBlock(wallet: NodeWallet, chain: WalletScanDependencies["chain"]): BlockIndexEntry {
  const best = wallet.bestBlock;
  const known = chain.find(best.hash);
  if (known !== undefined) return chain.fork(known);
  // A block that this node never had, or has lost: as far down as the wallet's own transactions say the same as the chain.
  const shared = confirmedAbove(wallet, -1).find(({ block: { hash, height } }) => {
    const here = chain.blockAt(height);
    return here !== undefined && equalBytes(here.hash, hash);
  });
  return chain.blockAt(shared?.block.height ?? 0)!;
}

interface ConfirmedIn {
  readonly block: BlockReference;
  readonly transactions: PositionedTransaction[];
}

/** The wallet's transactions in blocks above a height, by block, the highest first. */
function confirmedAbove(wallet: NodeWallet, height: number): readonly ConfirmedIn[] {
  const byBlock = new Map<string, ConfirmedIn>();
  for (const record of wallet.ledger.transactionsSince(height + 1)) {
    if (record.state.kind !== "confirmed") continue;
    const { block, indexInBlock } = record.state;
    const key = displayHash(block.hash);
    const found = byBlock.get(key) ?? { block, transactions: [] };
    found.transactions.push({ transaction: transactionOf(record), indexInBlock });
    byBlock.set(key, found);
  }
  return [...byBlock.values()].sort((a, b) => b.block.height - a.block.height);
}
