import { equalBytes } from "@bitfleet/protocol/bytes/bytes.ts";
import { Modifiable, mergedEntries, type Psbt, type PsbtInput, type PsbtOutput } from "./psbt.ts";
import { uniqueIdOf } from "./unsigned-transaction.ts";

/**
 * The combiner (BIP174): all that PSBTs of one transaction say; where they contradict each other the first is right.
 * `undefined` where they are of several transactions or of both versions.
 */
export function combinePsbts(psbts: readonly [Psbt, ...Psbt[]]): Psbt | undefined {
  const [first, ...others] = psbts;
  let combined: Psbt | undefined = first;
  for (const other of others) combined = combined && combineTwo(combined, other);
  return combined;
}

function combineTwo(a: Psbt, b: Psbt): Psbt | undefined {
  const id = uniqueIdOf(a);
  const otherId = uniqueIdOf(b);
  if (id === undefined || otherId === undefined || !equalBytes(id, otherId) || a.version !== b.version)
    return undefined;
  return {
    ...a,
    inputs: a.inputs.map((input, index) => combineInputs(input, b.inputs[index]!)),
    outputs: a.outputs.map((output, index) => combineOutputs(output, b.outputs[index]!)),
    xpubs: mergedEntries(a.xpubs, b.xpubs),
    fallbackLockTime: a.fallbackLockTime ?? b.fallbackLockTime,
    modifiable: combineModifiable(a.modifiable, b.modifiable),
    proprietary: mergedEntries(a.proprietary, b.proprietary),
    unknown: mergedEntries(a.unknown, b.unknown),
  };
}

/** What one forbids is forbidden; a SINGLE signature that one has is there. */
function combineModifiable(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined && b === undefined) return undefined;
  const [first, second] = [a ?? 0, b ?? 0];
  return (first & second) | ((first | second) & Modifiable.HAS_SIGHASH_SINGLE);
}

function combineInputs(a: PsbtInput, b: PsbtInput): PsbtInput {
  return {
    // Of the hash type each keeps its own, as in Core.
    ...a,
    sequence: a.sequence ?? b.sequence,
    requiredTimeLock: a.requiredTimeLock ?? b.requiredTimeLock,
    requiredHeightLock: a.requiredHeightLock ?? b.requiredHeightLock,
    nonWitnessUtxo: a.nonWitnessUtxo ?? b.nonWitnessUtxo,
    witnessUtxo: a.witnessUtxo ?? b.witnessUtxo,
    partialSignatures: mergedEntries(a.partialSignatures, b.partialSignatures),
    redeemScript: a.redeemScript ?? b.redeemScript,
    witnessScript: a.witnessScript ?? b.witnessScript,
    derivations: mergedEntries(a.derivations, b.derivations),
    finalScriptSig: a.finalScriptSig ?? b.finalScriptSig,
    finalWitness: a.finalWitness ?? b.finalWitness,
    preimages: {
      ripemd160: mergedEntries(a.preimages.ripemd160, b.preimages.ripemd160),
      sha256: mergedEntries(a.preimages.sha256, b.preimages.sha256),
      hash160: mergedEntries(a.preimages.hash160, b.preimages.hash160),
      hash256: mergedEntries(a.preimages.hash256, b.preimages.hash256),
    },
    taprootKeySignature: a.taprootKeySignature ?? b.taprootKeySignature,
    taprootScriptSignatures: mergedEntries(a.taprootScriptSignatures, b.taprootScriptSignatures),
    taprootScripts: mergedEntries(a.taprootScripts, b.taprootScripts),
    taprootDerivations: mergedEntries(a.taprootDerivations, b.taprootDerivations),
    taprootInternalKey: a.taprootInternalKey ?? b.taprootInternalKey,
    taprootMerkleRoot: a.taprootMerkleRoot ?? b.taprootMerkleRoot,
    musigParticipants: mergedEntries(a.musigParticipants, b.musigParticipants),
    musigNonces: mergedEntries(a.musigNonces, b.musigNonces),
    musigPartialSignatures: mergedEntries(a.musigPartialSignatures, b.musigPartialSignatures),
    proprietary: mergedEntries(a.proprietary, b.proprietary),
    unknown: mergedEntries(a.unknown, b.unknown),
  };
}

function combineOutputs(a: PsbtOutput, b: PsbtOutput): PsbtOutput {
  return {
    ...a,
    redeemScript: a.redeemScript ?? b.redeemScript,
    witnessScript: a.witnessScript ?? b.witnessScript,
    derivations: mergedEntries(a.derivations, b.derivations),
    taprootInternalKey: a.taprootInternalKey ?? b.taprootInternalKey,
    taprootTree: a.taprootTree.length > 0 ? a.taprootTree : b.taprootTree,
    taprootDerivations: mergedEntries(a.taprootDerivations, b.taprootDerivations),
    musigParticipants: mergedEntries(a.musigParticipants, b.musigParticipants),
    proprietary: mergedEntries(a.proprietary, b.proprietary),
    unknown: mergedEntries(a.unknown, b.unknown),
  };
}
