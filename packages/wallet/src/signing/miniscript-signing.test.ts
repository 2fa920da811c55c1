import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { compactSizeLength } from "@bitfleet/protocol/bytes/cursor.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160, ripemd160, sha256, sha256d } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { describe, expect, test } from "vitest";
import { expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { maxInputWeight } from "../descriptors/satisfaction-weight.ts";
import { keyIdOf } from "../keys/keys.ts";
import { testKeys } from "../test-kit.ts";
import { InputSigner } from "./input-signer.ts";
import { produceSignature } from "./produce-signature.ts";
import { emptySignatureData, type PreimageHash, type SignatureData } from "./signature-data.ts";
import { placeholderMaker } from "./signature-maker.ts";
import { SigningMaterial } from "./signing-material.ts";

const { addressPrefixes: prefixes } = regtestNetwork();
const secp256k1 = portableSecp256k1;
const keys = testKeys(prefixes);
const [A, B, C, D] = keys.map(({ publicKey }) => toHex(publicKey)) as [string, string, string, string];
const X = (key: string) => key.slice(2);
const NOBODY = X(toHex(secp256k1.publicKeyOf(sha256(Uint8Array.of(99)), true)));

const SECRET = sha256(Uint8Array.of(7));
const HASHES: Readonly<Record<PreimageHash, string>> = {
  sha256: toHex(sha256(SECRET)),
  hash256: toHex(sha256d(SECRET)),
  ripemd160: toHex(ripemd160(SECRET)),
  hash160: toHex(hash160(SECRET)),
};

function descriptorOf(text: string) {
  const parsed = parseDescriptor(text, { prefixes, secp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  return parsed.descriptors[0];
}

/** An input that spends a descriptor's output, and what is known of the output. */
function inputOf(text: string, lock: { readonly sequence?: number; readonly lockTime?: number } = {}) {
  const { scripts, material } = expandDescriptor(descriptorOf(text), 0, { secp256k1, secrets: new SigningMaterial() })!;
  const output: TxOutput = { scriptPubKey: scripts[0]!, value: 1000n };
  const tx = new Transaction({
    version: 2,
    lockTime: lock.lockTime ?? 0,
    inputs: [
      {
        previousOutput: { txid: sha256(Uint8Array.of(1)) as Txid, index: 0 },
        scriptSig: new Uint8Array(0),
        sequence: lock.sequence ?? 0xfffffffe,
        witness: [],
      },
    ],
    outputs: [{ value: 900n, scriptPubKey: Uint8Array.of(0x51) }],
  });
  return { output, tx, material };
}

type Input = ReturnType<typeof inputOf>;

/** Adds what the keys with these indexes can sign. */
function sign({ output, tx, material }: Input, indexes: readonly number[], data: SignatureData): SignatureData {
  const some = new SigningMaterial();
  some.merge(material);
  for (const index of indexes) some.addPrivateKey({ privateKey: keys[index]!.privateKey, compressed: true }, secp256k1);
  const cache = new SighashCache(tx, [output]);
  const options = { inputIndex: 0, hashType: SighashType.DEFAULT };
  produceSignature(output.scriptPubKey, data, some, new InputSigner(options, { cache, material: some, secp256k1 }));
  return data;
}

function withPreimage(name?: PreimageHash): SignatureData {
  const data = emptySignatureData();
  if (name !== undefined) data.preimages[name].set(HASHES[name], SECRET);
  return data;
}

/** Whether the input may spend its output, by the rules of relay. */
function isValidSpend({ output, tx }: Input, { scriptSig, witness }: SignatureData): boolean {
  const signed = new Transaction({ ...tx, inputs: [{ ...tx.inputs[0]!, scriptSig, witness }] });
  const cache = new SighashCache(signed, [output]);
  return verifyInput(signed, 0, cache, STANDARD_SCRIPT_FLAGS, secp256k1) === undefined;
}

const HEIGHT = { lockTime: 100 };
const BLOCKS = { sequence: 10 };

/** Scripts, which keys satisfy them, under which lock times and with which preimages. */
const WAYS: readonly {
  readonly script: string;
  readonly keys: readonly number[];
  readonly lock?: { readonly sequence?: number; readonly lockTime?: number };
  readonly preimage?: PreimageHash;
}[] = [
  { script: `and_v(v:pk(${A}),pk(${B}))`, keys: [0, 1] },
  { script: `and_v(v:pkh(${A}),pk(${B}))`, keys: [0, 1] },
  { script: `or_d(pk(${A}),and_v(v:pk(${B}),older(10)))`, keys: [0] },
  { script: `or_d(pk(${A}),and_v(v:pk(${B}),older(10)))`, keys: [1], lock: BLOCKS },
  { script: `or_i(and_v(v:pkh(${A}),after(100)),pk(${B}))`, keys: [0], lock: HEIGHT },
  { script: `andor(pk(${A}),older(10),pk(${B}))`, keys: [0], lock: BLOCKS },
  { script: `andor(pk(${A}),older(10),pk(${B}))`, keys: [1] },
  { script: `and_v(v:sha256(${HASHES.sha256}),pk(${A}))`, keys: [0], preimage: "sha256" },
  { script: `and_v(v:hash256(${HASHES.hash256}),pk(${A}))`, keys: [0], preimage: "hash256" },
  { script: `and_v(v:ripemd160(${HASHES.ripemd160}),pk(${A}))`, keys: [0], preimage: "ripemd160" },
  { script: `and_v(v:hash160(${HASHES.hash160}),pk(${A}))`, keys: [0], preimage: "hash160" },
  { script: `thresh(2,pk(${A}),s:pk(${B}),sln:older(10))`, keys: [0, 1] },
  { script: `thresh(2,pk(${A}),s:pk(${B}),sln:older(10))`, keys: [1], lock: BLOCKS },
];

const PLACES = {
  "wsh()": (script: string) => `wsh(${script})`,
  "sh(wsh())": (script: string) => `sh(wsh(${script}))`,
  "tr()": (script: string) => `tr(${NOBODY},{pk(${NOBODY}),${script}})`,
} as const;

describe.each(Object.entries(PLACES))("miniscript in %s", (_, describeOutput) => {
  test.each(WAYS)("$script by $keys, $lock, $preimage", ({ script, keys: indexes, lock, preimage }) => {
    const text = describeOutput(script);
    const input = inputOf(text, lock);
    const data = sign(input, indexes, withPreimage(preimage));
    expect(data.isComplete).toBe(true);
    expect(data.isWitness).toBe(true);
    expect(isValidSpend(input, data)).toBe(true);

    expect(sign(input, indexes.slice(1), withPreimage(preimage)).isComplete).toBe(false);
    if (preimage !== undefined) expect(sign(input, indexes, withPreimage()).isComplete).toBe(false);
    if (lock !== undefined) expect(sign(inputOf(text), indexes, withPreimage(preimage)).isComplete).toBe(false);
  });

  test("signers one after the other", () => {
    const input = inputOf(describeOutput(`and_v(v:pk(${A}),and_v(v:pk(${B}),pk(${C})))`));
    const data = emptySignatureData();
    for (const index of [2, 0]) {
      sign(input, [index], data);
      expect(data.isComplete).toBe(false);
    }
    sign(input, [1], data);
    expect(isValidSpend(input, data)).toBe(true);
  });
});

describe("what is found on the way", () => {
  test("keys whose signature is wanting, in a witness script", () => {
    const input = inputOf(`wsh(and_v(v:pk(${A}),pk(${B})))`);
    const { missing, signatures, witness } = sign(input, [0], emptySignatureData());
    expect(missing.signatures).toEqual([keyIdOf(keys[1]!.publicKey)]);
    expect([...signatures.keys()]).toEqual([keyIdOf(keys[0]!.publicKey)]);
    // As Core leaves it: nothing but the script.
    expect(witness.length).toBe(1);
  });

  test("keys and scripts that are not known", () => {
    const { output, tx } = inputOf(`sh(wsh(and_v(v:pkh(${A}),pk(${B}))))`);
    const bare = sign({ output, tx, material: new SigningMaterial() }, [], emptySignatureData());
    expect(toHex(bare.missing.redeemScript!)).toBe(toHex(output.scriptPubKey.subarray(2, 22)));
    const { material } = inputOf(`sh(wsh(and_v(v:pkh(${A}),pk(${B}))))`);
    material.publicKeys.clear();
    const hashOnly = sign({ output, tx, material }, [1], emptySignatureData());
    expect(hashOnly.missing.publicKeys).toEqual([keyIdOf(keys[0]!.publicKey)]);
  });

  test("partial signatures of leaves, by key and leaf", () => {
    const input = inputOf(`tr(${NOBODY},{and_v(v:pk(${A}),pk(${B})),and_v(v:pk(${A}),pk(${C}))})`);
    const { taproot, isComplete } = sign(input, [0], emptySignatureData());
    expect(isComplete).toBe(false);
    expect([...taproot.scriptSignatures.values()].map(({ key }) => toHex(key))).toEqual([X(A), X(A)]);
    expect(taproot.leaves.size).toBe(2);
    expect(toHex(taproot.internalKey!)).toBe(NOBODY);
  });

  test("the smallest witness among leaves is taken", () => {
    const small = `and_v(v:pk(${A}),older(10))`;
    const input = inputOf(`tr(${NOBODY},{and_v(v:pk(${A}),pk(${B})),${small}})`, BLOCKS);
    const { witness } = sign(input, [0, 1], emptySignatureData());
    expect(witness.length).toBe(3);
    const later = inputOf(`tr(${NOBODY},{and_v(v:pk(${A}),pk(${B})),${small}})`);
    expect(sign(later, [0, 1], emptySignatureData()).witness.length).toBe(4);
  });
});

/** Weight units of the input, in a transaction with witnesses. */
function weightOf({ scriptSig, witness }: SignatureData): number {
  const items = witness.reduce((sum, item) => sum + compactSizeLength(item.length) + item.length, 0);
  const bare = 32 + 4 + 4 + compactSizeLength(scriptSig.length) + scriptSig.length;
  return bare * 4 + compactSizeLength(witness.length) + items;
}

describe("the most that an input weighs", () => {
  test.each<readonly [text: string, indexes: readonly number[], weight: number]>([
    [`pk(${A})`, [0], 164 + 4 * 72 + 1],
    [`pkh(${A})`, [0], 164 + 4 * 106 + 1],
    [`wpkh(${A})`, [0], 164 + 1 + 106],
    [`sh(wpkh(${A}))`, [0], 164 + 4 * 23 + 1 + 106],
    [`sh(multi(2,${A},${B}))`, [0, 1], 164 + 4 * (1 + 144 + 1 + 71) + 1],
    [`wsh(multi(2,${A},${B},${C}))`, [0, 1], 164 + 1 + 1 + 144 + 1 + 105],
    [`sh(wsh(pk(${A})))`, [0], 164 + 4 * 35 + 1 + 72 + 1 + 35],
    [`tr(${X(A)})`, [0], 164 + 1 + 66],
    [`tr(${X(A)},{pk(${B}),pk(${C})})`, [0], 164 + 1 + 66],
    [`rawtr(${X(A)})`, [0], 164 + 1 + 66],
    // Miniscript takes ECDSA signatures to have 72 bytes.
    [`wsh(and_v(v:pk(${A}),pk(${B})))`, [0, 1], 164 + 1 + 2 * 73 + 1 + 70],
    [`wsh(and_v(v:pkh(${A}),pk(${D})))`, [0, 3], 164 + 1 + 73 + 34 + 73 + 1 + 60],
  ])("%s", (text, indexes, weight) => {
    const descriptor = descriptorOf(text);
    expect(maxInputWeight(descriptor, { useMaxSig: false, inWitnessTransaction: true })).toBe(weight);
    const data = sign(inputOf(text), indexes, emptySignatureData());
    expect(data.isComplete).toBe(true);
    expect(weightOf(data)).toBeLessThanOrEqual(weight);
    expect(weightOf(data)).toBeGreaterThan(weight - 12);
  });

  test("the push of a redeem script counts as one byte, in Core too, where it takes two", () => {
    const descriptor = descriptorOf(`sh(multi(2,${A},${B},${C}))`);
    const weight = maxInputWeight(descriptor, { useMaxSig: false, inWitnessTransaction: true });
    expect(weight).toBe(164 + 4 * (1 + 144 + 1 + 105) + 1);
  });

  test("signatures that were not ground may be a byte larger, outside miniscript, which counts on it anyway", () => {
    const weights = (text: string) =>
      [false, true].map((useMaxSig) => maxInputWeight(descriptorOf(text), { useMaxSig, inWitnessTransaction: true }));
    expect(weights(`wpkh(${A})`)).toEqual([271, 272]);
    expect(weights(`pkh(${A})`)).toEqual([589, 593]);
    expect(weights(`tr(${X(A)})`)).toEqual([231, 231]);
    const [small, large] = weights(`wsh(and_v(v:pk(${A}),pk(${B})))`);
    expect(small).toBe(large);
  });

  test("an input without witness in a transaction without witnesses", () => {
    const weight = (text: string) =>
      maxInputWeight(descriptorOf(text), { useMaxSig: false, inWitnessTransaction: false });
    expect(weight(`pkh(${A})`)).toBe(588);
    expect(weight(`wpkh(${A})`)).toBe(271);
  });

  test.each([`combo(${A})`, "raw(51)", "addr(2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp)"])("%s does not tell", (text) => {
    expect(maxInputWeight(descriptorOf(text), { useMaxSig: true, inWitnessTransaction: true })).toBeUndefined();
  });
});

describe("signatures that sign nothing", () => {
  test.each([`wpkh(${A})`, `wsh(and_v(v:pk(${A}),pk(${B})))`, `tr(${X(A)})`, `sh(multi(1,${A},${B}))`])(
    "complete %s without any key",
    (text) => {
      const { output, material } = inputOf(text);
      const data = emptySignatureData();
      produceSignature(output.scriptPubKey, data, material, placeholderMaker("largest"));
      expect(data.isComplete).toBe(true);
      const most = maxInputWeight(descriptorOf(text), { useMaxSig: true, inWitnessTransaction: true })!;
      expect(weightOf(data)).toBeLessThanOrEqual(most);
      expect(weightOf(data)).toBeGreaterThan(most - 3);
    },
  );
});
