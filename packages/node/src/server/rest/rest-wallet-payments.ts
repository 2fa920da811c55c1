import { RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { WalletBalance, WalletMovement, WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { balancesOf } from "@bitfleet/wallet/ledger/balances.ts";
import type { FastifyInstance } from "fastify";
import { pageOf, refuseCursor } from "./list-parts.ts";
import {
  optionsOf,
  type PlainAnswer,
  satsOf,
  type WalletCalls,
  type WalletRouteDependencies,
  walletRoute,
} from "./wallet-calls.ts";
import { payForParent } from "./wallet-child.ts";
import { coinOf, coinsOf, setAside } from "./wallet-coins.ts";
import { feeOptions, pay } from "./wallet-pay.ts";

const LIMIT_DEFAULT = 10;
/** An id that the wallet does not know. */
const UNKNOWN = { [RpcErrorCode.INVALID_ADDRESS_OR_KEY]: 404 };

/** What wallets of the node have, got and pay. */
export function walletPaymentRoutes(app: FastifyInstance, deps: WalletRouteDependencies): void {
  walletRoute(app, deps, "walletBalance", ({ calls }) => balanceOf(calls));

  walletRoute(app, deps, "walletUtxos", ({ query: { page = 0, limit = LIMIT_DEFAULT, with_locked }, calls }) => {
    const coins = coinsOf(calls, { withLocked: with_locked === true });
    const part = coins.slice(page * limit, (page + 1) * limit).map((one) => coinOf(calls, one));
    return pageOf(part, page, limit, coins.length);
  });

  walletRoute(app, deps, "lockWalletCoin", ({ params: { txid, vout }, body: { is_locked }, calls }) =>
    setAside(calls, { txid, vout }, is_locked),
  );

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

/** A transaction as the wallet has it. */
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
