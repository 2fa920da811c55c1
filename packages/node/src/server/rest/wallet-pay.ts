import { amountNumber } from "@bitfleet/api/amount.ts";
import { ApiError } from "@bitfleet/api/errors.ts";
import { JsonNumber, type JsonObject } from "@bitfleet/api/json.ts";
import type { WalletPayment, WalletPaymentPlan } from "@bitfleet/api/rest/wallet-payments.ts";
import type { RestBody } from "@bitfleet/api/rest-routes.ts";
import { optionsOf, type PlainAnswer, satsOf, type WalletCalls } from "./wallet-calls.ts";
import type { CoinName } from "./wallet-coins.ts";

/** Payments of a wallet: what one would spend and cost, and making it. */

const CONFIRMATIONS_MAX = 9_999_999;
const VBYTES_PER_KVB = 1000;
/** Of feerates in satoshis a vbyte: they are whole satoshis a thousand of them. */
const FEERATE_DECIMALS = 3;

type Order = RestBody<"sendFromWallet">;

/** Who is paid what. */
interface Recipient {
  readonly address: string;
  readonly sats: number;
  readonly label: string | undefined;
}

/** A payment whose amounts are known. */
interface Payment {
  readonly recipients: readonly [Recipient, ...Recipient[]];
  /** Coins to spend; none: the wallet chooses. */
  readonly coins: readonly CoinName[];
  /** Off whose amounts the fee is taken, by their places. */
  readonly feePayers: readonly number[];
  readonly fees: object;
}

/** Pays, or tells what it would cost. Throws `ApiError`. */
export async function pay(calls: WalletCalls, order: Order): Promise<WalletPayment> {
  const { from_address: from, is_preview: isPreview = false, to_address } = order;
  feeOptions(order);
  const others = order.recipients ?? [];
  // Before anything is paid: who is refused then pays once more.
  for (const label of [order.label, ...others.map((one) => one.label)]) if (label !== undefined) requireLabel(label);
  if (!isPreview) calls.requireUnlocked();
  const payment = await paymentOf(calls, order);
  const { recipients } = payment;
  const answer =
    from === undefined || payment.coins.length > 0
      ? await attempt(calls, payment, isPreview)
      : await payFrom(calls, payment, from, isPreview);
  for (const { address, label } of isPreview ? [] : recipients) {
    if (label !== undefined) await calls.call("setlabel", { address, label });
  }
  const { txid, fee, plan } = answer;
  const amount = sumOf(recipients) - (payment.feePayers.length > 0 ? fee : 0);
  return {
    ...{ txid, is_preview: isPreview, to_address, amount, fee, total: amount + fee },
    plan: plan ?? null,
    timestamp: new Date().toISOString(),
  };
}

/** How the fee is to be found, as options of calls that pay. Throws `ApiError`. */
export function feeOptions({ feerate, target }: Pick<Order, "feerate" | "target">): object {
  if (feerate !== undefined && Number(feerate.toFixed(FEERATE_DECIMALS)) !== feerate) {
    throw new ApiError(400, `feerate must have ${FEERATE_DECIMALS} decimals at most.`);
  }
  if (feerate !== undefined && target !== undefined) {
    throw new ApiError(400, "A feerate is given and a target to estimate one for: which is meant?");
  }
  return {
    ...(feerate !== undefined && { fee_rate: feerate }),
    ...(target !== undefined && { conf_target: target, estimate_mode: "economical" }),
  };
}

/** Throws `ApiError` for the one that means all of them. */
function requireLabel(label: string): void {
  if (label === "*") throw new ApiError(400, "The label * cannot be given.");
}

const sumOf = (recipients: readonly Recipient[]) => recipients.reduce((sum, { sats }) => sum + sats, 0);

/** The order with all its amounts, and the coins where they are settled. */
async function paymentOf(calls: WalletCalls, order: Order): Promise<Payment> {
  const { amount, send_all: sendsAll = false } = order;
  if (sendsAll === (amount !== undefined)) {
    throw new ApiError(400, "Give an amount, or send_all to pay whatever there is: one of the two.");
  }
  const others = (order.recipients ?? []).map(({ to_address, amount: sats, label }) => ({
    ...{ address: to_address, sats, label },
  }));
  const chosen = order.coins === undefined ? undefined : await chosenCoins(calls, order.coins, order.from_address);
  const spent = sendsAll ? (chosen ?? (await allCoins(calls, order.from_address))) : (chosen ?? []);
  const worth = spent.reduce((sum, coin) => sum + satsOf(coin.amount), 0);
  const sats = amount ?? worth - sumOf(others);
  if (sats <= 0) throw new ApiError(409, "Nothing is left to be sent to to_address.");
  const recipients = [{ address: order.to_address, sats, label: order.label }, ...others] as const;
  return {
    recipients,
    coins: spent.map(({ txid, vout }) => ({ txid, vout })),
    feePayers: sendsAll ? [0] : order.subtract_fee ? recipients.map((_, at) => at) : [],
    fees: feeOptions(order),
  };
}

/** The coins of that name. Throws `ApiError` where one is not there to be spent, not at the address `from`, or named twice. */
async function chosenCoins(
  calls: WalletCalls,
  names: readonly CoinName[],
  from: string | undefined,
): Promise<readonly PlainAnswer[]> {
  const unspent = await spendableCoins(calls, from === undefined ? [] : [from]);
  const seen = new Set<string>();
  return names.map(({ txid, vout }) => {
    const id = txid.toLowerCase();
    if (seen.size === seen.add(`${id}:${vout}`).size) throw new ApiError(400, `The coin ${id}:${vout} is named twice.`);
    const coin = unspent.find((one) => one.vout === vout && one.txid === id);
    if (coin === undefined) {
      throw new ApiError(
        409,
        `The coin ${id}:${vout} cannot be spent: it is spent, locked, immature or not ${from === undefined ? "the wallet's" : "at from_address"}.`,
      );
    }
    return coin;
  });
}

/** All that the wallet would choose from by itself, of one address where it is named. */
async function allCoins(calls: WalletCalls, from: string | undefined): Promise<readonly PlainAnswer[]> {
  const coins = await spendableCoins(calls, from === undefined ? [] : [from]);
  const wanted = coins.filter(({ safe, reused }) => safe && (from !== undefined || reused !== true));
  if (wanted.length === 0) throw new ApiError(409, "There are no coins to spend.");
  return wanted;
}

/** Unspent outputs that are not locked, of these addresses where some are named. */
async function spendableCoins(calls: WalletCalls, addresses: readonly string[]): Promise<PlainAnswer[]> {
  return calls.call("listunspent", {
    minconf: 0,
    maxconf: CONFIRMATIONS_MAX,
    addresses,
    include_unsafe: true,
    query_options: undefined,
  });
}

interface Attempt {
  readonly txid: string | null;
  readonly fee: number;
  /** Of a preview. */
  readonly plan?: WalletPaymentPlan;
}

/** Spends coins of one address alone, of which none may yet go: as few as suffice, the largest first. */
async function payFrom(calls: WalletCalls, payment: Payment, from: string, isPreview: boolean): Promise<Attempt> {
  const { ismine } = await calls.call("getaddressinfo", { address: from });
  if (!ismine) throw new ApiError(400, "from_address is no address of the wallet.");
  const unspent = await spendableCoins(calls, [from]);
  const coins = unspent.filter(({ safe }) => safe).sort((a, b) => b.amount - a.amount);
  const wanted = sumOf(payment.recipients);
  let worth = 0;
  for (const [index, { amount }] of coins.entries()) {
    worth += satsOf(amount);
    if (worth < wanted) continue;
    const some = { ...payment, coins: coins.slice(0, index + 1).map(({ txid, vout }): CoinName => ({ txid, vout })) };
    const isLast = index === coins.length - 1;
    const preview = await attempt(calls, some, true).catch((error: unknown) => {
      // Another coin may pay the fee.
      if (!isLast && error instanceof ApiError && error.status === 409) return undefined;
      throw error;
    });
    if (preview !== undefined) return isPreview ? preview : attempt(calls, some, false);
  }
  throw new ApiError(409, "The coins of from_address are too few for the amount.");
}

/** Pays with the coins of the payment, or with such as the wallet chooses where there are none; or only finds out what that costs. */
async function attempt(calls: WalletCalls, payment: Payment, isPreview: boolean): Promise<Attempt> {
  const { recipients, coins, feePayers, fees } = payment;
  const inputs = coins.map(optionsOf);
  const outputs = recipients.map(outputOf);
  const options = { ...fees, ...(inputs.length > 0 && { add_inputs: false }) };
  if (isPreview) {
    const { psbt, fee, changepos } = await calls.call("walletcreatefundedpsbt", {
      ...{ inputs, outputs, locktime: 0 },
      options: optionsOf({ ...options, ...(feePayers.length > 0 && { subtractFeeFromOutputs: feePayers }) }),
      // The keys tell how long signatures will be.
      bip32derivs: true,
      version: 2,
      psbt_version: 0,
    });
    return { txid: null, fee: satsOf(fee), plan: await planOf(calls, psbt, changepos) };
  }
  const { txid, complete } = await calls.call("send", {
    outputs,
    conf_target: undefined,
    estimate_mode: "unset",
    fee_rate: undefined,
    options: optionsOf({
      ...options,
      ...(inputs.length > 0 && { inputs }),
      ...(feePayers.length > 0 && { subtract_fee_from_outputs: feePayers }),
    }),
    version: 2,
  });
  if (!complete) throw new ApiError(409, "The wallet does not have all the keys that this takes: sign it as a PSBT.");
  const { fee = 0 } = await calls.call("gettransaction", { txid, verbose: false, include_watchonly: false });
  return { txid, fee: Math.abs(satsOf(fee)) };
}

const outputOf = ({ address, sats }: Recipient): JsonObject =>
  optionsOf({ [address]: new JsonNumber(amountNumber(BigInt(sats)).text) });

/** What an unsigned transaction spends and pays. */
async function planOf(calls: WalletCalls, psbt: string, changeIndex: number): Promise<WalletPaymentPlan> {
  const { tx, inputs } = await calls.callFree("decodepsbt", { psbt });
  const { estimated_vsize: size = null, estimated_feerate: feerate } = await calls.callFree("analyzepsbt", { psbt });
  return {
    virtual_size: size,
    feerate: feerate === undefined ? null : satsOf(feerate) / VBYTES_PER_KVB,
    inputs: tx.vin.map(({ txid, vout }: CoinName, at: number) => {
      const { witness_utxo: witness, non_witness_utxo: whole } = inputs[at];
      const coin = witness ?? whole?.vout[vout];
      const value = witness?.amount ?? coin?.value;
      return {
        ...{ txid, vout, amount: value === undefined ? null : satsOf(value) },
        address: coin?.scriptPubKey.address ?? null,
      };
    }),
    outputs: tx.vout.map(({ value, scriptPubKey }: PlainAnswer, at: number) => ({
      address: scriptPubKey.address ?? null,
      amount: satsOf(value),
      is_change: at === changeIndex,
    })),
  };
}
