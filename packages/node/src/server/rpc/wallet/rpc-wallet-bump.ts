import { amountNumber } from "@bitfleet/api/amount.ts";
import { type RpcErrorCode as Code, RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import { JsonObject } from "@bitfleet/api/json.ts";
import { integerOf } from "@bitfleet/api/rpc/rpc-params.ts";
import type { TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { isError } from "@bitfleet/wallet/building/build-request.ts";
import type { BumpErrorKind, BumpRequest } from "@bitfleet/wallet/building/bump-request.ts";
import { transactionOf } from "@bitfleet/wallet/ledger/wallet-transaction.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { createPsbt, type PsbtVersion } from "@bitfleet/wallet/psbt/psbt.ts";
import { buildBump, signedByWallet } from "../../../wallets/spending/payments.ts";
import { findOutputs } from "../../../wallets/spending/spending-node.ts";
import { fillFromWallet } from "../../../wallets/spending/wallet-psbt.ts";
import { WalletFlag } from "../../../wallets/wallet-flags.ts";
import { commitTransaction } from "../../../wallets/wallet-payments.ts";
import { parseHashParam } from "../../chain-json.ts";
import { outputsParam } from "../create-transaction.ts";
import { checkMembers, type MemberTypes } from "../object-params.ts";
import { fillRefused } from "../psbt-text.ts";
import type { RpcCallContext, RpcDependencies, RpcHandlers } from "../rpc-dependencies.ts";
import { feeOptions, firstOf } from "./fund-options.ts";
import { requestedWallet, requireUnlocked, walletsOf } from "./requested-wallet.ts";
import { invalid, psbtVersionParam, spendingNode } from "./spending-params.ts";

const MEMBERS: MemberTypes = {
  confTarget: "number",
  conf_target: "number",
  fee_rate: "any",
  replaceable: "bool",
  estimate_mode: "string",
  outputs: "any",
  original_change_index: "number",
  psbt_version: "number",
};

const UINT32_MAX = 2 ** 32 - 1;
const PSBT_VERSION_DEFAULT = 2;

/** Calls that replace a transaction by one that pays more. */
export function walletBumpHandlers(deps: RpcDependencies) {
  return {
    bumpfee: async ({ txid: text, options }, context) => {
      if (requestedWallet(context, deps).has(WalletFlag.disablePrivateKeys)) {
        throw new RpcError(RpcErrorCode.WALLET_ERROR, NO_KEYS);
      }
      const txid = parseHashParam<Txid>(text, "txid");
      const { request } = bumpOptions(options, deps);
      const { wallet, bumped } = await bump({ ...request, txid, requiresOwnInputs: true }, context, deps);
      const tx = signedByWallet(bumped.fields, bumped.coins, wallet);
      if (tx === undefined) throw new RpcError(RpcErrorCode.WALLET_ERROR, "Can't sign transaction.");
      const { comment, commentTo } = wallet.transaction(txid)!.notes;
      await commitTransaction(wallet, tx, { comment, commentTo, replaces: txid }, walletsOf(deps));
      return { txid: displayHash(tx.txid), ...feesOf(bumped) };
    },

    psbtbumpfee: async ({ txid: text, options }, context) => {
      requestedWallet(context, deps);
      const txid = parseHashParam<Txid>(text, "txid");
      const { request, psbtVersion: version } = bumpOptions(options, deps);
      const { wallet, bumped } = await bump({ ...request, txid, requiresOwnInputs: false }, context, deps);
      const filled = fillFromWallet(createPsbt(bumped.fields, { version }), wallet, { sign: false });
      if (filled.error !== undefined) throw fillRefused(filled.error);
      return { psbt: psbtToBase64(filled.psbt), ...feesOf(bumped) };
    },
  } satisfies Partial<RpcHandlers>;
}

const NO_KEYS = "bumpfee is not available with wallets that have private keys disabled. Use psbtbumpfee instead.";

async function bump(request: BumpRequest, context: RpcCallContext, deps: RpcDependencies) {
  requireUnlocked(requestedWallet(context, deps));
  const old = requestedWallet(context, deps).transaction(request.txid);
  const outPoints = old === undefined ? [] : transactionOf(old).inputs.map(({ previousOutput }) => previousOutput);
  const outputs = await findOutputs(outPoints, deps);
  const wallet = requestedWallet(context, deps);
  const bumped = buildBump(request, wallet, spendingNode(deps), { outputs });
  if (isError(bumped)) throw new RpcError(CODES[bumped.kind], bumped.error);
  return { wallet, bumped };
}

const CODES: Readonly<Record<BumpErrorKind, Code>> = {
  "invalid-address-or-key": RpcErrorCode.INVALID_ADDRESS_OR_KEY,
  "invalid-parameter": RpcErrorCode.INVALID_PARAMETER,
  wallet: RpcErrorCode.WALLET_ERROR,
  misc: RpcErrorCode.MISC_ERROR,
};

function bumpOptions(
  given: JsonObject | undefined,
  deps: RpcDependencies,
): { readonly request: Omit<BumpRequest, "txid" | "requiresOwnInputs">; readonly psbtVersion: PsbtVersion } {
  const options = given ?? new JsonObject([]);
  checkMembers(options, MEMBERS, { mayLack: true });
  const oldTarget = firstOf(options, ["confTarget"]);
  if (oldTarget !== undefined && options.get("conf_target") !== undefined) throw invalid(TARGET_TWICE);
  const target = oldTarget === undefined ? [] : [["conf_target", oldTarget] as const];
  const replaceable = (firstOf(options, ["replaceable"]) as boolean | undefined) ?? true;
  const fee = feeOptions(new JsonObject([...options.members, ...target]), deps);
  const outputs = outputsOf(options, deps);
  const index = firstOf(options, ["original_change_index"]);
  const originalChangeIndex = index === undefined ? undefined : integerOf(index, 0, UINT32_MAX);
  const version = firstOf(options, ["psbt_version"]);
  const psbtVersion = psbtVersionParam(
    version === undefined ? PSBT_VERSION_DEFAULT : integerOf(version, 0, UINT32_MAX),
  );
  return { request: { ...fee, replaceable, outputs, originalChangeIndex }, psbtVersion };
}

const TARGET_TWICE =
  "confTarget and conf_target options should not both be set. Use conf_target (confTarget is deprecated).";

function outputsOf(options: JsonObject, { chain }: RpcDependencies): readonly TxOutput[] | undefined {
  const outputs = firstOf(options, ["outputs"]);
  if (outputs === undefined) return undefined;
  if (Array.isArray(outputs) && outputs.length === 0) {
    throw invalid("Invalid parameter, output argument cannot be an empty array");
  }
  return outputsParam(outputs, chain.network.addressPrefixes).map(({ output }) => output);
}

function feesOf({ oldFee, fee }: { readonly oldFee: bigint; readonly fee: bigint }) {
  return { origfee: amountNumber(oldFee), fee: amountNumber(fee), errors: [] };
}
