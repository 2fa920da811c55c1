import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { displayHash, hashKey, type OutPointKey, outPointKey, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { historyOf } from "@bitfleet/wallet/ledger/history.ts";
import { abandonTransaction } from "@bitfleet/wallet/ledger/own-rules.ts";
import { isChangeScript, netAmountsOf } from "@bitfleet/wallet/ledger/transaction-amounts.ts";
import { transactionOf, type WalletTransaction } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { type BlockIndexEntry, commonAncestor } from "../../../chain/block-index.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { blockOfHash, parseHashParam } from "../../chain-json.ts";
import { hexOf } from "../../hex.ts";
import { transactionJson } from "../../transaction-json.ts";
import { decodeTransactionText } from "../decode-transaction.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { labelParam, lastProcessedBlock, requestedWallet } from "./requested-wallet.ts";
import {
  type EntryContext,
  type EntryJson,
  type EntryOptions,
  entryCount,
  transactionEntries,
  transactionFacts,
} from "./transaction-entries.ts";

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

/** Transactions of blocks that left the chain are listed whatever became of them. */
const DEPTH_ANY = Number.NEGATIVE_INFINITY;

/** Calls about the transactions of a wallet. */
export function walletTransactionHandlers(deps: RpcDependencies) {
  const { chain, mempool, deprecated, secp256k1 } = deps;
  const scripts = { prefixes: chain.network.addressPrefixes, secp256k1 };
  const contextOf = (wallet: NodeWallet): EntryContext => ({ wallet, scripts, mempool, deprecated });

  return {
    listtransactions: ({ label: text, count, skip }, context) => {
      const wallet = requestedWallet(context, deps);
      const label = text === undefined || text === "*" ? undefined : labelParam(text);
      if (label === "") throw invalid('Label argument must be a valid label name or "*".');
      if (count < 0) throw invalid("Negative count");
      if (skip < 0) throw invalid("Negative from");
      return newestEntries(contextOf(wallet), { label, isLong: true }, skip, count).reverse();
    },

    listsinceblock: async (params, context) => {
      const wallet = requestedWallet(context, deps);
      const tip = chain.find(wallet.bestBlock.hash)!;
      const since = params.blockhash ? blockOfHash(chain, params.blockhash, "blockhash") : undefined;
      const fork = since && commonAncestor(since, tip);
      const targetDepth = params.target_confirmations;
      if (targetDepth < 1) throw invalid("Invalid parameter");
      const label = params.label === undefined ? undefined : labelParam(params.label);
      const options = { label, includesChange: params.include_change, isLong: true };
      const transactions = transactionsAfter(wallet, fork).flatMap((record) =>
        transactionEntries(record, options, contextOf(wallet)),
      );
      const last = tip.ancestor(Math.max(0, tip.height + 1 - targetDepth))!;
      const removed = params.include_removed ? await removedEntries(wallet, since, fork, options) : undefined;
      return { transactions, removed, lastblock: displayHash(last.hash) };
    },

    gettransaction: ({ txid, verbose }, context) => {
      const wallet = requestedWallet(context, deps);
      const record = requireTransaction(wallet, txid);
      const { amount, fee } = netAmountsOf(wallet.ledger, record, wallet.bestBlock.height);
      const entryContext = contextOf(wallet);
      const isChange = (script: Uint8Array) =>
        wallet.keychain.ownerOf(script) !== undefined && isChangeScript(wallet.ledger, script);
      return {
        amount: amountNumber(amount),
        fee: fee === undefined ? undefined : amountNumber(fee),
        ...transactionFacts(record, entryContext),
        details: [...transactionEntries(record, { isLong: false }, entryContext)],
        hex: hexOf(record.bytes),
        decoded: verbose ? transactionJson(transactionOf(record), scripts, { isChange }) : undefined,
        lastprocessedblock: lastProcessedBlock(wallet),
      };
    },

    abandontransaction: ({ txid }, context) => {
      const wallet = requestedWallet(context, deps);
      const record = requireTransaction(wallet, txid);
      const changes = abandonTransaction(wallet.ledger, record.txid);
      if ("error" in changes) throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, changes.error);
      wallet.apply(changes);
      return null;
    },

    simulaterawtransaction: async ({ rawtxs }, context) => {
      const wallet = requestedWallet(context, deps);
      if (rawtxs === undefined) {
        throw new RpcError(RpcErrorCode.TYPE_ERROR, "JSON value of type null is not of expected type array");
      }
      return { balance_change: amountNumber(await balanceChange(wallet, rawtxs)) };
    },
  } satisfies Partial<RpcHandlers>;

  /** Entries of the wallet's transactions in blocks from `since` back to the block where its branch left the chain. */
  async function removedEntries(
    wallet: NodeWallet,
    since: BlockIndexEntry | undefined,
    fork: BlockIndexEntry | undefined,
    options: EntryOptions,
  ): Promise<EntryJson[]> {
    const removed: EntryJson[] = [];
    for (let entry = since; entry !== undefined && entry.height > fork!.height; entry = entry.previous) {
      const block = await chain.readBlock(entry).catch(() => undefined);
      if (block === undefined) throw new RpcError(RpcErrorCode.INTERNAL_ERROR, "Can't read block from disk");
      for (const { txid } of block.transactions) {
        const record = wallet.ledger.transaction(txid);
        if (record === undefined) continue;
        removed.push(...transactionEntries(record, { ...options, minDepth: DEPTH_ANY }, contextOf(wallet)));
      }
    }
    return removed;
  }

  /** Sats that the wallet would gain by transactions that are confirmed one after the other. */
  async function balanceChange(wallet: NodeWallet, rawtxs: readonly string[]): Promise<bigint> {
    const created = new Map<OutPointKey, bigint>();
    const spent = new Set<OutPointKey>();
    let change = 0n;
    for (const text of rawtxs) {
      const tx = decodeTransactionText(text, "either");
      if (tx === undefined) {
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "Transaction hex string decoding failure.");
      }
      const inChain = await chain.coins.fetch(tx.inputs.map((input) => input.previousOutput));
      for (const { previousOutput } of tx.inputs) {
        const key = outPointKey(previousOutput);
        if (spent.has(key)) throw invalid("Transaction(s) are spending the same output more than once");
        const own = created.get(key);
        if (own !== undefined) {
          change -= own;
          created.delete(key);
        } else {
          const { txid, index } = previousOutput;
          const isThere = mempool.get(txid)?.tx.outputs[index] !== undefined || inChain(key) !== undefined;
          if (!isThere) throw invalid("One or more transaction inputs are missing or have been spent already");
          change -= wallet.ledger.coin(previousOutput)?.value ?? 0n;
        }
        spent.add(key);
      }
      for (const [index, { value, scriptPubKey }] of tx.outputs.entries()) {
        const gained = wallet.keychain.ownerOf(scriptPubKey) === undefined ? 0n : value;
        created.set(outPointKey({ txid: tx.txid, index }), gained);
        change += gained;
      }
    }
    return change;
  }
}

/** Newest first, of which the first `skip` are left out. */
function newestEntries(context: EntryContext, options: EntryOptions, skip: number, count: number): EntryJson[] {
  const entries: EntryJson[] = [];
  let passed = 0;
  for (const record of historyOf(context.wallet.ledger)) {
    const own = entryCount(record, options, context.wallet);
    if (passed + own > skip) {
      entries.push(...transactionEntries(record, options, context).slice(Math.max(0, skip - passed)));
    }
    passed += own;
    if (passed >= skip + count) break;
  }
  return entries.slice(0, count);
}

function requireTransaction({ ledger }: NodeWallet, text: string): WalletTransaction {
  const record = ledger.transaction(parseHashParam<Txid>(text, "txid"));
  if (record !== undefined) return record;
  throw new RpcError(RpcErrorCode.INVALID_ADDRESS_OR_KEY, "Invalid or non-wallet transaction id");
}

/** Transactions in no block or in one above `fork`, or excluded by one above it, in the wallet's order; all without `fork`. */
function transactionsAfter({ ledger }: NodeWallet, fork: BlockIndexEntry | undefined): readonly WalletTransaction[] {
  if (fork === undefined) return [...historyOf(ledger)].reverse();
  const found = new Map([...ledger.transactionsSince(fork.height + 1)].map((each) => [hashKey(each.txid), each]));
  for (const record of ledger.unconfirmedTransactions()) {
    if (record.state.kind !== "conflicted") found.set(hashKey(record.txid), record);
  }
  return [...found.values()].sort((a, b) => a.orderPosition - b.orderPosition);
}
