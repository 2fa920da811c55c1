import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, displayHash, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "./chain/chain.ts";
import type { KeptTransaction, Mempool } from "./mempool/mempool.ts";
import type { Logger } from "./ports.ts";
import { abandonLostPayments } from "./wallets/lost-payments.ts";
import type { NodeWallets } from "./wallets/node-wallets.ts";

/**
 * What a node of a network is to do at its next start, as the network has gone back to a snapshot while the node was down, or goes back
 * just now: a file in the node's own folder, written before anybody is asked, so that a crash in the middle of it leaves nobody behind.
 */

const ORDER_FILE = "revert.json";
const DONE_FILE = "revert-done.json";
/** The network may have gone on since without this node: what began longer ago and was not finished is void. */
const UNFINISHED_MS_MAX = 120_000;

/** A transaction as `getsnapshot` has it. */
export interface SnapshotTransaction {
  readonly hex: string;
  /** When it came, in seconds since 1970. */
  readonly time: number;
  /** Satoshis. */
  readonly feedelta: string;
}

export interface RevertOrder {
  readonly id: string;
  /** The block to go back to. */
  readonly hash: string;
  readonly transactions: readonly SnapshotTransaction[];
  readonly writtenMs: number;
  /** The others have gone back, and this node could not be reached. */
  readonly isFinal: boolean;
  /**
   * Where the node was not down but silent, it may have heard what was made since: only these blocks, and what builds upon them, are to
   * go, and the mempool stays.
   */
  readonly asideOnly?: readonly string[];
}

/** `networkDir`: the node's own folder of its chain. */
export function writeRevertOrder(networkDir: string, order: RevertOrder): void {
  const file = join(networkDir, ORDER_FILE);
  writeFileSync(`${file}.new`, JSON.stringify(order));
  renameSync(`${file}.new`, file);
}

export function removeRevertOrder(networkDir: string): void {
  rmSync(join(networkDir, ORDER_FILE), { force: true });
}

/** The order that is still to be carried out, if there is one; one that is void or was carried out is removed. */
export function readRevertOrder(networkDir: string, nowMs: number): RevertOrder | undefined {
  const order = readJson<RevertOrder>(join(networkDir, ORDER_FILE));
  if (order === undefined) return undefined;
  const isVoid = !order.isFinal && nowMs - order.writtenMs > UNFINISHED_MS_MAX;
  const isDone = readJson<RevertOrder>(join(networkDir, DONE_FILE))?.id === order.id;
  if (!isVoid && !isDone) return order;
  removeRevertOrder(networkDir);
  return undefined;
}

function readJson<Value>(path: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch {
    return undefined;
  }
}

/** What of the node is taken back. */
export interface RevertParts {
  readonly chain: Pick<Chain, "invalidateBlock" | "returnTo" | "tip">;
  readonly mempool: Pick<Mempool, "replaceAll">;
  /** Writes the mempool's file: a crash behind that loses no more of the snapshot. */
  readonly saveMempool: () => Promise<unknown>;
  readonly log: Logger;
}

/** What is left to do when wallets are loaded and the mempool of the last run is read. */
export type RestOfRevert = (wallets: Pick<NodeWallets, "manager"> | undefined) => Promise<void>;

/** Takes the chain back where there is an order, before anybody is told of it. */
export async function carryOutRevertOrder(networkDir: string, parts: RevertParts): Promise<RestOfRevert> {
  const order = readRevertOrder(networkDir, Date.now());
  if (order === undefined) return async () => {};
  const { chain, mempool, saveMempool, log } = parts;
  if (order.asideOnly !== undefined) {
    for (const text of order.asideOnly) await chain.invalidateBlock(hashOf(text));
  } else {
    const result = await chain.returnTo(hashOf(order.hash));
    // A block that is not known here comes from the others, which have gone back to it.
    if (!result.ok)
      log.warn("The network went back to a snapshot, and this node cannot", { reason: result.reject.reason });
  }
  log.info("Went back with the network, as it was ordered", {
    height: chain.tip.height,
    hash: displayHash(chain.tip.hash),
  });
  renameSync(join(networkDir, ORDER_FILE), join(networkDir, DONE_FILE));
  return async (wallets) => {
    if (order.asideOnly !== undefined) return;
    await mempool.replaceAll(order.transactions.map(keptTransaction));
    await saveMempool();
    // Loading them has brought what they wanted to pay back into the mempool, which has just been left as it was.
    if (wallets !== undefined) abandonLostPayments(wallets.manager);
  };
}

function hashOf(text: string): BlockHash {
  const hash = parseDisplayHash<BlockHash>(text);
  if (hash === undefined) throw new Error("the order to go back to a snapshot names no block");
  return hash;
}

function keptTransaction({ hex, time, feedelta }: SnapshotTransaction): KeptTransaction {
  return { tx: decodeTransaction(new Reader(fromHex(hex))), timeSeconds: time, feeDelta: BigInt(feedelta) };
}
