import { compareBytes, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { TAPSCRIPT_LEAF_VERSION, tapLeafHash } from "@bitfleet/protocol/script/taproot.ts";
import { satisfyTapscript } from "./miniscript-solver.ts";
import { addLeafKey, addLeafScript, type LeafScript } from "./signature-data.ts";
import type { SignatureSources } from "./signature-sources.ts";

/**
 * The witness that spends a taproot output: by its internal key, else by the output key as it is, else by the script that
 * takes the smallest witness. `undefined` where signatures are wanting; those that could be made are in the sources'
 * data then, as is all that their material knows of the output.
 */
export function solveTaproot(outputKey: Uint8Array, sources: SignatureSources): readonly Uint8Array[] | undefined {
  gather(outputKey, sources);
  const keySignature = signKeyPath(outputKey, sources);
  if (keySignature !== undefined) return [keySignature];
  let smallest: readonly Uint8Array[] | undefined;
  for (const leaf of inOrder(sources.data.taproot.leaves.values())) {
    const items = satisfyLeaf(leaf, sources);
    if (items === undefined) continue;
    const witness = [...items, leaf.script, shortestFirst(leaf)];
    if (smallest === undefined || sizeOf(witness) < sizeOf(smallest)) smallest = witness;
  }
  return smallest;
}

function gather(outputKey: Uint8Array, { data: { taproot }, material }: SignatureSources): void {
  const output = material.taprootOutputs.get(toHex(outputKey));
  if (output !== undefined) {
    taproot.internalKey ??= output.internalKey;
    taproot.merkleRoot ??= output.merkleRoot;
    taproot.tree = output.tree;
    for (const { script, controlBlock } of output.leaves) {
      addLeafScript(taproot, script, TAPSCRIPT_LEAF_VERSION, controlBlock);
    }
  }
  for (const [aggregate, keys] of material.musigParticipants) taproot.musigParticipants.set(aggregate, keys);
  for (const key of [taproot.internalKey, outputKey]) {
    const origin = key && material.originOfXOnly(key);
    if (key && origin) addLeafKey(taproot, key, origin);
  }
}

function signKeyPath(outputKey: Uint8Array, { data: { taproot }, maker }: SignatureSources): Uint8Array | undefined {
  const { internalKey, merkleRoot } = taproot;
  taproot.keySignature ??=
    (internalKey && maker.signSchnorr(internalKey, { path: "internal-key", merkleRoot })) ??
    maker.signSchnorr(outputKey, { path: "key" });
  return taproot.keySignature;
}

function satisfyLeaf(
  { script, leafVersion }: LeafScript,
  sources: SignatureSources,
): readonly Uint8Array[] | undefined {
  if (leafVersion !== TAPSCRIPT_LEAF_VERSION) return undefined;
  return satisfyTapscript(script, tapLeafHash(leafVersion, script), sources);
}

/** By the scripts' bytes: of witnesses of one size the first is taken. */
function inOrder(leaves: Iterable<LeafScript>): readonly LeafScript[] {
  return [...leaves].sort((a, b) => compareBytes(a.script, b.script) || a.leafVersion - b.leafVersion);
}

function shortestFirst({ controlBlocks }: LeafScript): Uint8Array {
  return [...controlBlocks.values()].sort((a, b) => a.length - b.length || compareBytes(a, b))[0]!;
}

const sizeOf = (witness: readonly Uint8Array[]) => witness.reduce((sum, { length }) => sum + length + 1, 0);
