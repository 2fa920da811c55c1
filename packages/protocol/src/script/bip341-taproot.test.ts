import { describe, expect, test } from "vitest";
import { equalBytes, fromHex, toHex } from "../bytes/bytes.ts";
import { Reader } from "../bytes/cursor.ts";
import { sha256, taggedHash } from "../crypto/hash.ts";
import { portableSecp256k1 } from "../crypto/portable-secp256k1.ts";
import { decodeTransaction, Transaction } from "../primitives/transaction.ts";
import type { Txid } from "../primitives/types.ts";
import { encodeAddress } from "./address.ts";
import { ALL_SCRIPT_FLAGS } from "./flags.ts";
import { NO_CODE_SEPARATOR } from "./machine.ts";
import { SighashCache } from "./sighash.ts";
import { taprootSighash } from "./sighash-taproot.ts";
import {
  isControlBlockSize,
  LEAF_VERSION_MASK,
  tapBranchHash,
  tapLeafHash,
  taprootMerkleRoot,
  tapTweakHash,
} from "./taproot.ts";
import { payToTaproot } from "./templates.ts";
import { describeVectors, seededRandom, withFlippedBit } from "./test-kit.ts";
import { verifyInput } from "./verify.ts";

interface Leaf {
  readonly id: number;
  readonly script: string;
  readonly leafVersion: number;
}
type Tree = Leaf | readonly [Tree, Tree] | null;

interface Vectors {
  readonly scriptPubKey: readonly {
    readonly given: { readonly internalPubkey: string; readonly scriptTree: Tree };
    readonly intermediary: {
      readonly leafHashes?: readonly string[];
      readonly merkleRoot: string | null;
      readonly tweak: string;
      readonly tweakedPubkey: string;
    };
    readonly expected: {
      readonly scriptPubKey: string;
      readonly bip350Address: string;
      readonly scriptPathControlBlocks?: readonly string[];
    };
  }[];
  readonly keyPathSpending: readonly {
    readonly given: {
      readonly rawUnsignedTx: string;
      readonly utxosSpent: readonly { readonly scriptPubKey: string; readonly amountSats: number }[];
    };
    readonly intermediary: Readonly<Record<string, string>>;
    readonly inputSpending: readonly {
      readonly given: {
        readonly txinIndex: number;
        readonly internalPrivkey: string;
        readonly merkleRoot: string | null;
        readonly hashType: number;
      };
      readonly intermediary: {
        readonly internalPubkey: string;
        readonly tweak: string;
        readonly tweakedPrivkey: string;
        readonly sigHash: string;
      };
      readonly expected: { readonly witness: readonly string[] };
    }[];
    readonly auxiliary: { readonly fullySignedTx: string };
  }[];
}

const MAINNET = {
  pubKeyHash: 0,
  scriptHash: 5,
  privateKey: 128,
  extPublicKey: 0x0488b21e,
  extPrivateKey: 0x0488ade4,
  bech32: "bc",
};

function leavesOf(tree: Tree): Leaf[] {
  if (tree === null) return [];
  return "id" in tree ? [tree] : [...leavesOf(tree[0]), ...leavesOf(tree[1])];
}

function rootOf(tree: Tree): Uint8Array | undefined {
  if (tree === null) return undefined;
  if ("id" in tree) return tapLeafHash(tree.leafVersion, fromHex(tree.script));
  return tapBranchHash(rootOf(tree[0])!, rootOf(tree[1])!);
}

describeVectors<Vectors>(
  "core/bip341_wallet_vectors.json",
  ({ scriptPubKey, keyPathSpending }) =>
    `BIP341 wallet vectors: ${scriptPubKey.length} outputs, ` +
    `${keyPathSpending.flatMap((one) => one.inputSpending).length} key path inputs`,
  ({ scriptPubKey, keyPathSpending }) => {
    for (const { given, intermediary, expected } of scriptPubKey) {
      const internalKey = fromHex(given.internalPubkey);
      const leaves = leavesOf(given.scriptTree).sort((a, b) => a.id - b.id);
      test(`output of ${leaves.length} scripts: ${expected.bip350Address}`, () => {
        const root = rootOf(given.scriptTree);
        expect(root && toHex(root)).toBe(intermediary.merkleRoot ?? undefined);
        const tweak = tapTweakHash(internalKey, root);
        expect(toHex(tweak)).toBe(intermediary.tweak);
        const output = portableSecp256k1.tweakXOnly(internalKey, tweak)!;
        expect(toHex(output.x)).toBe(intermediary.tweakedPubkey);
        expect(toHex(payToTaproot(output.x))).toBe(expected.scriptPubKey);
        expect(encodeAddress(payToTaproot(output.x), MAINNET)).toBe(expected.bip350Address);
        expect(portableSecp256k1.verifyXOnlyTweak(output.x, output.parity, internalKey, tweak)).toBe(true);
        expect(portableSecp256k1.verifyXOnlyTweak(output.x, output.parity ? 0 : 1, internalKey, tweak)).toBe(false);
      });

      (expected.scriptPathControlBlocks ?? []).forEach((hex, index) => {
        test(`control block of script ${index} of ${expected.bip350Address}`, () => {
          const leaf = leaves[index]!;
          const controlBlock = fromHex(hex);
          const leafHash = tapLeafHash(leaf.leafVersion, fromHex(leaf.script));
          expect(toHex(leafHash)).toBe(intermediary.leafHashes![index]);
          expect(isControlBlockSize(controlBlock.length)).toBe(true);
          expect(controlBlock[0]! & LEAF_VERSION_MASK).toBe(leaf.leafVersion);
          expect(toHex(taprootMerkleRoot(controlBlock, leafHash))).toBe(intermediary.merkleRoot);
        });
      });
    }

    for (const { given, intermediary, inputSpending, auxiliary } of keyPathSpending) {
      const spentOutputs = given.utxosSpent.map((output) => ({
        value: BigInt(output.amountSats),
        scriptPubKey: fromHex(output.scriptPubKey),
      }));
      const tx = decodeTransaction(new Reader(fromHex(given.rawUnsignedTx)));
      const cache = new SighashCache(tx, spentOutputs);

      test("digests that inputs share", () => {
        expect(toHex(cache.spentAmountsSha256!)).toBe(intermediary.hashAmounts);
        expect(toHex(cache.outputsSha256)).toBe(intermediary.hashOutputs);
        expect(toHex(cache.prevoutsSha256)).toBe(intermediary.hashPrevouts);
        expect(toHex(cache.spentScriptsSha256!)).toBe(intermediary.hashScriptPubkeys);
        expect(toHex(cache.sequencesSha256)).toBe(intermediary.hashSequences);
      });

      for (const { given: input, intermediary: steps, expected } of inputSpending) {
        test(`input ${input.txinIndex}, hash type ${input.hashType}`, () => {
          const context = { annexHash: undefined, leafHash: undefined, codeSeparatorPosition: NO_CODE_SEPARATOR };
          const sighash = taprootSighash(cache, input.txinIndex, input.hashType, context)!;
          expect(toHex(sighash)).toBe(steps.sigHash);
          const privateKey = fromHex(input.internalPrivkey);
          const internalKey = portableSecp256k1.publicKeyOf(privateKey, true).subarray(1);
          expect(toHex(internalKey)).toBe(steps.internalPubkey);
          const tweak = tapTweakHash(internalKey, input.merkleRoot === null ? undefined : fromHex(input.merkleRoot));
          expect(toHex(tweak)).toBe(steps.tweak);
          const tweaked = portableSecp256k1.tweakPrivateKey(privateKey, tweak)!;
          expect(toHex(tweaked)).toBe(steps.tweakedPrivkey);
          const signature = portableSecp256k1.signSchnorr(sighash, tweaked, new Uint8Array(32));
          const hashTypeByte = input.hashType === 0 ? "" : input.hashType.toString(16).padStart(2, "0");
          expect(toHex(signature) + hashTypeByte).toBe(expected.witness[0]);
        });
      }

      const signed = decodeTransaction(new Reader(fromHex(auxiliary.fullySignedTx)));
      test(`the signed transaction: ${signed.inputs.length} inputs pass`, () => {
        const shared = new SighashCache(signed, spentOutputs);
        signed.inputs.forEach((_, index) => {
          expect(verifyInput(signed, index, shared, ALL_SCRIPT_FLAGS, portableSecp256k1)).toBeUndefined();
        });
      });

      test("a flipped bit in signature, amount or script of any input is refused by whoever signed it", () => {
        const random = seededRandom(341);
        const taprootInputs = inputSpending.map((one) => one.given);
        for (const { txinIndex, hashType } of taprootInputs) {
          const signature = signed.inputs[txinIndex]!.witness[0]!;
          const flipped = withFlippedBit(signature, random(64), random(8));
          const inputs = signed.inputs.map((one, at) => (at === txinIndex ? { ...one, witness: [flipped] } : one));
          const other = new Transaction({ ...signed, inputs });
          expect(
            verifyInput(other, txinIndex, new SighashCache(other, spentOutputs), ALL_SCRIPT_FLAGS, portableSecp256k1),
          ).toBe("SCHNORR_SIG");
          const isAnyoneCanPay = (hashType & 0x80) !== 0;
          spentOutputs.forEach((_, changed) => {
            const outputs = spentOutputs.map((output, at) =>
              at === changed ? { ...output, value: output.value + 1n } : output,
            );
            const error = verifyInput(
              signed,
              txinIndex,
              new SighashCache(signed, outputs),
              ALL_SCRIPT_FLAGS,
              portableSecp256k1,
            );
            expect(error).toBe(isAnyoneCanPay && changed !== txinIndex ? undefined : "SCHNORR_SIG");
          });
        }
      });
    }
  },
);

describe("BIP341 sizes", () => {
  test("a control block has 33 bytes and 0 to 128 nodes", () => {
    for (const size of [33, 65, 33 + 32 * 128]) expect(isControlBlockSize(size)).toBe(true);
    for (const size of [0, 32, 34, 64, 33 + 32 * 129, 33 + 32 * 128 + 1]) expect(isControlBlockSize(size)).toBe(false);
  });

  test("branches hash alike whichever is left", () => {
    const a = new Uint8Array(32).fill(1);
    const b = new Uint8Array(32).fill(2);
    expect(equalBytes(tapBranchHash(a, b), tapBranchHash(b, a))).toBe(true);
    expect(equalBytes(tapBranchHash(a, b), tapBranchHash(a, a))).toBe(false);
  });
});

describe("BIP341 message, put together by hand", () => {
  const inputs = [1, 2].map((byte) => ({
    previousOutput: { txid: new Uint8Array(32).fill(byte) as Txid, index: byte },
    scriptSig: new Uint8Array(),
    sequence: 0x01020300 + byte,
    witness: [],
  }));
  const output = { value: 0x0102n, scriptPubKey: fromHex("51") };
  const tx = new Transaction({ version: 2, inputs, outputs: [output], lockTime: 0x0a0b });
  const cache = new SighashCache(tx, [
    { value: 3n, scriptPubKey: fromHex("5152") },
    { value: 4n, scriptPubKey: fromHex("53") },
  ]);
  const none = { annexHash: undefined, leafHash: undefined, codeSeparatorPosition: NO_CODE_SEPARATOR };
  const annexHash = new Uint8Array(32).fill(0xaa);
  const leafHash = new Uint8Array(32).fill(0xbb);

  const hashed = (hex: string) => toHex(sha256(fromHex(hex)));
  const outPoints = [`${"01".repeat(32)}01000000`, `${"02".repeat(32)}02000000`];
  const encodedOutput = "02010000000000000151";
  const start = (hashType: string) => `00${hashType}020000000b0a0000`;
  const allInputs =
    hashed(outPoints.join("")) +
    hashed("03000000000000000400000000000000") +
    hashed("0251520153") +
    hashed("0103020102030201");
  const alone = `${outPoints[0]}030000000000000002515201030201`;
  const message = (hex: string) => toHex(taggedHash("TapSighash", fromHex(hex)));
  const sighash = (inputIndex: number, hashType: number, context: Parameters<typeof taprootSighash>[3]) => {
    const hash = taprootSighash(cache, inputIndex, hashType, context);
    return hash && toHex(hash);
  };

  test("by key, DEFAULT and ALL", () => {
    expect(sighash(1, 0, none)).toBe(message(`${start("00")}${allInputs}${hashed(encodedOutput)}0001000000`));
    expect(sighash(1, 1, none)).toBe(message(`${start("01")}${allInputs}${hashed(encodedOutput)}0001000000`));
  });

  test("with annex", () => {
    const expected = `${start("00")}${allInputs}${hashed(encodedOutput)}0100000000${toHex(annexHash)}`;
    expect(sighash(0, 0, { ...none, annexHash })).toBe(message(expected));
  });

  test("NONE, SINGLE and ANYONECANPAY", () => {
    expect(sighash(0, 2, none)).toBe(message(`${start("02")}${allInputs}0000000000`));
    expect(sighash(0, 3, none)).toBe(message(`${start("03")}${allInputs}0000000000${hashed(encodedOutput)}`));
    expect(sighash(0, 0x81, none)).toBe(message(`${start("81")}${hashed(encodedOutput)}00${alone}`));
    expect(sighash(0, 0x83, { ...none, annexHash })).toBe(
      message(`${start("83")}01${alone}${toHex(annexHash)}${hashed(encodedOutput)}`),
    );
  });

  test("by script, with and without annex", () => {
    const extension = `${toHex(leafHash)}0007000000`;
    const context = { annexHash: undefined, leafHash, codeSeparatorPosition: 7 };
    const shared = `${start("00")}${allInputs}${hashed(encodedOutput)}`;
    expect(sighash(0, 0, context)).toBe(message(`${shared}0200000000${extension}`));
    expect(sighash(0, 0, { ...context, annexHash })).toBe(
      message(`${shared}0300000000${toHex(annexHash)}${extension}`),
    );
  });

  test("is none for unknown hash types, SINGLE without its output, and unknown spent outputs", () => {
    for (const hashType of [4, 0x80, 0x84, 0xff]) expect(sighash(0, hashType, none)).toBeUndefined();
    expect(sighash(1, 3, none)).toBeUndefined();
    expect(sighash(1, 0x83, none)).toBeUndefined();
    expect(sighash(1, 2, none)).toBeDefined();
    expect(taprootSighash(new SighashCache(tx, [cache.spentOutputs[0], undefined]), 0, 0, none)).toBeUndefined();
    expect(taprootSighash(new SighashCache(tx, []), 0, 0, none)).toBeUndefined();
  });
});
