import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject, type RpcValue } from "@bitfleet/api/json.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { type BuildRequest, isError, type Recipient } from "@bitfleet/wallet/building/build-request.ts";
import type { TransactionNotes } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { shuffled } from "@bitfleet/wallet/selection/random.ts";
import type { NodeWallet } from "../../../wallets/node-wallet.ts";
import { buildSignedPayment } from "../../../wallets/spending/payments.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { commitTransaction } from "../../../wallets/wallet-payments.ts";
import { outputsParam } from "../create-transaction.ts";
import type { RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { requestedWallet, requireUnlocked, walletsOf } from "./requested-wallet.ts";
import { commentParam, feePayersParam, feeRequest, invalid, recipientsOf, spendingNode } from "./spending-params.ts";
import { avoidReuseParam } from "./wallet-params.ts";

/** Calls that pay at once: `sendtoaddress` and `sendmany`. */
export function walletSpendHandlers(deps: RpcDependencies) {
  const prefixes = deps.chain.network.addressPrefixes;

  const sendMoney = async (
    wallet: NodeWallet,
    request: BuildRequest,
    notes: TransactionNotes,
    verbose: boolean,
  ): Promise<RpcValue> => {
    requireUnlocked(wallet);
    if (wallet.has(WalletFlag.disablePrivateKeys)) {
      throw new RpcError(RpcErrorCode.WALLET_ERROR, "Error: Private keys are disabled for this wallet");
    }
    const node = spendingNode(deps);
    // Their order must not tell what is change.
    const recipients: readonly Recipient[] = shuffled(request.recipients, node.random);
    const payment = buildSignedPayment({ ...request, recipients }, wallet, node);
    if (isError(payment)) throw new RpcError(RpcErrorCode.WALLET_INSUFFICIENT_FUNDS, payment.error);
    await commitTransaction(wallet, payment.tx, notes, walletsOf(deps));
    const txid = displayHash(payment.tx.txid);
    return verbose ? { txid, fee_reason: payment.feerate.reason } : txid;
  };

  return {
    sendtoaddress: (params, context) => {
      const wallet = requestedWallet(context, deps);
      const { replaceable, conf_target: confirmationTarget, estimate_mode: estimateMode, fee_rate: feerate } = params;
      const notes = { comment: commentParam(params.comment), commentTo: commentParam(params.comment_to) };
      const avoidsReuse = avoidReuseParam(wallet, context.positional[AVOID_REUSE_POSITION] as boolean | undefined);
      const fee = feeRequest({ confirmationTarget, estimateMode, feerate, replaceable }, deps);
      requireUnlocked(wallet);
      const [address, amount] = context.positional;
      const outputs = outputsParam(new JsonObject([[address as string, amount!]]), prefixes);
      const recipients = recipientsOf(outputs, new Set(params.subtractfeefromamount ? [0] : []));
      const partial = avoidsReuse ? { avoidsPartialSpends: true } : {};
      return sendMoney(wallet, { ...fee, recipients, avoidsReuse, ...partial }, notes, params.verbose);
    },

    sendmany: (params, context) => {
      const wallet = requestedWallet(context, deps);
      const { replaceable, conf_target: confirmationTarget, estimate_mode: estimateMode, fee_rate: feerate } = params;
      if ((params.dummy ?? "") !== "") throw invalid('Dummy value must be set to ""');
      const notes = { comment: commentParam(params.comment) };
      const fee = feeRequest({ confirmationTarget, estimateMode, feerate, replaceable }, deps);
      const outputs = outputsParam(params.amounts, prefixes);
      const names = outputs.map(({ name }) => name);
      const recipients = recipientsOf(outputs, feePayersParam(params.subtractfeefrom, names));
      return sendMoney(wallet, { ...fee, recipients }, notes, params.verbose);
    },
  } satisfies Partial<RpcHandlers>;
}

/** Whether a caller said so decides, and the default hides that. */
const AVOID_REUSE_POSITION = 8;
