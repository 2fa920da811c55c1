import { ApiError } from "@bitfleet/api/errors.ts";
import type { JsonObject } from "@bitfleet/api/json.ts";
import type { WalletChild } from "@bitfleet/api/rest/wallet-payments.ts";
import type { RestBody } from "@bitfleet/api/rest-routes.ts";
import { feerateSatPerKvb } from "@bitfleet/protocol/policy/feerate.ts";
import { displayHash, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { isError } from "@bitfleet/wallet/building/build-request.ts";
import { buildChildPayment, type ChildPayment } from "../../wallets/spending/payments.ts";
import { WalletFlag } from "../../wallets/wallet-flags.ts";
import { commitTransaction } from "../../wallets/wallet-payments.ts";
import { failedWrite } from "../rpc/wallet/failed-writes.ts";
import { feeOptions } from "../rpc/wallet/fund-options.ts";
import { asSentence } from "../web/envelope.ts";
import { refusalOf } from "./rpc-bridge.ts";
import type { WalletCalls } from "./wallet-calls.ts";

const NO_KEYS = "The wallet has no private keys: it cannot sign a child.";

/** Has a child pay for a transaction that waits, or tells what that would cost. `fees`: as options of calls that pay. Core has no such call. */
export async function payForParent(
  calls: WalletCalls,
  txid: string,
  fees: JsonObject,
  { is_preview: isPreview = false }: Pick<RestBody<"payForWalletTransaction">, "is_preview">,
): Promise<WalletChild> {
  const { wallet, wallets } = calls;
  if (wallet.has(WalletFlag.disablePrivateKeys)) throw new ApiError(409, NO_KEYS);
  if (!isPreview) calls.requireUnlocked();
  try {
    const built = builtChild();
    if (built.tx !== undefined) await commitTransaction(wallet, built.tx, {}, wallets);
    return answerOf(built);
  } catch (error) {
    throw refusalOf(failedWrite(error, { wallet: wallet.name }, { wallets }));
  }

  function builtChild(): ChildPayment {
    const { chain, mempool, clock, fees: nodeFees } = calls.node;
    const node = { chain, mempool, clock, fees: nodeFees, policy: wallets.config, random: wallets.random };
    const request = { ...feeOptions(fees, calls.node), parent: parseDisplayHash<Txid>(txid)! };
    const built = buildChildPayment(request, { signs: !isPreview }, wallet, node);
    if (isError(built)) throw new ApiError(409, asSentence(built.error));
    return built;
  }
}

function answerOf({ tx, fee, size, ancestors }: ChildPayment): WalletChild {
  const virtualSize = tx?.virtualSize ?? size.virtualSize;
  const together = { fee: ancestors.fee + fee, size: ancestors.size + virtualSize };
  return {
    txid: tx === undefined ? null : displayHash(tx.txid),
    is_preview: tx === undefined,
    fee: Number(fee),
    size: virtualSize,
    package_fee: Number(together.fee),
    package_size: together.size,
    package_feerate: Number(feerateSatPerKvb(together.fee, together.size)) / 1000,
  };
}
