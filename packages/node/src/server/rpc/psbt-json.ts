import { amountNumber } from "@bitfleet/api/amount.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { isMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { encodeBase58Check } from "@bitfleet/protocol/script/base58.ts";
import { disassembleScript } from "@bitfleet/protocol/script/disassemble.ts";
import { outputTypeOf } from "@bitfleet/protocol/script/templates.ts";
import type { ScriptContext } from "@bitfleet/wallet/descriptors/infer-descriptor.ts";
import { formatKeyPath, type KeyOrigin } from "@bitfleet/wallet/keys/keys.ts";
import {
  type Entries,
  Modifiable,
  type Psbt,
  type PsbtInput,
  type PsbtOutput,
  type PsbtVersion,
  sortedValues,
} from "@bitfleet/wallet/psbt/psbt.ts";
import { unsignedTransactionOf } from "@bitfleet/wallet/psbt/unsigned-transaction.ts";
import type { MusigShare } from "@bitfleet/wallet/signing/signature-data.ts";
import { hashText, hexOf } from "../hex.ts";
import { outputScriptJson, transactionJson } from "../transaction-json.ts";
import { hashTypeName } from "./sighash-names.ts";

/** PSBTs in Core's JSON: same fields, same order. */

type JsonMembers = Record<string, RpcValue>;

/** What `decodepsbt` answers. */
export function psbtJson(psbt: Psbt, context: ScriptContext): JsonMembers {
  const { version, modifiable, inputs, outputs } = psbt;
  const is2 = version >= 2;
  const tx = is2 ? undefined : unsignedTransactionOf(psbt);
  return {
    tx: tx && transactionJson(tx, context),
    global_xpubs: sortedValues(psbt.xpubs).map(({ key, origin }) => ({
      xpub: encodeBase58Check(key),
      ...originJson(origin),
    })),
    ...(is2 && {
      tx_version: psbt.txVersion,
      fallback_locktime: psbt.fallbackLockTime,
      input_count: inputs.length,
      output_count: outputs.length,
    }),
    ...(modifiable !== undefined && {
      inputs_modifiable: (modifiable & Modifiable.INPUTS) !== 0,
      outputs_modifiable: (modifiable & Modifiable.OUTPUTS) !== 0,
      has_sighash_single: (modifiable & Modifiable.HAS_SIGHASH_SINGLE) !== 0,
    }),
    psbt_version: version,
    proprietary: proprietaryJson(psbt),
    unknown: unknownJson(psbt),
    inputs: inputs.map((input) => inputJson(input, version, context)),
    outputs: outputs.map((output) => outputJson(output, version, context)),
    fee: feeJson(psbt),
  };
}

/** `undefined` where something that is spent is not told, or an amount cannot be. */
function feeJson({ inputs, outputs }: Psbt): RpcValue | undefined {
  const spent = inputs.map(({ nonWitnessUtxo, previousOutput, witnessUtxo }) => {
    return nonWitnessUtxo ? nonWitnessUtxo.outputs[previousOutput.index]!.value : witnessUtxo?.value;
  });
  const totalIn = totalMoney(spent);
  const totalOut = totalMoney(outputs.map(({ value }) => value));
  return totalIn === undefined || totalOut === undefined ? undefined : amountNumber(totalIn - totalOut);
}

function totalMoney(values: readonly (bigint | undefined)[]): bigint | undefined {
  let total = 0n;
  for (const value of values) {
    if (value === undefined || !isMoney(value) || !isMoney(total + value)) return undefined;
    total += value;
  }
  return total;
}

function inputJson(input: PsbtInput, version: PsbtVersion, context: ScriptContext): JsonMembers {
  const { witnessUtxo, nonWitnessUtxo, sighashType, finalScriptSig, finalWitness, preimages } = input;
  return {
    witness_utxo: witnessUtxo && {
      amount: amountNumber(witnessUtxo.value),
      scriptPubKey: outputScriptJson(witnessUtxo.scriptPubKey, context),
    },
    non_witness_utxo: nonWitnessUtxo && transactionJson(nonWitnessUtxo, context),
    partial_signatures: membersOf(input.partialSignatures, ({ publicKey, signature }) => [
      hexOf(publicKey),
      hexOf(signature),
    ]),
    sighash: sighashType === undefined ? undefined : hashTypeName(sighashType),
    redeem_script: input.redeemScript && scriptJson(input.redeemScript),
    witness_script: input.witnessScript && scriptJson(input.witnessScript),
    bip32_derivs: derivationsJson(input),
    final_scriptSig: finalScriptSig && {
      asm: disassembleScript(finalScriptSig, { sighashTypes: true }),
      hex: hexOf(finalScriptSig),
    },
    final_scriptwitness: finalWitness?.map(hexOf),
    ripemd160_preimages: preimagesJson(preimages.ripemd160),
    sha256_preimages: preimagesJson(preimages.sha256),
    hash160_preimages: preimagesJson(preimages.hash160),
    hash256_preimages: preimagesJson(preimages.hash256),
    ...(version >= 2 && {
      previous_txid: hashText(input.previousOutput.txid),
      previous_vout: input.previousOutput.index,
      sequence: input.sequence,
      time_locktime: input.requiredTimeLock,
      height_locktime: input.requiredHeightLock,
    }),
    ...taprootInputJson(input),
    musig2_participant_pubkeys: participantsJson(input),
    musig2_pubnonces: sharesJson(input.musigNonces, "pubnonce"),
    musig2_partial_sigs: sharesJson(input.musigPartialSignatures, "partial_sig"),
    proprietary: input.proprietary.size > 0 ? proprietaryJson(input) : undefined,
    unknown: input.unknown.size > 0 ? unknownJson(input) : undefined,
  };
}

function taprootInputJson(input: PsbtInput): JsonMembers {
  return {
    taproot_key_path_sig: input.taprootKeySignature && hexOf(input.taprootKeySignature),
    taproot_script_path_sigs: listOf(input.taprootScriptSignatures, ({ xOnlyKey, leafHash, signature }) => ({
      pubkey: hexOf(xOnlyKey),
      leaf_hash: hexOf(leafHash),
      sig: hexOf(signature),
    })),
    taproot_scripts: listOf(input.taprootScripts, ({ script, leafVersion, controlBlocks }) => ({
      script: hexOf(script),
      leaf_ver: leafVersion,
      control_blocks: controlBlocks.map(hexOf),
    })),
    taproot_bip32_derivs: taprootDerivationsJson(input),
    taproot_internal_key: input.taprootInternalKey && hexOf(input.taprootInternalKey),
    taproot_merkle_root: input.taprootMerkleRoot && hexOf(input.taprootMerkleRoot),
  };
}

function outputJson(output: PsbtOutput, version: PsbtVersion, context: ScriptContext): JsonMembers {
  const { taprootTree, taprootInternalKey } = output;
  return {
    redeem_script: output.redeemScript && scriptJson(output.redeemScript),
    witness_script: output.witnessScript && scriptJson(output.witnessScript),
    bip32_derivs: derivationsJson(output),
    ...(version >= 2 && {
      amount: amountNumber(output.value),
      script: outputScriptJson(output.scriptPubKey, context),
    }),
    taproot_internal_key: taprootInternalKey && hexOf(taprootInternalKey),
    taproot_tree:
      taprootTree.length === 0
        ? undefined
        : taprootTree.map(({ depth, leafVersion, script }) => ({
            depth,
            leaf_ver: leafVersion,
            script: hexOf(script),
          })),
    taproot_bip32_derivs: taprootDerivationsJson(output),
    musig2_participant_pubkeys: participantsJson(output),
    proprietary: output.proprietary.size > 0 ? proprietaryJson(output) : undefined,
    unknown: output.unknown.size > 0 ? unknownJson(output) : undefined,
  };
}

function scriptJson(script: Uint8Array): RpcValue {
  return { asm: disassembleScript(script), hex: hexOf(script), type: outputTypeOf(script) };
}

function originJson({ fingerprint, path }: KeyOrigin): JsonMembers {
  return { master_fingerprint: hexOf(fingerprint), path: `m${formatKeyPath(path)}` };
}

function derivationsJson({ derivations }: Pick<PsbtInput, "derivations">): RpcValue | undefined {
  return listOf(derivations, ({ publicKey, origin }) => ({ pubkey: hexOf(publicKey), ...originJson(origin) }));
}

function taprootDerivationsJson({ taprootDerivations }: Pick<PsbtInput, "taprootDerivations">): RpcValue | undefined {
  return listOf(taprootDerivations, ({ xOnlyKey, leafHashes, origin }) => ({
    pubkey: hexOf(xOnlyKey),
    ...originJson(origin),
    leaf_hashes: leafHashes.map(hexOf),
  }));
}

function participantsJson({ musigParticipants }: Pick<PsbtInput, "musigParticipants">): RpcValue | undefined {
  return listOf(musigParticipants, ({ aggregateKey, participants }) => ({
    aggregate_pubkey: hexOf(aggregateKey),
    participant_pubkeys: participants.map(hexOf),
  }));
}

function sharesJson(shares: Entries<MusigShare>, name: "pubnonce" | "partial_sig"): RpcValue | undefined {
  return listOf(shares, ({ participant, aggregateKey, leafHash, value }) => ({
    participant_pubkey: hexOf(participant),
    aggregate_pubkey: hexOf(aggregateKey),
    leaf_hash: leafHash && hexOf(leafHash),
    [name]: hexOf(value),
  }));
}

function preimagesJson(preimages: Entries<Uint8Array>): RpcValue | undefined {
  if (preimages.size === 0) return undefined;
  return Object.fromEntries([...preimages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([hash, of]) => [hash, hexOf(of)]));
}

function proprietaryJson({ proprietary }: Pick<Psbt, "proprietary">): RpcValue {
  return sortedValues(proprietary).map(({ identifier, subtype, key, value }) => ({
    identifier: hexOf(identifier),
    subtype,
    key: hexOf(key),
    value: hexOf(value),
  }));
}

function unknownJson({ unknown }: Pick<Psbt, "unknown">): RpcValue {
  return Object.fromEntries(sortedValues(unknown).map(({ key, value }) => [hexOf(key), hexOf(value)]));
}

/** `undefined` for none. */
function listOf<Value>(entries: Entries<Value>, json: (value: Value) => RpcValue): RpcValue | undefined {
  return entries.size === 0 ? undefined : sortedValues(entries).map(json);
}

/** `undefined` for none. */
function membersOf<Value>(
  entries: Entries<Value>,
  member: (value: Value) => readonly [name: string, text: string],
): RpcValue | undefined {
  return entries.size === 0 ? undefined : Object.fromEntries(sortedValues(entries).map(member));
}
