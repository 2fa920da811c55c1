import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { nobleSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/noble-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { addPrivateKeys, expandDescriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { keyIdOf } from "@bitfleet/wallet/keys/keys.ts";
import { fillPsbt, sameMaterial } from "@bitfleet/wallet/psbt/fill.ts";
import { finalizingSteps } from "@bitfleet/wallet/psbt/finalize.ts";
import { createPsbt, type Psbt } from "@bitfleet/wallet/psbt/psbt.ts";
import {
  addCosignerKeys,
  type Cosigner,
  cosignerText,
  phraseCosigner,
  sharedDescriptor,
} from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import { allAtOnce } from "@bitfleet/wallet/steps.ts";
import { expect, test } from "vitest";
import { sharedStanding, withoutFalseSignatures } from "./psbt-signers.ts";
import type { CosignerSummary } from "./records.ts";

const prefixes = regtestNetwork().addressPrefixes;
const PHRASES = [`${"zoo ".repeat(11)}wrong`, `${"abandon ".repeat(11)}about`].map((words) => ({
  words,
  passphrase: "",
}));
const KEYS = PHRASES.map((phrase) => phraseCosigner(phrase, 0, prefixes));
const THIRD = phraseCosigner(PHRASES[0]!, 5, prefixes);

const called = (cosigner: Cosigner, name: string): CosignerSummary => {
  return { ...cosigner, text: cosignerText(cosigner), name, owner: undefined, ownerId: undefined };
};
const COSIGNERS = [called(THIRD, "Third"), called(KEYS[1]!, "Second")];

/** A payment out of as many coins as there are numbers of signatures that are asked for, signed with the keys of those phrases. */
function payment(required: readonly number[], signers: readonly number[]): Psbt {
  const material = new SigningMaterial();
  const secrets = new SigningMaterial();
  for (const signer of signers) addCosignerKeys(PHRASES[signer]!, KEYS, secrets, { prefixes, secp256k1 });
  const scripts = required.map((count, index) => {
    const read = parseDescriptor(sharedDescriptor(count, [...KEYS, THIRD]), { prefixes, secp256k1 });
    if ("error" in read) throw new Error(read.error);
    const expansion = expandDescriptor(read.descriptors[0], index, { secp256k1, secrets: new SigningMaterial() })!;
    material.merge(expansion.material);
    addPrivateKeys(read.descriptors[0], index, { secp256k1, secrets }, material);
    return expansion.scripts[0]!;
  });
  const coins = new Transaction({
    version: 2,
    inputs: [
      {
        previousOutput: { txid: new Uint8Array(32) as Txid, index: 0 },
        scriptSig: new Uint8Array(0),
        sequence: 0,
        witness: [],
      },
    ],
    outputs: scripts.map((scriptPubKey) => ({ value: 10_000n, scriptPubKey })),
    lockTime: 0,
  });
  const inputs = scripts.map((_, index) => {
    return { previousOutput: { txid: coins.txid, index }, scriptSig: new Uint8Array(0), sequence: 0, witness: [] };
  });
  const fields = { version: 2, inputs, outputs: [{ value: 9_000n, scriptPubKey: scripts[0]! }], lockTime: 0 };
  const blank = createPsbt(fields, { version: 0 });
  const psbt = { ...blank, inputs: blank.inputs.map((input) => ({ ...input, nonWitnessUtxo: coins })) };
  return fillPsbt(psbt, sameMaterial(material), { finalize: false }, secp256k1).psbt;
}

const standingOf = (psbt: Psbt, cosigners = COSIGNERS) => allAtOnce(sharedStanding(psbt, cosigners, secp256k1));
const signedBy = (psbt: Psbt) =>
  Object.fromEntries(
    standingOf(psbt)!.signers.map(({ name, fingerprint, hasSigned }) => [name || fingerprint, hasSigned]),
  );

test("counts signatures, by those who have signed all that they are asked for", () => {
  const [first] = KEYS as [Cosigner, Cosigner];
  expect(standingOf(payment([2, 2], []))).toMatchObject({ required: 2, signed: 0 });
  const half = payment([2, 2], [1]);
  expect(standingOf(half)).toMatchObject({ required: 2, signed: 1 });
  expect(signedBy(half)).toEqual({ Second: true, Third: false, [first.fingerprint!]: false });
  // Those that are known come first, in their order.
  expect(standingOf(half)!.signers.map(({ name }) => name)).toEqual(["Third", "Second", ""]);
  const [signed, ...others] = half.inputs;
  const partly = { ...half, inputs: [signed!, ...others.map((input) => ({ ...input, partialSignatures: new Map() }))] };
  expect(signedBy(partly)).toEqual({ Second: false, Third: false, [first.fingerprint!]: false });
});

test("a signature that is not valid is none", () => {
  const half = payment([2], [1]);
  const [input] = half.inputs;
  const [[name, found]] = [...input!.partialSignatures] as [[string, { publicKey: Uint8Array; signature: Uint8Array }]];
  const signature = found.signature.slice();
  signature[40]! ^= 1;
  const broken = { ...half, inputs: [{ ...input!, partialSignatures: new Map([[name, { ...found, signature }]]) }] };
  expect(standingOf(broken)).toMatchObject({ required: 2, signed: 0 });
});

test("a false signature beside enough valid ones does not keep them from making the payment", () => {
  const all = payment([2], [0, 1]);
  const [input] = all.inputs;
  const [valid] = input!.partialSignatures.values();
  const isSigned = ({ publicKey }: { readonly publicKey: Uint8Array }) =>
    input!.partialSignatures.has(keyIdOf(publicKey));
  const { publicKey } = [...input!.derivations.values()].find((one) => !isSigned(one))!;
  const entry = [keyIdOf(publicKey), { publicKey, signature: valid!.signature }] as const;
  const spoilt = { ...all, inputs: [{ ...input!, partialSignatures: new Map([entry, ...input!.partialSignatures]) }] };
  const isWhole = (psbt: Psbt) => allAtOnce(finalizingSteps(psbt, secp256k1)).transaction !== undefined;
  expect(isWhole(spoilt)).toBe(false);
  const cleared = allAtOnce(withoutFalseSignatures(spoilt, () => true, secp256k1));
  expect(cleared).toEqual(all);
  expect(isWhole(cleared)).toBe(true);
  // Of what is not known for sure nothing is dropped.
  expect(allAtOnce(withoutFalseSignatures(spoilt, () => false, secp256k1))).toEqual(spoilt);
});

test("of what one signs for, or where inputs ask for other numbers, nothing is said", () => {
  expect(standingOf(payment([1, 2], []))).toBeUndefined();
  const half = payment([2], []);
  const single = half.inputs.map((input) => ({ ...input, witnessScript: undefined }));
  expect(standingOf({ ...half, inputs: single })).toBeUndefined();
});

test("keys of one master key at other places are others, and those of nobody who is known are told by their fingerprints", () => {
  const [first, second] = KEYS as [Cosigner, Cosigner];
  const strangers = standingOf(payment([2], [0]), [])!.signers;
  expect(strangers.map(({ fingerprint }) => fingerprint).sort()).toEqual(
    [first.fingerprint, first.fingerprint, second.fingerprint].sort(),
  );
  expect(strangers.filter(({ hasSigned }) => hasSigned)).toHaveLength(1);
});

test("who only claims to be somebody is not called so", () => {
  const [, second] = KEYS as [Cosigner, Cosigner];
  const half = payment([2], [0]);
  const [input] = half.inputs;
  // Whoever made it says of all keys that they are those of the second.
  const ofSecond = [...input!.derivations.values()].find(
    ({ origin }) => toHex(origin.fingerprint) === second.fingerprint,
  )!;
  const derivations = new Map(
    [...input!.derivations].map(([name, one]) => [name, { ...one, origin: ofSecond.origin }] as const),
  );
  const { signed, signers } = standingOf({ ...half, inputs: [{ ...input!, derivations }] })!;
  expect(signed).toBe(1);
  expect(signers.filter(({ name }) => name === "Second")).toMatchObject([{ hasSigned: false }]);
  expect(signers.filter(({ name, fingerprint }) => name === "" && fingerprint === undefined)).toHaveLength(2);
});
