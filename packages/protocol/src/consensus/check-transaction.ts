import { isCoinbase, isNullOutPoint, type Transaction, WITNESS_SCALE_FACTOR } from "../primitives/transaction.ts";
import { type OutPointKey, outPointKey, type Sats } from "../primitives/types.ts";
import { formatMoney, isMoney, MAX_MONEY, totalValue } from "./amount.ts";
import type { Coin } from "./chain-view.ts";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { type TransactionReject, transactionReject } from "./verdict.ts";

/** Bytes of a coinbase's scriptSig: at least two, since BIP34 needs no more and less invites equal txids; at most a hundred. */
const COINBASE_SCRIPT_SIZE_MIN = 2;
const COINBASE_SCRIPT_SIZE_MAX = 100;

/** Blocks that must be built on a coinbase before its outputs can be spent: a reorg would take the coins away. */
export const COINBASE_MATURITY = 100;

/** All that can be said of a transaction without knowing anything else. */
export function checkTransaction(tx: Transaction): TransactionReject | undefined {
  if (tx.inputs.length === 0) return transactionReject("consensus", "bad-txns-vin-empty");
  if (tx.outputs.length === 0) return transactionReject("consensus", "bad-txns-vout-empty");
  // Witnesses do not count here: nothing vouches for them yet, others may have changed them.
  if (tx.strippedSize * WITNESS_SCALE_FACTOR > MAX_BLOCK_WEIGHT) {
    return transactionReject("consensus", "bad-txns-oversize");
  }
  return checkOutputValues(tx) ?? checkDuplicateInputs(tx) ?? checkCoinbaseForm(tx);
}

/** CVE-2010-5139: values whose sum wrapped around a 64-bit number made 184 billion bitcoins. */
function checkOutputValues(tx: Transaction): TransactionReject | undefined {
  let total = 0n;
  for (const { value } of tx.outputs) {
    if (value < 0n) return transactionReject("consensus", "bad-txns-vout-negative");
    if (value > MAX_MONEY) return transactionReject("consensus", "bad-txns-vout-toolarge");
    total += value;
    if (!isMoney(total)) return transactionReject("consensus", "bad-txns-txouttotal-toolarge");
  }
  return undefined;
}

/** CVE-2018-17144: two inputs that spend one outpoint must fail here. The coin lookup finds the coin both times. */
function checkDuplicateInputs(tx: Transaction): TransactionReject | undefined {
  if (tx.inputs.length === 1) return undefined;
  const spent = new Set<OutPointKey>();
  for (const input of tx.inputs) spent.add(outPointKey(input.previousOutput));
  return spent.size < tx.inputs.length ? transactionReject("consensus", "bad-txns-inputs-duplicate") : undefined;
}

function checkCoinbaseForm(tx: Transaction): TransactionReject | undefined {
  if (isCoinbase(tx)) {
    const size = tx.inputs[0]!.scriptSig.length;
    if (size < COINBASE_SCRIPT_SIZE_MIN || size > COINBASE_SCRIPT_SIZE_MAX) {
      return transactionReject("consensus", "bad-cb-length");
    }
  } else if (tx.inputs.some((input) => isNullOutPoint(input.previousOutput))) {
    return transactionReject("consensus", "bad-txns-prevout-null");
  }
  return undefined;
}

/** What the coins of a transaction allow it. */
export interface TransactionInputs {
  /** The coins spent, in input order. */
  readonly coins: readonly Coin[];
  /** Value of the inputs less that of the outputs. */
  readonly fee: Sats;
}

/**
 * Whether a transaction that passed {@link checkTransaction} and is no coinbase may spend its inputs in a block of
 * `height`: coins that exist, coinbases that are mature, values in range and no less than the outputs'.
 * `coins` are in input order, `undefined` for one that does not exist or is spent.
 */
export function checkTransactionInputs(
  tx: Transaction,
  coins: readonly (Coin | undefined)[],
  height: number,
): TransactionInputs | TransactionReject {
  if (!allPresent(coins)) {
    const detail = "CheckTxInputs: inputs missing/spent";
    return transactionReject("missing-inputs", "bad-txns-inputs-missingorspent", detail);
  }
  let valueIn = 0n;
  for (const coin of coins) {
    const depth = height - coin.height;
    if (coin.isCoinbase && depth < COINBASE_MATURITY) {
      const detail = `tried to spend coinbase at depth ${depth}`;
      return transactionReject("premature-spend", "bad-txns-premature-spend-of-coinbase", detail);
    }
    valueIn += coin.output.value;
    if (!isMoney(coin.output.value) || !isMoney(valueIn)) {
      return transactionReject("consensus", "bad-txns-inputvalues-outofrange");
    }
  }
  const valueOut = totalValue(tx.outputs);
  if (valueIn < valueOut) {
    const detail = `value in (${formatMoney(valueIn)}) < value out (${formatMoney(valueOut)})`;
    return transactionReject("consensus", "bad-txns-in-belowout", detail);
  }
  // The fee is in range, since valueIn is.
  return { coins, fee: valueIn - valueOut };
}

function allPresent(coins: readonly (Coin | undefined)[]): coins is readonly Coin[] {
  return coins.every((coin) => coin !== undefined);
}
