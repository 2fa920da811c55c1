import { concatBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { TAPSCRIPT_LEAF_VERSION } from "@bitfleet/protocol/script/taproot.ts";
import { keyIdOf } from "../keys/keys.ts";
import { addLeafScript, emptySignatureData, type LeafKey, type SignatureData } from "../signing/signature-data.ts";
import { isFinalInput } from "./codec.ts";
import { leafScriptName, withControlBlock } from "./input-keys.ts";
import {
  type Entries,
  type KeyDerivation,
  type MusigParticipants,
  mergedEntries,
  type PsbtInput,
  type PsbtOutput,
  sortedValues,
  type TaprootDerivation,
  type TaprootLeafScript,
} from "./psbt.ts";
import { leavesOfTree } from "./taproot-leaves.ts";

/** What a PSBT says of how to spend, as the signing code takes it, and back. */

/** What an input knows; of a final one its script and witness alone. */
export function signatureDataOfInput(input: PsbtInput): SignatureData {
  const data = emptySignatureData();
  if (isFinalInput(input)) {
    data.scriptSig = input.finalScriptSig ?? data.scriptSig;
    data.witness = input.finalWitness ?? [];
    data.isComplete = true;
    return data;
  }
  for (const [id, signature] of input.partialSignatures) data.signatures.set(id, signature);
  addCommonFields(data, input);
  const { taproot } = data;
  taproot.keySignature = input.taprootKeySignature;
  for (const [id, { xOnlyKey, leafHash, signature }] of input.taprootScriptSignatures) {
    taproot.scriptSignatures.set(id, { key: xOnlyKey, leafHash, signature });
  }
  taproot.internalKey = input.taprootInternalKey;
  taproot.merkleRoot = input.taprootMerkleRoot;
  for (const [name, nonce] of input.musigNonces) taproot.musigNonces.set(name, nonce);
  for (const [name, part] of input.musigPartialSignatures) taproot.musigPartialSignatures.set(name, part);
  for (const { script, leafVersion, controlBlocks } of input.taprootScripts.values()) {
    for (const block of controlBlocks) addLeafScript(taproot, script, leafVersion, block);
  }
  for (const hash of PREIMAGE_HASHES) {
    for (const [name, preimage] of input.preimages[hash]) data.preimages[hash].set(name, preimage);
  }
  return data;
}

const PREIMAGE_HASHES = ["ripemd160", "sha256", "hash160", "hash256"] as const;

/** What an output knows of how it can be spent. */
export function signatureDataOfOutput(output: PsbtOutput): SignatureData {
  const data = emptySignatureData();
  addCommonFields(data, output);
  data.taproot.internalKey = output.taprootTree.length === 0 ? undefined : output.taprootInternalKey;
  return data;
}

type CommonFields = Pick<
  PsbtInput & PsbtOutput,
  "redeemScript" | "witnessScript" | "derivations" | "taprootDerivations" | "musigParticipants"
>;

function addCommonFields(data: SignatureData, fields: CommonFields): void {
  data.redeemScript = fields.redeemScript;
  data.witnessScript = fields.witnessScript;
  for (const derivation of fields.derivations.values()) data.keys.set(keyIdOf(derivation.publicKey), derivation);
  const { taproot } = data;
  for (const [id, { xOnlyKey, leafHashes, origin }] of fields.taprootDerivations) {
    taproot.keys.set(id, { key: xOnlyKey, leafHashes: new Map(leafHashes.map((hash) => [toHex(hash), hash])), origin });
  }
  for (const [id, { participants }] of fields.musigParticipants) taproot.musigParticipants.set(id, participants);
}

/**
 * An input with what signing found: of a complete one the final script and witness, and what it took to make them is gone;
 * of another one all that was added. What an input says already stays as it is.
 */
export function inputWithSignatureData(input: PsbtInput, data: SignatureData): PsbtInput {
  if (data.isComplete) {
    return {
      ...input,
      partialSignatures: new Map(),
      derivations: new Map(),
      redeemScript: undefined,
      witnessScript: undefined,
      finalScriptSig: data.scriptSig.length > 0 ? data.scriptSig : input.finalScriptSig,
      finalWitness: data.witness.length > 0 ? data.witness : input.finalWitness,
    };
  }
  const { taproot, preimages } = data;
  const scriptSignatures = [...taproot.scriptSignatures].map(
    ([id, { key, leafHash, signature }]) => [id, { xOnlyKey: key, leafHash, signature }] as const,
  );
  return {
    ...input,
    ...commonFields(input, data),
    partialSignatures: mergedEntries(input.partialSignatures, data.signatures),
    taprootKeySignature: taproot.keySignature ?? input.taprootKeySignature,
    taprootScriptSignatures: mergedEntries(input.taprootScriptSignatures, new Map(scriptSignatures)),
    taprootInternalKey: taproot.internalKey ?? input.taprootInternalKey,
    taprootMerkleRoot: taproot.merkleRoot ?? input.taprootMerkleRoot,
    taprootScripts: mergedEntries(input.taprootScripts, leafScriptsOf(data)),
    musigNonces: mergedEntries(input.musigNonces, taproot.musigNonces),
    musigPartialSignatures: mergedEntries(input.musigPartialSignatures, taproot.musigPartialSignatures),
    preimages: {
      ripemd160: mergedEntries(input.preimages.ripemd160, preimages.ripemd160),
      sha256: mergedEntries(input.preimages.sha256, preimages.sha256),
      hash160: mergedEntries(input.preimages.hash160, preimages.hash160),
      hash256: mergedEntries(input.preimages.hash256, preimages.hash256),
    },
  };
}

/** An output with what was found of how it can be spent. */
export function outputWithSignatureData(
  output: PsbtOutput,
  data: SignatureData,
  secp256k1: Pick<Secp256k1, "isPublicKey">,
): PsbtOutput {
  return {
    ...output,
    ...commonFields(output, data),
    taprootInternalKey: data.taproot.internalKey ?? output.taprootInternalKey,
    taprootTree: treeOfOutput(output, data, secp256k1),
  };
}

/** The leaves from right to left, as Core's builder of trees hands them out, also those that it was given in a PSBT. */
function treeOfOutput(
  { taprootTree, taprootInternalKey }: PsbtOutput,
  { taproot }: SignatureData,
  secp256k1: Pick<Secp256k1, "isPublicKey">,
): PsbtOutput["taprootTree"] {
  if (taproot.tree !== undefined) return leavesOfTree(taproot.tree, TAPSCRIPT_LEAF_VERSION).toReversed();
  const isKnown = taprootInternalKey && secp256k1.isPublicKey(concatBytes(Uint8Array.of(2), taprootInternalKey));
  return isKnown ? taprootTree.toReversed() : taprootTree;
}

function commonFields(known: CommonFields, data: SignatureData): CommonFields {
  const { keys, musigParticipants } = data.taproot;
  return {
    redeemScript: known.redeemScript ?? nonEmpty(data.redeemScript),
    witnessScript: known.witnessScript ?? nonEmpty(data.witnessScript),
    derivations: mergedEntries(known.derivations, derivationsOf(data)),
    taprootDerivations: mergedEntries(known.taprootDerivations, taprootDerivationsOf(keys)),
    musigParticipants: mergedEntries(known.musigParticipants, participantsOf(musigParticipants)),
  };
}

const nonEmpty = (script: Uint8Array | undefined) => (script?.length ? script : undefined);

function derivationsOf({ keys }: SignatureData): Entries<KeyDerivation> {
  return new Map([...keys.values()].map((derivation) => [toHex(derivation.publicKey), derivation]));
}

function taprootDerivationsOf(keys: ReadonlyMap<string, LeafKey>): Entries<TaprootDerivation> {
  const derivations = [...keys].map(([id, { key, leafHashes, origin }]) => {
    return [id, { xOnlyKey: key, leafHashes: sortedValues(leafHashes), origin }] as const;
  });
  return new Map(derivations);
}

function participantsOf(known: ReadonlyMap<string, readonly Uint8Array[]>): Entries<MusigParticipants> {
  const entries = [...known].map(([id, participants]) => [id, { aggregateKey: fromHex(id), participants }] as const);
  return new Map(entries);
}

function leafScriptsOf({ taproot: { leaves } }: SignatureData): Entries<TaprootLeafScript> {
  const scripts = [...leaves.values()].map(({ script, leafVersion, controlBlocks }) => {
    const blocks = [...controlBlocks.values()].reduce<readonly Uint8Array[]>(withControlBlock, []);
    return [leafScriptName(script, leafVersion), { script, leafVersion, controlBlocks: blocks }] as const;
  });
  return new Map(scripts);
}
