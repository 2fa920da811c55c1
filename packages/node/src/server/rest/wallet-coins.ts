import { ApiError } from "@bitfleet/api/errors.ts";
import type { WalletUtxo } from "@bitfleet/api/rest/wallet-payments.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type AvailableCoin, availableCoins } from "@bitfleet/wallet/ledger/available-coins.ts";
import { isUsedAddress } from "@bitfleet/wallet/ledger/trust.ts";
import { labelOf } from "../rpc/wallet/wallet-json.ts";
import { addressOf } from "../transaction-json.ts";
import { optionsOf, type WalletCalls } from "./wallet-calls.ts";

/** The coins of a wallet, by themselves: which there are, and which of them are not to be spent. */

/** As REST names a coin. */
export interface CoinName {
  readonly txid: string;
  readonly vout: number;
}

/** The coins that nobody spends, the newest first; without those that are locked unless they are asked for. */
export function coinsOf({ wallet }: WalletCalls, { withLocked }: { readonly withLocked: boolean }): AvailableCoin[] {
  const query = { includesUnsafe: true, includesLocked: withLocked };
  return availableCoins(wallet.ledger, wallet.queryContext(), query).sort((a, b) => a.depth - b.depth);
}

export function coinOf(calls: WalletCalls, { coin, depth, isSafe }: AvailableCoin): WalletUtxo {
  const { wallet, node } = calls;
  const { outPoint, script, value } = coin;
  const context = { prefixes: node.chain.network.addressPrefixes, secp256k1: node.secp256k1 };
  const address = addressOf(script, context);
  return {
    txid: displayHash(outPoint.txid),
    vout: outPoint.index,
    address: address ?? null,
    label: address === undefined ? null : (labelOf(wallet, script) ?? null),
    value: Number(value),
    confirmations: depth,
    script: toHex(script),
    is_safe: isSafe,
    is_locked: wallet.ledger.isLocked(outPoint),
    is_used: isUsedAddress(wallet.ledger, script),
  };
}

/**
 * Locks a coin, also over restarts, or unlocks it: the wallet itself then chooses it for no payment. Throws `ApiError` where the wallet
 * has no such coin. What is so already stays so.
 */
export async function setAside(calls: WalletCalls, { txid, vout }: CoinName, isLocked: boolean): Promise<WalletUtxo> {
  const found = coinNamed(calls, { txid, vout });
  if (calls.wallet.ledger.isLocked(found.coin.outPoint) !== isLocked) {
    const transactions = [optionsOf({ txid, vout })];
    await calls.call("lockunspent", { unlock: !isLocked, transactions, persistent: true });
  }
  return coinOf(calls, found);
}

function coinNamed(calls: WalletCalls, { txid, vout }: CoinName): AvailableCoin {
  const id = displayHash(parseDisplayHash<Txid>(txid)!);
  const found = coinsOf(calls, { withLocked: true }).find(
    ({ coin: { outPoint } }) => outPoint.index === vout && displayHash(outPoint.txid) === id,
  );
  if (found === undefined) throw new ApiError(404, `The wallet has no coin ${id}:${vout} to spend.`);
  return found;
}
