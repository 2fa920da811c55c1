import { amountNumber, satsFromNumber } from "@bitfleet/api/amount.ts";
import { ApiError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonNumber } from "@bitfleet/api/json.ts";
import type {
  WalletBalance,
  WalletMovement,
  WalletPayment,
  WalletPaymentPlan,
  WalletTransaction,
  WalletUtxo,
} from "@bitfleet/api/rest/wallet-payments.ts";
import type { RestBody } from "@bitfleet/api/rest-routes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import type { FastifyInstance } from "fastify";
import { pageOf, refuseCursor } from "./list-parts.ts";
import {
  optionsOf,
  type PlainAnswer,
  type WalletCalls,
  type WalletRouteDependencies,
  walletRoute,
} from "./wallet-calls.ts";
import { payForParent } from "./wallet-child.ts";

const CONFIRMATIONS_MAX = 9_999_999;
const LIMIT_DEFAULT = 10;
const VBYTES_PER_KVB = 1000;
/** An id that the wallet does not know. */
const UNKNOWN = { [RpcErrorCode.INVALID_ADDRESS_OR_KEY]: 404 };

/** What wallets of the node have, got and pay. */
export function walletPaymentRoutes(app: FastifyInstance, deps: WalletRouteDependencies): void {
  walletRoute(app, deps, "walletBalance", ({ calls }) => balanceOf(calls));

  walletRoute(app, deps, "walletUtxos", async ({ query: { page = 0, limit = LIMIT_DEFAULT }, calls }) => {
    const coins = await spendableCoins(calls, []);
    const newest = coins.sort((a, b) => a.confirmations - b.confirmations);
    const part = newest.slice(page * limit, (page + 1) * limit).map(utxoOf);
    return pageOf(part, page, limit, coins.length);
  });

  walletRoute(app, deps, "walletHistory", async ({ query: { cursor, limit = LIMIT_DEFAULT }, calls }) => {
    const before = cursor === undefined ? undefined : positionOf(cursor);
    // One more than is shown tells whether there are others.
    const records = calls.wallet.ledger.history({ before, limit: limit + 1 });
    const shown = records.slice(0, limit);
    const items: WalletTransaction[] = [];
    for (const { txid } of shown) items.push(await transactionOf(calls, displayHash(txid)));
    return { items, next_cursor: records.length > limit ? cursorOf(shown.at(-1)!.orderPosition) : null };
  });

  walletRoute(app, deps, "walletTransaction", ({ params: { txid }, calls }) => transactionOf(calls, txid));

  walletRoute(app, deps, "sendFromWallet", ({ body, calls }) => pay(calls, body));

  walletRoute(app, deps, "bumpWalletTransaction", async ({ params: { txid }, body, calls }) => {
    await transactionOf(calls, txid);
    const params = { txid, options: optionsOf(feeOptions(body)) };
    // Of this transaction, then, that it is mined, spent from, or not to be replaced.
    const statuses = { [RpcErrorCode.INVALID_PARAMETER]: 409, [RpcErrorCode.MISC_ERROR]: 409 };
    const { txid: made, origfee, fee } = await calls.call("bumpfee", params, statuses);
    return { txid: made, original_fee: satsOf(origfee), fee: satsOf(fee) };
  });

  walletRoute(app, deps, "payForWalletTransaction", async ({ params: { txid }, body, calls }) => {
    await transactionOf(calls, txid);
    return payForParent(calls, txid, optionsOf(feeOptions(body)), body);
  });

  walletRoute(app, deps, "abandonWalletTransaction", async ({ params: { txid }, calls }) => {
    await transactionOf(calls, txid);
    await calls.call("abandontransaction", { txid }, { [RpcErrorCode.INVALID_ADDRESS_OR_KEY]: 409 });
    return transactionOf(calls, txid);
  });
}

const satsOf = (coins: number): number => Number(satsFromNumber(coins));

/** Of what can be spent, as `getbalance`: `getbalances` counts coins with it that payments spend which are in no mempool. */
function balanceOf({ wallet }: WalletCalls): WalletBalance {
  const balances = balancesOf(wallet.ledger, wallet.queryContext());
  const { trusted, untrustedPending, immature, used } = balances;
  return {
    confirmed: Number(trusted),
    unconfirmed: Number(untrustedPending),
    immature: Number(immature),
    used: Number(used),
    total: Number(trusted + untrustedPending + immature + used),
    block_height: wallet.bestBlock.height,
    block_hash: displayHash(wallet.bestBlock.hash),
  };
}

/** Unspent outputs, of these addresses where some are named. */
async function spendableCoins(calls: WalletCalls, addresses: readonly string[]): Promise<PlainAnswer[]> {
  return calls.call("listunspent", {
    minconf: 0,
    maxconf: CONFIRMATIONS_MAX,
    addresses,
    include_unsafe: true,
    query_options: undefined,
  });
}

function utxoOf(coin: PlainAnswer): WalletUtxo {
  return {
    txid: coin.txid,
    vout: coin.vout,
    address: coin.address ?? null,
    label: coin.label ?? null,
    value: satsOf(coin.amount),
    confirmations: coin.confirmations,
    script: coin.scriptPubKey,
    is_safe: coin.safe,
  };
}

async function transactionOf(calls: WalletCalls, txid: string): Promise<WalletTransaction> {
  const facts = await calls.call("gettransaction", { txid, verbose: false, include_watchonly: false }, UNKNOWN);
  const details: readonly PlainAnswer[] = facts.details;
  const fee = facts.fee === undefined ? null : Math.abs(satsOf(facts.fee));
  return {
    txid: facts.txid,
    amount: satsOf(facts.amount),
    fee,
    confirmations: facts.confirmations,
    block_hash: facts.blockhash ?? null,
    block_height: facts.blockheight ?? null,
    time: facts.time,
    is_replaceable: REPLACEABLE.get(facts["bip125-replaceable"]) ?? null,
    is_abandoned: details.some(({ abandoned }) => abandoned === true),
    replaced_by: facts.replaced_by_txid ?? null,
    movements: details.map(
      ({ category, address = null, label = null, amount, vout }): WalletMovement => ({
        ...{ category, address, label, amount: satsOf(amount), vout },
      }),
    ),
  };
}

const REPLACEABLE: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["no", false],
]);

const CURSOR = /^w([0-9]{1,12})$/;
const cursorOf = (position: number) => `w${position}`;

function positionOf(cursor: string): number {
  const match = CURSOR.exec(cursor);
  return match === null ? refuseCursor() : Number(match[1]);
}

type Payment = RestBody<"sendFromWallet">;

/** How the fee is to be found, as options of calls that pay. */
function feeOptions({ feerate, target }: Pick<Payment, "feerate" | "target">): object {
  if (feerate !== undefined && target !== undefined) {
    throw new ApiError(400, "A feerate is given and a target to estimate one for: which is meant?");
  }
  return {
    ...(feerate !== undefined && { fee_rate: feerate }),
    ...(target !== undefined && { conf_target: target, estimate_mode: "economical" }),
  };
}

async function pay(calls: WalletCalls, payment: Payment): Promise<WalletPayment> {
  const { from_address: from, is_preview: isPreview = false, label, to_address: address } = payment;
  feeOptions(payment);
  if (!isPreview) calls.requireUnlocked();
  // Before anything is paid: who is refused then pays once more.
  if (label !== undefined) requireLabel(label);
  const answer =
    from === undefined ? await attempt(calls, payment, [], isPreview) : await payFrom(calls, payment, from);
  if (!isPreview && label !== undefined) await calls.call("setlabel", { address, label });
  const { txid, fee, plan } = answer;
  const amount = payment.amount - (payment.subtract_fee ? fee : 0);
  return {
    ...{ txid, is_preview: isPreview, to_address: address, amount, fee, total: amount + fee },
    plan: plan ?? null,
    timestamp: new Date().toISOString(),
  };
}

/** Throws `ApiError` for the one that means all of them. */
function requireLabel(label: string): void {
  if (label === "*") throw new ApiError(400, "The label * cannot be given.");
}

interface OutPoint {
  readonly txid: string;
  readonly vout: number;
}

interface Attempt {
  readonly txid: string | null;
  readonly fee: number;
  /** Of a preview. */
  readonly plan?: WalletPaymentPlan;
}

/** Spends coins of one address alone, of which none may yet go: as few as suffice, the largest first. */
async function payFrom(calls: WalletCalls, payment: Payment, from: string): Promise<Attempt> {
  const { ismine } = await calls.call("getaddressinfo", { address: from });
  if (!ismine) throw new ApiError(400, "from_address is no address of the wallet.");
  const unspent = await spendableCoins(calls, [from]);
  const coins = unspent.filter(({ safe }) => safe).sort((a, b) => b.amount - a.amount);
  let worth = 0;
  for (const [index, { amount }] of coins.entries()) {
    worth += satsOf(amount);
    if (worth < payment.amount) continue;
    const inputs = coins.slice(0, index + 1).map(({ txid, vout }): OutPoint => ({ txid, vout }));
    const isLast = index === coins.length - 1;
    const preview = await attempt(calls, payment, inputs, true).catch((error: unknown) => {
      // Another coin may pay the fee.
      if (!isLast && error instanceof ApiError && error.status === 409) return undefined;
      throw error;
    });
    if (preview !== undefined) return payment.is_preview ? preview : attempt(calls, payment, inputs, false);
  }
  throw new ApiError(409, "The coins of from_address are too few for the amount.");
}

/** What an unsigned transaction spends and pays. */
async function planOf(calls: WalletCalls, psbt: string, changeIndex: number): Promise<WalletPaymentPlan> {
  const { tx, inputs } = await calls.callFree("decodepsbt", { psbt });
  const { estimated_vsize: size = null, estimated_feerate: feerate } = await calls.callFree("analyzepsbt", { psbt });
  return {
    virtual_size: size,
    feerate: feerate === undefined ? null : satsOf(feerate) / VBYTES_PER_KVB,
    inputs: tx.vin.map(({ txid, vout }: OutPoint, at: number) => {
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

/** Pays with these coins, or with such as the wallet chooses where there are none; or only finds out what that costs. */
async function attempt(
  calls: WalletCalls,
  payment: Payment,
  inputs: readonly OutPoint[],
  isPreview: boolean,
): Promise<Attempt> {
  const { to_address: address, amount, subtract_fee: subtractsFee = false } = payment;
  const outputs = [optionsOf({ [address]: new JsonNumber(amountNumber(BigInt(amount)).text) })];
  const options = { ...feeOptions(payment), ...(inputs.length > 0 && { add_inputs: false }) };
  if (isPreview) {
    const { psbt, fee, changepos } = await calls.call("walletcreatefundedpsbt", {
      inputs: inputs.map(optionsOf),
      outputs,
      locktime: 0,
      options: optionsOf({ ...options, ...(subtractsFee && { subtractFeeFromOutputs: [0] }) }),
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
      ...(inputs.length > 0 && { inputs: inputs.map(optionsOf) }),
      ...(subtractsFee && { subtract_fee_from_outputs: [0] }),
    }),
    version: 2,
  });
  if (!complete) throw new ApiError(409, "The wallet does not have all the keys that this takes: sign it as a PSBT.");
  const { fee = 0 } = await transactionOf(calls, txid);
  return { txid, fee: fee ?? 0 };
}
