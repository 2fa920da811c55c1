import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { encodeAddress } from "@bitfleet/protocol/script/address.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { describe, expect, test } from "vitest";
import { addPrivateKeys, expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { testKeys } from "../test-kit.ts";
import { signLowR } from "./ecdsa.ts";
import { messageHash, signMessage, verifyMessage } from "./sign-message.ts";
import { combineTransactions, MISSING_AMOUNT, signTransaction, UNKNOWN_AMOUNT } from "./signer.ts";
import { SigningMaterial } from "./signing-material.ts";

const { addressPrefixes: prefixes } = regtestNetwork();
const secp256k1 = portableSecp256k1;
const keys = testKeys(prefixes);
const [A, B, C, D] = keys.map(({ publicKey }) => toHex(publicKey)) as [string, string, string, string];
const X = (key: string) => key.slice(2);

/** The output of a descriptor, and all that is known of it but private keys. */
function outputOf(text: string, value = 1000n) {
  const parsed = parseDescriptor(text, { prefixes, secp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  const [descriptor] = parsed.descriptors;
  const { scripts, material } = expandDescriptor(descriptor, 0, { secp256k1, secrets: parsed.secrets })!;
  addPrivateKeys(descriptor, 0, { secp256k1, secrets: parsed.secrets }, material);
  return { output: { scriptPubKey: scripts[0]!, value } satisfies TxOutput, material };
}

function spending(count: number, outputCount = 2): Transaction {
  return new Transaction({
    version: 2,
    lockTime: 0,
    inputs: Array.from({ length: count }, (_, index) => ({
      previousOutput: { txid: sha256(Uint8Array.of(index)) as Txid, index },
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffd,
      witness: [],
    })),
    outputs: Array.from({ length: outputCount }, (_, index) => ({
      value: BigInt(index),
      scriptPubKey: payToPublicKeyHash(new Uint8Array(20)),
    })),
  });
}

function withKeys(material: SigningMaterial, ...indexes: readonly number[]): SigningMaterial {
  const all = new SigningMaterial();
  all.merge(material);
  for (const index of indexes) all.addPrivateKey({ privateKey: keys[index]!.privateKey, compressed: true }, secp256k1);
  return all;
}

/** Whether every input may spend its output, by the rules of relay. */
function isFullySigned(tx: Transaction, spent: readonly TxOutput[]): boolean {
  const cache = new SighashCache(tx, spent);
  return tx.inputs.every((_, index) => verifyInput(tx, index, cache, STANDARD_SCRIPT_FLAGS, secp256k1) === undefined);
}

/** Descriptors with the keys, by index, that suffice to spend. */
const SPENDABLE: readonly (readonly [text: string, keys: readonly number[]])[] = [
  [`pk(${A})`, [0]],
  [`pkh(${A})`, [0]],
  [`multi(2,${A},${B},${C})`, [0, 2]],
  [`sh(pk(${B}))`, [1]],
  [`sh(multi(2,${A},${B}))`, [0, 1]],
  [`wpkh(${A})`, [0]],
  [`sh(wpkh(${A}))`, [0]],
  [`wsh(pk(${A}))`, [0]],
  [`wsh(pkh(${A}))`, [0]],
  [`wsh(sortedmulti(2,${C},${B},${A}))`, [1, 2]],
  [`sh(wsh(multi(1,${A},${B})))`, [1]],
  [`tr(${X(A)})`, [0]],
  [`rawtr(${X(A)})`, [0]],
  [`tr(${X(A)},{pk(${B}),pk(${C})})`, [0]],
  [`tr(${X(A)},{pk(${B}),pk(${C})})`, [2]],
  [`tr(${X(A)},{pk(${B}),multi_a(2,${B},${C},${D})})`, [2, 3]],
  [`tr(${X(A)},sortedmulti_a(2,${D},${C},${B}))`, [1, 3]],
];

describe("signing", () => {
  describe.each([
    ["DEFAULT", SighashType.DEFAULT],
    ["ALL", SighashType.ALL],
    ["NONE", SighashType.NONE],
    ["SINGLE", SighashType.SINGLE],
    ["ALL|ANYONECANPAY", SighashType.ALL | SighashType.ANYONECANPAY],
    ["SINGLE|ANYONECANPAY", SighashType.SINGLE | SighashType.ANYONECANPAY],
  ])("with hash type %s", (_, hashType) => {
    test.each(SPENDABLE)("%s by keys %j", (text, indexes) => {
      const { output, material } = outputOf(text);
      const tx = spending(1);
      const { transaction, errors } = signTransaction(
        tx,
        [output],
        hashType,
        withKeys(material, ...indexes),
        secp256k1,
      );
      expect([...errors]).toEqual([]);
      expect(isFullySigned(transaction, [output])).toBe(true);
      expect(isFullySigned(transaction, [{ ...output, scriptPubKey: fromHex("00") }])).toBe(false);
    });
  });

  test.each(SPENDABLE)("%s is not spent with one key fewer than %j", (text, indexes) => {
    const { output, material } = outputOf(text);
    const some = withKeys(material, ...indexes.slice(1));
    const { transaction, errors } = signTransaction(spending(1), [output], SighashType.DEFAULT, some, secp256k1);
    expect(errors.size).toBe(1);
    expect(isFullySigned(transaction, [output])).toBe(false);
  });

  test("SINGLE signs no input that has no output", () => {
    const { output, material } = outputOf(`wpkh(${A})`);
    const signed = signTransaction(
      spending(2, 1),
      [output, output],
      SighashType.SINGLE,
      withKeys(material, 0),
      secp256k1,
    );
    expect([...signed.errors.keys()]).toEqual([1]);
    expect(signed.transaction.inputs[1]!.witness).toEqual([]);
  });

  test("inputs that are not known, and amounts that are not", () => {
    const { output, material } = outputOf(`wpkh(${A})`, UNKNOWN_AMOUNT);
    const legacy = outputOf(`pkh(${A})`, UNKNOWN_AMOUNT).output;
    const signed = signTransaction(
      spending(3),
      [undefined, output, legacy],
      SighashType.ALL,
      withKeys(material, 0),
      secp256k1,
    );
    expect([...signed.errors]).toEqual([
      [0, "Input not found or already spent"],
      [1, MISSING_AMOUNT],
    ]);
  });

  test("taproot signatures commit to all outputs that are spent: one that is not known leaves none", () => {
    const { output, material } = outputOf(`tr(${X(A)})`);
    const one = withKeys(material, 0);
    expect(signTransaction(spending(2), [output, undefined], SighashType.DEFAULT, one, secp256k1).errors.size).toBe(2);
    expect(signTransaction(spending(2), [output, output], SighashType.DEFAULT, one, secp256k1).errors.size).toBe(0);
  });

  test("uncompressed keys sign outside the witness only", () => {
    const privateKey = keys[0]!.privateKey;
    const uncompressed = secp256k1.publicKeyOf(privateKey, false);
    const { output } = outputOf(`pkh(${toHex(uncompressed)})`);
    const material = new SigningMaterial();
    material.addPrivateKey({ privateKey, compressed: false }, secp256k1);
    expect(signTransaction(spending(1), [output], SighashType.ALL, material, secp256k1).errors.size).toBe(0);
    const witness = outputOf(`wpkh(${A})`).output;
    expect(signTransaction(spending(1), [witness], SighashType.ALL, material, secp256k1).errors.size).toBe(1);
  });

  test("a smaller script is preferred to a larger one", () => {
    const { output, material } = outputOf(`tr(${X(A)},{multi_a(1,${B},${C},${D}),pk(${B})})`);
    const { transaction } = signTransaction(
      spending(1),
      [output],
      SighashType.DEFAULT,
      withKeys(material, 1),
      secp256k1,
    );
    expect(transaction.inputs[0]!.witness).toHaveLength(3);
  });
});

describe("one after the other, and brought together", () => {
  const { output, material } = outputOf(`sh(wsh(multi(2,${A},${B},${C})))`);
  const bare = outputOf(`multi(2,${A},${B},${C})`).output;
  const spent = [output, bare];
  const tx = spending(2);
  const by = (base: Transaction, index: number) =>
    signTransaction(base, spent, SighashType.ALL, withKeys(material, index), secp256k1);

  test("the second signature completes", () => {
    const first = by(tx, 2);
    expect([...first.errors.values()]).toHaveLength(2);
    const second = by(first.transaction, 0);
    expect(second.errors.size).toBe(0);
    expect(by(second.transaction, 1).transaction.bytes).toEqual(second.transaction.bytes);
  });

  test("signatures from both sides combine in any order", () => {
    const [a, c] = [by(tx, 0).transaction, by(tx, 2).transaction];
    const combined = combineTransactions([a, c], spent, secp256k1);
    expect(isFullySigned(combined, spent)).toBe(true);
    expect(combineTransactions([c, tx, a], spent, secp256k1).bytes).toEqual(combined.bytes);
    expect(isFullySigned(combineTransactions([a, a], spent, secp256k1), spent)).toBe(false);
  });
});

describe("low r", () => {
  test("every signature has at most 70 bytes, also those whose first nonce gives more", () => {
    const pick = seededRandom(3);
    let ground = 0;
    for (let round = 0; round < 40; round++) {
      const hash = sha256(Uint8Array.of(pick(256), round));
      const { privateKey, publicKey } = keys[round % keys.length]!;
      const signature = signLowR(hash, privateKey, secp256k1);
      expect(signature.length).toBeLessThanOrEqual(70);
      const plain = secp256k1.signEcdsa(hash, privateKey);
      if (plain[0]! >= 0x80) ground++;
      expect(secp256k1.verifyEcdsa(plain, hash, publicKey)).toBe(true);
    }
    expect(ground).toBeGreaterThan(0);
  });
});

describe("signed messages", () => {
  const key = { privateKey: sha256(Uint8Array.of(1)), compressed: true };
  const addressOfKey = (compressed: boolean) => ({ ...key, compressed });

  test("a signature is by the key that signed, in its form, over that message", () => {
    for (const compressed of [true, false]) {
      const publicKey = secp256k1.publicKeyOf(key.privateKey, compressed);
      const own = encodeAddress(payToPublicKeyHash(hash160(publicKey)), prefixes)!;
      const signature = signMessage("grüße", addressOfKey(compressed));
      expect(verifyMessage(own, signature, "grüße", prefixes)).toBe("valid");
      expect(verifyMessage(own, signature, "gruesse", prefixes)).toBe("not-signed");
      expect(verifyMessage(own, signMessage("grüße", addressOfKey(!compressed)), "grüße", prefixes)).toBe("not-signed");
    }
  });

  test("what is no address, no key's address and no signature", () => {
    expect(verifyMessage("x", "", "", prefixes)).toBe("invalid-address");
    expect(verifyMessage("2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp", "", "", prefixes)).toBe("address-without-key");
    expect(verifyMessage("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "?", "", prefixes)).toBe("malformed-signature");
    expect(verifyMessage("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "", "", prefixes)).toBe("not-signed");
  });

  test("messages are hashed with a text before them", () => {
    expect(toHex(messageHash(""))).not.toBe(toHex(sha256(sha256(new Uint8Array(0)))));
    expect(messageHash("a")).not.toEqual(messageHash("b"));
  });
});
