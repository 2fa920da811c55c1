import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeTransaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { TAPSCRIPT_LEAF_VERSION, tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { expect, test } from "vitest";
import { signTransaction } from "./signer.ts";
import { SigningMaterial } from "./signing-material.ts";
import { isBranch, mapTree, type Tree, taprootOutput } from "./taproot-tree.ts";

interface Leaf {
  readonly script: string;
  readonly leafVersion: number;
}

interface Vectors {
  readonly scriptPubKey: readonly {
    readonly given: { readonly internalPubkey: string; readonly scriptTree: Tree<Leaf> | null };
    readonly intermediary: { readonly merkleRoot: string | null; readonly tweakedPubkey: string };
    readonly expected: { readonly scriptPathControlBlocks?: readonly string[] };
  }[];
  readonly keyPathSpending: readonly {
    readonly given: {
      readonly rawUnsignedTx: string;
      readonly utxosSpent: readonly { readonly scriptPubKey: string; readonly amountSats: number }[];
    };
    readonly inputSpending: readonly {
      readonly given: {
        readonly txinIndex: number;
        readonly internalPrivkey: string;
        readonly merkleRoot: string | null;
        readonly hashType: number;
      };
      readonly expected: { readonly witness: readonly string[] };
    }[];
  }[];
}

const isTapscriptOnly = (tree: Tree<Leaf>): boolean =>
  isBranch(tree) ? tree.every(isTapscriptOnly) : tree.leafVersion === TAPSCRIPT_LEAF_VERSION;

describeVectors<Vectors>(
  "core/bip341_wallet_vectors.json",
  ({ scriptPubKey, keyPathSpending }) =>
    `core/bip341_wallet_vectors.json, ${scriptPubKey.length} outputs, ${keyPathSpending.length} transactions`,
  ({ scriptPubKey, keyPathSpending }) => {
    for (const [index, { given, intermediary, expected }] of scriptPubKey.entries()) {
      const { scriptTree } = given;
      // Leaves of other versions have no meaning yet, and no descriptor.
      test.skipIf(scriptTree !== null && !isTapscriptOnly(scriptTree))(`output ${index}`, () => {
        const tree = scriptTree === null ? undefined : mapTree(scriptTree, (leaf) => fromHex(leaf.script));
        const output = taprootOutput(fromHex(given.internalPubkey), tree, portableSecp256k1)!;
        expect(toHex(output.outputKey)).toBe(intermediary.tweakedPubkey);
        expect(output.merkleRoot && toHex(output.merkleRoot)).toBe(intermediary.merkleRoot ?? undefined);
        expect(output.leaves.map(({ controlBlock }) => toHex(controlBlock))).toEqual(
          expected.scriptPathControlBlocks ?? [],
        );
      });
    }

    for (const { given, inputSpending } of keyPathSpending) {
      const tx = decodeTransaction(new Reader(fromHex(given.rawUnsignedTx)));
      const spent = given.utxosSpent.map(({ scriptPubKey, amountSats }) => ({
        scriptPubKey: fromHex(scriptPubKey),
        value: BigInt(amountSats),
      }));
      test.each(inputSpending.map((one) => [one.given.txinIndex, one] as const))("input %i, key path", (index, one) => {
        const { hashType, internalPrivkey, merkleRoot } = one.given;
        const material = new SigningMaterial();
        const privateKey = fromHex(internalPrivkey);
        material.addPrivateKey({ privateKey, compressed: true }, portableSecp256k1);
        const internalKey = portableSecp256k1.publicKeyOf(privateKey, true).subarray(1);
        const root = merkleRoot === null ? undefined : fromHex(merkleRoot);
        const { x: outputKey } = portableSecp256k1.tweakXOnly(internalKey, tapTweakHash(internalKey, root))!;
        const known = { internalKey, outputKey, merkleRoot: root, tree: undefined, leaves: [] };
        material.taprootOutputs.set(toHex(outputKey), known);
        const { transaction, errors } = signTransaction(tx, spent, hashType, material, portableSecp256k1);
        expect(transaction.inputs[index]!.witness.map(toHex)).toEqual(one.expected.witness);
        expect(errors.has(index)).toBe(false);
      });
    }
  },
);
