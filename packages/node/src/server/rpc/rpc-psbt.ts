import { randomInt } from "node:crypto";
import { amountNumber } from "@bitfleet/api/amount.ts";
import { RpcError, RpcErrorCode } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import type { TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { analyzePsbt, type InputAnalysis, type PsbtAnalysis } from "@bitfleet/wallet/psbt/analyze.ts";
import { psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { combinePsbts } from "@bitfleet/wallet/psbt/combine.ts";
import { joinPsbts } from "@bitfleet/wallet/psbt/construct.ts";
import { finalizePsbt } from "@bitfleet/wallet/psbt/finalize.ts";
import { createPsbt, type PsbtVersion } from "@bitfleet/wallet/psbt/psbt.ts";
import type { MissingData } from "@bitfleet/wallet/signing/signature-data.ts";
import { hashText, hexOf } from "../hex.ts";
import { createTransaction } from "./create-transaction.ts";
import { decodeTransactionText } from "./decode-transaction.ts";
import { psbtJson } from "./psbt-json.ts";
import { checkablePsbtParam, psbtParam } from "./psbt-text.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";

const invalid = (message: string) => new RpcError(RpcErrorCode.INVALID_PARAMETER, message);

/** Calls that make, show and bring together PSBTs without looking at the chain. */
export function psbtHandlers(deps: Pick<RpcDependencies, "chain" | "mempool" | "secp256k1">) {
  const { secp256k1, mempool } = deps;
  const { addressPrefixes } = deps.chain.network;
  const scripts: ScriptContext = { prefixes: addressPrefixes, secp256k1 };

  return {
    createpsbt: ({ inputs, outputs, locktime, replaceable, version, psbt_version }) => {
      const tx = createTransaction(
        { inputs, outputs: outputs ?? null, lockTime: locktime, replaceable, version },
        addressPrefixes,
      );
      return blankPsbt(tx, psbt_version);
    },

    converttopsbt: ({ hexstring, permitsigdata, iswitness, psbt_version }) => {
      const form = iswitness === undefined ? "either" : iswitness ? "witness" : "plain";
      const tx = decodeTransactionText(hexstring, form);
      if (tx === undefined) throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, "TX decode failed");
      const isSigned = tx.inputs.some(({ scriptSig, witness }) => scriptSig.length > 0 || witness.length > 0);
      if (isSigned && !permitsigdata) {
        const message = "Inputs must not have scriptSigs and scriptWitnesses";
        throw new RpcError(RpcErrorCode.DESERIALIZATION_ERROR, message);
      }
      return blankPsbt(tx, psbt_version);
    },

    decodepsbt: ({ psbt }) => psbtJson(psbtParam(psbt, secp256k1), scripts),

    combinepsbt: ({ txs }) => {
      if (txs.length === 0) throw invalid("Parameter 'txs' cannot be empty");
      const [first, ...others] = txs.map((text) => psbtParam(text, secp256k1));
      const combined = combinePsbts([first!, ...others]);
      if (combined === undefined) throw invalid("PSBTs not compatible (different transactions)");
      return psbtToBase64(combined);
    },

    finalizepsbt: ({ psbt, extract }) => {
      const { psbt: finalized, complete, transaction } = finalizePsbt(checkablePsbtParam(psbt, secp256k1), secp256k1);
      if (transaction !== undefined && extract) return { hex: hexOf(transaction.bytes), complete };
      return { psbt: psbtToBase64(finalized), complete };
    },

    joinpsbts: ({ txs }) => {
      if (txs.length <= 1) throw invalid("At least two PSBTs are required to join PSBTs.");
      const psbts = txs.map((text) => {
        const psbt = psbtParam(text, secp256k1);
        if (psbt.version !== 0) throw invalid("joinpsbts only operates on version 0 PSBTs");
        return psbt;
      });
      const joined = joinPsbts(psbts, shuffled);
      if ("psbt" in joined) return psbtToBase64(joined.psbt);
      const { txid, index } = joined.duplicate.previousOutput;
      throw invalid(`Input ${hashText(txid)}:${index} exists in multiple PSBTs`);
    },

    analyzepsbt: ({ psbt }) => {
      const { bytesPerSigop } = mempool.options;
      return analysisJson(analyzePsbt(checkablePsbtParam(psbt, secp256k1), bytesPerSigop, secp256k1));
    },
  } satisfies Partial<RpcHandlers>;
}

function blankPsbt(tx: TransactionFields, version: number): string {
  if (version !== 0 && version !== 2) throw invalid("The PSBT version can only be 2 or 0");
  return psbtToBase64(createPsbt(tx, { version: version satisfies PsbtVersion }));
}

/** In random order: who contributed what must not show. */
function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
  }
  return shuffled;
}

function analysisJson(analysis: PsbtAnalysis): RpcValue {
  const { inputs, fee, estimatedVsize, estimatedFeerateSatPerKvb, next, error } = analysis;
  return {
    inputs: inputs.length > 0 ? inputs.map(inputAnalysisJson) : undefined,
    estimated_vsize: estimatedVsize,
    estimated_feerate: estimatedFeerateSatPerKvb === undefined ? undefined : amountNumber(estimatedFeerateSatPerKvb),
    fee: fee === undefined ? undefined : amountNumber(fee),
    next,
    error,
  };
}

function inputAnalysisJson({ hasUtxo, isFinal, next, missing }: InputAnalysis): RpcValue {
  return { has_utxo: hasUtxo, is_final: isFinal, next, missing: missing && missingJson(missing) };
}

/** `undefined` where nothing is missing by name. */
function missingJson({ publicKeys, redeemScript, witnessScript, signatures }: MissingData): RpcValue | undefined {
  const isNothing = redeemScript === undefined && witnessScript === undefined;
  if (isNothing && publicKeys.length === 0 && signatures.length === 0) return undefined;
  return {
    pubkeys: publicKeys.length > 0 ? publicKeys : undefined,
    redeemscript: redeemScript && hexOf(redeemScript),
    witnessscript: witnessScript && hexOf(witnessScript),
    signatures: signatures.length > 0 ? signatures : undefined,
  };
}
