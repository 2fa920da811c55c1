import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { totalValue } from "@bitfleet/protocol/consensus/amount.ts";
import { dustThreshold } from "@bitfleet/protocol/policy/dust.ts";
import { feeFor, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { TRUC_CHILD_VIRTUAL_SIZE_MAX, TRUC_VERSION, TRUC_VIRTUAL_SIZE_MAX } from "@bitfleet/protocol/policy/truc.ts";
import {
  type OutPoint,
  type TransactionFields,
  type TxOutput,
  WITNESS_SCALE_FACTOR,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Coin } from "../selection/coin.ts";
import { coinsFor } from "../selection/coin-filter.ts";
import { FEE_EXCEEDS_MAXIMUM } from "./assemble-transaction.ts";
import { isError } from "./build-request.ts";
import { VERSION_DEFAULT } from "./build-transaction.ts";
import { FALLBACK_DISABLED, type FeeRequest, type Feerate, feerateFor } from "./fee-policy.ts";
import { discourageFeeSniping, SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from "./fee-sniping.ts";
import { versionMismatch } from "./preselected-coins.ts";
import type { SpendingWallet } from "./spending-wallet.ts";
import { maxSignedSize, type TransactionSize } from "./transaction-size.ts";

/** Where the money goes: a fixed amount, or without one a share of all that is left. */
export interface SendAllOutput {
  readonly scriptPubKey: Uint8Array;
  readonly amount?: Sats | undefined;
  /** As messages name it: its address. */
  readonly name: string;
}

export interface SendAllInput {
  readonly outPoint: OutPoint;
  readonly sequence: number;
}

/** What `sendall` is asked for. */
export interface SendAllRequest extends FeeRequest {
  readonly outputs: readonly SendAllOutput[];
  /** Exactly these; all coins of the wallet where absent. */
  readonly inputs?: readonly SendAllInput[] | undefined;
  /** Leaves out coins that cost more than they bring. */
  readonly sendsMost?: boolean | undefined;
  /** Confirmations. */
  readonly depthMin?: number | undefined;
  readonly depthMax?: number | undefined;
  readonly version?: number | undefined;
  /** As it is; where absent, one against fee sniping. */
  readonly lockTime?: number | undefined;
}

/** What kind of error a message is, so that callers find its code. */
export type SendAllErrorKind = "invalid-parameter" | "wallet" | "insufficient-funds";

export interface SendAllError {
  readonly error: string;
  readonly kind: SendAllErrorKind;
}

export interface SendAllTransaction {
  readonly fields: TransactionFields;
  readonly fee: Sats;
  readonly feerate: Feerate;
  readonly coins: readonly Coin[];
  readonly size: TransactionSize;
}

interface Spending {
  readonly coins: readonly Coin[];
  readonly sequences: readonly number[];
}

/**
 * Spends all of the wallet, or exactly the named inputs, without change: fixed amounts as given, the rest in equal shares, what does not
 * divide to the first of them.
 */
export function buildSendAll(request: SendAllRequest, wallet: SpendingWallet): SendAllTransaction | SendAllError {
  if (request.outputs.every(({ amount }) => amount !== undefined))
    return fail("invalid-parameter", "Must provide at least one address without a specified amount");
  const feerate = feerateFor(request, wallet.settings, wallet.node);
  if (isError(feerate))
    return fail(feerate.error === FALLBACK_DISABLED ? "wallet" : "invalid-parameter", feerate.error);
  const spending = request.inputs ? namedCoins(request.inputs, request, wallet) : allCoins(request, feerate, wallet);
  if (isError(spending)) return spending;
  const paid = paidOutputs(request, spending.coins, feerate, wallet);
  if (isError(paid)) return paid;

  const inputs = spending.coins.map((coin, index) => ({
    previousOutput: coin.outPoint,
    scriptSig: EMPTY_BYTES,
    sequence: spending.sequences[index]!,
    witness: [],
  }));
  const version = request.version ?? VERSION_DEFAULT;
  const fields = { version, inputs, outputs: paid.outputs, lockTime: request.lockTime ?? 0 };
  const fee = valueOfCoins(spending.coins) - totalValue(paid.outputs);
  const finished = request.lockTime === undefined ? discourageFeeSniping(fields, wallet.tip, wallet.random) : fields;
  return { fields: finished, fee, feerate, coins: spending.coins, size: paid.size };
}

function fail(kind: SendAllErrorKind, error: string): SendAllError {
  return { error, kind };
}

const valueOfCoins = (coins: readonly Coin[]): Sats => totalValue(coins.map(({ output }) => output));

function namedCoins(
  inputs: readonly SendAllInput[],
  request: SendAllRequest,
  wallet: SpendingWallet,
): Spending | SendAllError {
  const coins: Coin[] = [];
  for (const { outPoint } of inputs) {
    const name = `${displayHash(outPoint.txid)}:${outPoint.index}`;
    if (wallet.isSpent(outPoint))
      return fail("invalid-parameter", `Input not available. UTXO (${name}) was already spent.`);
    const coin = wallet.coin(outPoint);
    if (coin === undefined) return fail("invalid-parameter", `Input not found. UTXO (${name}) is not part of wallet.`);
    const mismatch = coin.depth === 0 ? versionMismatch(coin, request.version ?? VERSION_DEFAULT) : undefined;
    if (mismatch !== undefined) return fail("invalid-parameter", mismatch);
    coins.push(coin);
  }
  return { coins, sequences: inputs.map(({ sequence }) => sequence) };
}

function allCoins(request: SendAllRequest, { feerateSatPerKvb }: Feerate, wallet: SpendingWallet): Spending {
  const { depthMin, depthMax, version = VERSION_DEFAULT } = request;
  const all = coinsFor(wallet.spendableCoins(), { depthMin, depthMax, valueMin: 0n }, version);
  const bringsMore = (coin: Coin) =>
    coin.inputWeight === undefined || feeFor(feerateSatPerKvb, virtualSizeOf(coin.inputWeight)) <= coin.output.value;
  const coins = request.sendsMost ? all.filter(bringsMore) : all;
  const isReplaceable = request.replaceable ?? wallet.settings.signalsReplacement;
  return { coins, sequences: coins.map(() => (isReplaceable ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL)) };
}

function paidOutputs(
  request: SendAllRequest,
  coins: readonly Coin[],
  { feerateSatPerKvb }: Feerate,
  wallet: SpendingWallet,
): { readonly outputs: readonly TxOutput[]; readonly size: TransactionSize } | SendAllError {
  const given = request.outputs.map(({ scriptPubKey, amount }) => ({ scriptPubKey, value: amount ?? 0n }));
  const size = maxSignedSize(coins, given);
  if (size === undefined)
    return fail(
      "wallet",
      "Unable to determine the size of the transaction, the wallet contains unsolvable descriptors",
    );
  const fee = feeFor(feerateSatPerKvb, size.virtualSize);
  const outPoints = coins.map(({ outPoint }) => outPoint);
  const bumpFee = wallet.combinedBumpFee(outPoints, feerateSatPerKvb) ?? 0n;
  const total = valueOfCoins(coins);
  if (fee > wallet.settings.feeMax) return fail("wallet", FEE_EXCEEDS_MAXIMUM);
  if (total - fee - bumpFee <= 0n) return fail("insufficient-funds", poolTooSmall(request.sendsMost ?? false));
  if (size.weight > weightMaxOf(request, coins)) return fail("wallet", "Transaction too large.");
  const claimed = totalValue(given);
  if (claimed > total) return fail("insufficient-funds", "Assigned more value to outputs than available funds.");
  const rest = total - fee - bumpFee - claimed;
  if (rest < 0n) return fail("insufficient-funds", "Insufficient funds for fees after creating specified outputs.");
  const outputs = sharedOutputs(request.outputs, rest, wallet.node.dustFeerateSatPerKvb);
  return isError(outputs) ? outputs : { outputs, size };
}

function poolTooSmall(sendsMost: boolean): string {
  return sendsMost
    ? "Total value of UTXO pool too low to pay for transaction, try using lower feerate."
    : "Total value of UTXO pool too low to pay for transaction. Try using lower feerate or excluding uneconomic UTXOs with 'send_max' option.";
}

/** BIP431 makes a transaction of version 3 small, and smaller where the wallet chose an unconfirmed parent for it. */
function weightMaxOf({ version, inputs }: SendAllRequest, coins: readonly Coin[]): number {
  if (version !== TRUC_VERSION) return STANDARD_WEIGHT_MAX;
  const isChild = inputs === undefined && coins.some(({ depth }) => depth === 0);
  return (isChild ? TRUC_CHILD_VIRTUAL_SIZE_MAX : TRUC_VIRTUAL_SIZE_MAX) * WITNESS_SCALE_FACTOR;
}

function sharedOutputs(
  outputs: readonly SendAllOutput[],
  rest: Sats,
  dustFeerateSatPerKvb: Sats,
): readonly TxOutput[] | SendAllError {
  const shares = BigInt(outputs.filter(({ amount }) => amount === undefined).length);
  let remainder = rest % shares;
  const result: TxOutput[] = [];
  for (const { scriptPubKey, amount, name } of outputs) {
    const output = { scriptPubKey, value: amount ?? rest / shares + remainder };
    if (amount === undefined) remainder = 0n;
    if (output.value < dustThreshold(output, dustFeerateSatPerKvb))
      return amount === undefined
        ? fail("insufficient-funds", "Dynamically assigned remainder results in dust output.")
        : fail("invalid-parameter", `Specified output amount to ${name} is below dust threshold.`);
    result.push(output);
  }
  return result;
}
