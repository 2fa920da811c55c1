import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { decodeBlock } from "@bitfleet/protocol/primitives/block.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { call, callPlain, mine, type NetworkNode, tipOf } from "./operations.ts";
import { RpcError } from "./rpc-client.ts";

/** Payments of so many undone blocks are handed in again, the newest first: older ones have mostly been spent from. */
const BLOCKS_KEPT_MAX = 500;
const PAYMENTS_KEPT_MAX = 20_000;
/** No limits: what was in a block once is no slip of the hand. */
const ANY_FEERATE = 0;
const ANY_BURN_BTC = 21_000_000;

/**
 * Replaces the last `depth` blocks by `depth + 1` others that `node` mines; the rest of the network follows the work. Payments of the
 * old blocks that the new ones have not, and can have, wait for the next one, as behind any reorganisation. The hashes, oldest first.
 * Rejects with `RangeError` where the chain is shorter.
 */
export async function reorganize(node: NetworkNode, depth: number, address: string): Promise<readonly string[]> {
  const { height } = await tipOf(node);
  if (height === 0) throw new RangeError(`${node.name} has no block to replace; mine some first.`);
  if (!Number.isSafeInteger(depth) || depth < 1 || depth > height)
    throw new RangeError(`A depth from 1 to ${height} is expected, not ${depth}.`);
  const baseHeight = height - depth;
  // What a partition or an earlier reorganisation left may be next in work, and is fetched where its blocks are not here: the new blocks are
  // to be on this chain, not on that.
  const left = [...(await branchesBeside(node, baseHeight)), String(await call(node, "getblockhash", baseHeight + 1))];
  const payments = [...(await paymentsAbove(node, baseHeight, height)), ...(await waitingPayments(node))];
  try {
    for (const hash of left) await call(node, "invalidateblock", hash);
    return await mine(node, depth + 1, address);
  } finally {
    // Should others have mined on the old chain meanwhile, all nodes are to follow the work still, this one too.
    for (const hash of left) await call(node, "reconsiderblock", hash);
    await handIn(node, payments);
  }
}

/** What blocks above a height pay, oldest first. */
async function paymentsAbove(node: NetworkNode, baseHeight: number, tipHeight: number): Promise<Transaction[]> {
  const payments: Transaction[] = [];
  const lowest = Math.max(baseHeight + 1, tipHeight - BLOCKS_KEPT_MAX + 1);
  for (let height = tipHeight; height >= lowest; height--) {
    const hash = String(await call(node, "getblockhash", height));
    const block = decodeBlock(fromHex(String(await call(node, "getblock", hash, 0))));
    payments.unshift(...block.transactions.slice(1));
    if (payments.length > PAYMENTS_KEPT_MAX) break;
  }
  return payments;
}

/** What waits for a block, parents before their children. */
async function waitingPayments(node: NetworkNode): Promise<Transaction[]> {
  const { transactions } = (await callPlain(node, "getsnapshot", [])) as {
    readonly transactions: readonly { readonly hex: string }[];
  };
  return transactions.map(({ hex }) => decodeTransaction(new Reader(fromHex(hex))));
}

/**
 * On its way the node stood on a lower tip, as in no other reorganisation. What is locked to the height of its making, against fee sniping, or spends
 * a coinbase that is just mature was dropped there, and nobody would send it again for hours.
 */
async function handIn(node: NetworkNode, payments: readonly Transaction[]): Promise<void> {
  const waiting = new Set((await callPlain(node, "getrawmempool", [])) as readonly string[]);
  for (const { txid, bytes } of payments) {
    if (waiting.has(displayHash(txid))) continue;
    // Refused is, as it should be, what the new blocks have, and what has lost its coins to them.
    await call(node, "sendrawtransaction", toHex(bytes), ANY_FEERATE, ANY_BURN_BTC).catch(unlessRefused);
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof RpcError)) throw error;
}

/** The first block of each branch beside the chain that leaves it at `baseHeight` or below and is higher than that. */
async function branchesBeside(node: NetworkNode, baseHeight: number): Promise<readonly string[]> {
  const tips = (await callPlain(node, "getchaintips", [])) as readonly TipFacts[];
  const higher = tips.filter(
    ({ height, branchlen, status }) =>
      branchlen > 0 && status !== "invalid" && height > baseHeight && height - branchlen <= baseHeight,
  );
  const firsts = new Set<string>();
  for (const { hash, branchlen } of higher) firsts.add(await ancestorOf(node, hash, branchlen - 1));
  return [...firsts];
}

async function ancestorOf(node: NetworkNode, hash: string, distance: number): Promise<string> {
  let at = hash;
  for (let step = 0; step < distance; step++) {
    const header = (await callPlain(node, "getblockheader", [at])) as { readonly previousblockhash: string };
    at = header.previousblockhash;
  }
  return at;
}

interface TipFacts {
  readonly height: number;
  readonly hash: string;
  readonly branchlen: number;
  readonly status: string;
}
