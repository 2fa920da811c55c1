import type { JsonValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { isWitnessProgram } from "@bitfleet/protocol/script/script.ts";
import { templateOf } from "@bitfleet/protocol/script/templates.ts";
import { isFinalInput, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { type FillOptions, fillPsbt, sameMaterial } from "@bitfleet/wallet/psbt/fill.ts";
import { extractTransaction } from "@bitfleet/wallet/psbt/finalize.ts";
import type { Psbt, PsbtInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { hexOf } from "../hex.ts";
import { type DescriptorContext, scanObjectParam } from "./descriptor-params.ts";
import { checkablePsbtParam, fillRefused } from "./psbt-text.ts";
import type { RpcDependencies, RpcHandlers } from "./rpc-dependencies.ts";
import { hashTypeParam } from "./sighash-names.ts";

/** Calls that add to PSBTs what chain, mempool and given descriptors tell, and sign with the descriptors' keys. */
export function psbtUpdateHandlers(deps: Pick<RpcDependencies, "chain" | "indexes" | "mempool" | "secp256k1">) {
  const { chain, indexes, mempool, secp256k1 } = deps;
  const context: DescriptorContext = { prefixes: chain.network.addressPrefixes, secp256k1 };

  const materialOf = async (
    descriptors: readonly JsonValue[],
    keys: "public" | "private",
    signal: AbortSignal,
  ): Promise<SigningMaterial> => {
    const all = new SigningMaterial();
    for (const one of descriptors)
      all.merge((await scanObjectParam(one, context, () => signal.aborted, keys)).material);
    return all;
  };

  /** With the transaction that is spent from, where mempool or index has it, else with the output where it is a witness's. */
  const withSpent = async (input: PsbtInput, material: SigningMaterial): Promise<PsbtInput> => {
    if (input.nonWitnessUtxo !== undefined) return input;
    const { previousOutput } = input;
    const { txid } = previousOutput;
    const unconfirmed = mempool.get(txid)?.tx;
    const nonWitnessUtxo = (await indexes.transactions?.find(txid))?.tx ?? unconfirmed;
    if (nonWitnessUtxo !== undefined) return { ...input, nonWitnessUtxo };
    const witnessUtxo = (await chain.coins.get(previousOutput))?.output;
    if (witnessUtxo === undefined || !spendsWitness(witnessUtxo.scriptPubKey, material)) return input;
    return { ...input, witnessUtxo };
  };

  const processed = async (text: string, material: SigningMaterial, options: FillOptions): Promise<Psbt> => {
    const psbt = checkablePsbtParam(text, secp256k1);
    await indexes.transactions?.waitUntilCurrent();
    const inputs: PsbtInput[] = [];
    for (const input of psbt.inputs) inputs.push(await withSpent(input, material));
    const filled = fillPsbt({ ...psbt, inputs }, sameMaterial(material), options, secp256k1);
    if (filled.error === undefined) return filled.psbt;
    throw fillRefused(filled.error);
  };

  return {
    utxoupdatepsbt: async ({ psbt, descriptors }, { signal }) => {
      const material = await materialOf(descriptors ?? [], "public", signal);
      return psbtToBase64(await processed(psbt, material, { sign: false, finalize: false }));
    },

    descriptorprocesspsbt: async ({ psbt, descriptors, sighashtype, bip32derivs, finalize }, { signal }) => {
      const material = await materialOf(descriptors, "private", signal);
      const sighashType = sighashtype === undefined ? undefined : hashTypeParam(sighashtype);
      const done = await processed(psbt, material, { sighashType, bip32Derivs: bip32derivs, finalize });
      const complete = done.inputs.every(isFinalInput);
      const tx = complete ? extractTransaction(done, secp256k1) : undefined;
      return { psbt: psbtToBase64(done), complete, hex: tx && hexOf(tx.bytes) };
    },
  } satisfies Partial<RpcHandlers>;
}

/** Whether an output is spent by a witness, as far as its script, and the one behind it, tell. */
function spendsWitness(scriptPubKey: Uint8Array, material: SigningMaterial): boolean {
  if (isWitnessProgram(scriptPubKey)) return true;
  const template = templateOf(scriptPubKey);
  const redeemScript = template.type === "scripthash" ? material.scripts.get(toHex(template.hash)) : undefined;
  return redeemScript !== undefined && isWitnessProgram(redeemScript);
}
