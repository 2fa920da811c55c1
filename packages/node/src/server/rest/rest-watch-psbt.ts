import { ApiError } from "@bitfleet/api/errors.ts";
import { FEERATE_MAX_DEFAULT } from "@bitfleet/api/rest/transactions.ts";
import type { BuiltPsbt, PsbtRequest } from "@bitfleet/api/rest/watch-psbt.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { OutPoint, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, hashKey, outPointKey, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { type BuildRequest, type BuiltTransaction, isError } from "@bitfleet/wallet/building/build-request.ts";
import { buildTransaction } from "@bitfleet/wallet/building/build-transaction.ts";
import { expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { isFinalInput, psbtFromBase64, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { combinePsbts } from "@bitfleet/wallet/psbt/combine.ts";
import { fillPsbt, withPreviousTransactions } from "@bitfleet/wallet/psbt/fill.ts";
import { finalizePsbt } from "@bitfleet/wallet/psbt/finalize.ts";
import { createPsbt, type Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import { PsbtError } from "@bitfleet/wallet/psbt/psbt-error.ts";
import type { RandomSource } from "@bitfleet/wallet/selection/random.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { FastifyInstance } from "fastify";
import { scriptKeyOf } from "../../indexes/address-effects.ts";
import { PUBLIC_WORK_MAX, tooMuchWork } from "../psbt-work.ts";
import { asSentence } from "../web/envelope.ts";
import { type RunningWebNode, runningNode } from "../web/web-state.ts";
import { testedTransactions } from "./acceptance-view.ts";
import { findTransaction } from "./find-transaction.ts";
import { psbtProgress } from "./psbt-progress.ts";
import { type RouteDependencies, route } from "./rest-route.ts";
import { scriptNamed } from "./script-name.ts";
import type { WatchSearch } from "./watch-search.ts";
import type { WatchedScript, WatchedSet } from "./watched-scripts.ts";
import { descriptorOf, type WatchedWallet, watchedWallet } from "./watched-wallet.ts";

/** Transactions that spend more transactions than this are refused: each is looked up, in a block of its own. */
export const PREVIOUS_TRANSACTIONS_MAX = 200;

/** 32 bits of chance are enough for the order of outputs. */
const RANDOM: RandomSource = { unit: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32 };

/** Builds transactions to be signed elsewhere, and puts together what comes back. */
export function watchPsbtRoutes(app: FastifyInstance, deps: RouteDependencies, search: WatchSearch): void {
  route(app, deps, "buildPsbt", (_params, _query, body, context) => {
    const node = runningNode(deps.state);
    return search({ descriptors: body.descriptors }, context, async (set, book) => {
      const wallet = await watchedWallet(set, node, book, RANDOM);
      const change = changeScriptOf(body, set, node);
      const built = buildTransaction(buildRequestOf(body, change, node), wallet);
      if (isError(built)) throw new ApiError(422, asSentence(built.error));
      const psbt = await unsignedPsbt(built, body, set, wallet, node);
      return builtView(psbt, built, wallet, node);
    });
  });

  route(app, deps, "finalizePsbt", async (_params, _query, { psbts: texts, max_feerate_sat_per_kvb: feerateMax }) => {
    const node = runningNode(deps.state);
    const { mempool, secp256k1 } = node;
    const [first, ...others] = texts.map((text, index) => decoded(text, index, secp256k1));
    const combined = combinePsbts([first!, ...others]);
    if (combined === undefined) throw new ApiError(400, "The PSBTs are not of one transaction and one version.");
    const refusal = tooMuchWork(combined, PUBLIC_WORK_MAX);
    if (refusal !== undefined) throw new ApiError(400, `${refusal}.`);
    const { psbt, transaction } = finalizePsbt(combined, secp256k1);
    const tested =
      transaction && (await testedTransactions(mempool, [transaction], BigInt(feerateMax ?? FEERATE_MAX_DEFAULT)));
    return {
      psbt: psbtToBase64(psbt),
      is_complete: transaction !== undefined,
      unsigned_inputs: psbt.inputs.flatMap((input, index) => (isFinalInput(input) ? [] : [index])),
      hex: transaction === undefined ? null : toHex(transaction.bytes),
      acceptance: tested?.transactions[0] ?? null,
      ...(await psbtProgress(node, psbt, transaction)),
    };
  });
}

function decoded(text: string, index: number, secp256k1: Secp256k1): Psbt {
  try {
    return psbtFromBase64(text, secp256k1);
  } catch (error) {
    if (error instanceof PsbtError)
      throw new ApiError(400, `PSBT ${index} cannot be read: ${asSentence(error.message)}`);
    throw error;
  }
}

function buildRequestOf(body: PsbtRequest, changeScript: Uint8Array, { chain }: RunningWebNode): BuildRequest {
  const preselected = (body.inputs ?? []).map(({ txid, vout }) => ({
    outPoint: { txid: parseDisplayHash<Txid>(txid)!, index: vout },
  }));
  return {
    recipients: body.outputs.map(({ address, sats, subtract_fee: subtractsFee = false }) => ({
      scriptPubKey: payableScript(address, chain),
      amount: BigInt(sats),
      subtractsFee,
    })),
    preselected,
    allowsOtherInputs: body.add_inputs ?? preselected.length === 0,
    includesUnsafe: body.include_unsafe,
    feerateSatPerKvb: body.feerate_sat_per_kvb === undefined ? undefined : BigInt(body.feerate_sat_per_kvb),
    confirmationTarget: body.target_blocks,
    replaceable: body.replaceable ?? true,
    changeScript,
    changePosition: body.change_position,
    lockTime: body.lock_time,
  };
}

/** Throws `ApiError` where it is no address. */
function payableScript(address: string, { network }: RunningWebNode["chain"]): Uint8Array {
  const { script } = scriptNamed(address, network);
  if (script === undefined) throw new ApiError(400, "A script hash cannot be paid to: give an address.");
  return script;
}

/** The address that is named, else the next unused one of a descriptor for change. */
function changeScriptOf(body: PsbtRequest, set: WatchedSet, node: RunningWebNode): Uint8Array {
  const { change_address: address, change_descriptor: wanted } = body;
  if (address !== undefined) return payableScript(address, node.chain);
  const withChange = set.descriptors.find(({ variant }) => variant > 0)?.position;
  const position = wanted ?? withChange ?? 0;
  const use = set.descriptors.filter((one) => one.position === position).at(-1);
  const source = set.sources.filter((one) => one.position === position).at(-1);
  if (use === undefined || source === undefined) {
    throw new ApiError(400, `There is no descriptor ${position} that could give a change address.`);
  }
  const { secp256k1 } = node;
  const index = use.next_index ?? use.to;
  const script = expandDescriptor(source.descriptor, index, { secp256k1, secrets: new SigningMaterial() })?.scripts.at(
    -1,
  );
  if (script === undefined) throw new ApiError(400, `Descriptor ${position} gives no script for change.`);
  return script;
}

/** With what the inputs spend, and scripts and origins of inputs and of outputs that are the descriptors' own. */
async function unsignedPsbt(
  { fields }: BuiltTransaction,
  body: PsbtRequest,
  set: WatchedSet,
  { owners }: WatchedWallet,
  node: RunningWebNode,
): Promise<Psbt> {
  const { secp256k1 } = node;
  const previous = await previousTransactions(
    fields.inputs.map(({ previousOutput }) => previousOutput),
    node,
  );
  const blank = createPsbt(fields, { version: body.psbt_version ?? 0 });
  const psbt = withPreviousTransactions(blank, ({ txid }) => previous.get(hashKey(txid)));
  const byKey = new Map(set.scripts.map((script) => [script.key, script]));
  const materialOf = (script: WatchedScript | undefined) => {
    const descriptor = script && descriptorOf(set, script);
    if (script?.origin === undefined || descriptor === undefined) return undefined;
    return expandDescriptor(descriptor, script.origin.index, { secp256k1, secrets: new SigningMaterial() })?.material;
  };
  const filled = fillPsbt(
    psbt,
    {
      forInput: (_script, { previousOutput }) => materialOf(owners.get(outPointKey(previousOutput))),
      forOutput: (scriptPubKey) => materialOf(byKey.get(scriptKeyOf(scriptPubKey))),
    },
    { sign: false, finalize: false },
    secp256k1,
  );
  return filled.psbt;
}

/** The transactions that outputs are of. A signer that does not trust us wants to see them whole (CVE-2020-14199). */
async function previousTransactions(outPoints: readonly OutPoint[], node: RunningWebNode) {
  const found = new Map<string, Transaction>();
  const txids = new Map(outPoints.map(({ txid }) => [hashKey(txid), txid]));
  if (txids.size > PREVIOUS_TRANSACTIONS_MAX) {
    const sentence = `It would spend outputs of more than ${PREVIOUS_TRANSACTIONS_MAX} transactions; pay less at a time, or name the inputs.`;
    throw new ApiError(422, sentence);
  }
  for (const [key, txid] of txids) found.set(key, (await findTransaction(node, txid)).tx);
  return found;
}

function builtView(psbt: Psbt, built: BuiltTransaction, { owners }: WatchedWallet, node: RunningWebNode): BuiltPsbt {
  const { addressPrefixes } = node.chain.network;
  const { fields, fee, changeIndex, feerate, size, coins } = built;
  const change = changeIndex === undefined ? undefined : fields.outputs[changeIndex];
  return {
    psbt: psbtToBase64(psbt),
    fee: Number(fee),
    feerate_sat_per_kvb: Number(feerate.feerateSatPerKvb),
    fee_reason: feerate.reason,
    virtual_size: size.virtualSize,
    change_index: changeIndex ?? null,
    change_address: (change && encodeAddress(change.scriptPubKey, addressPrefixes)) ?? null,
    inputs: coins.map(({ outPoint, output }) => ({
      txid: displayHash(outPoint.txid),
      vout: outPoint.index,
      value: Number(output.value),
      address: owners.get(outPointKey(outPoint))?.name ?? null,
    })),
  };
}
