import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { mainNetwork, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeTransaction, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress, decodeWif } from "@bitfleet/protocol/script/address.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { base64 } from "@scure/base";
import { describe, expect, test } from "vitest";
import { expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { testKeys } from "../test-kit.ts";
import { type Bip322Timing, bip322MessageHash, signBip322, toSignOf, toSpendOf } from "./bip322.ts";
import { type ClaimedCoin, verifyBip322 } from "./bip322-verify.ts";
import { signTransaction } from "./signer.ts";
import { SigningMaterial } from "./signing-material.ts";

const { addressPrefixes: MAIN } = mainNetwork();
const { addressPrefixes: REGTEST } = regtestNetwork();

interface Signed {
  readonly message: string;
  readonly private_keys: readonly string[];
  readonly address: string;
  readonly type: string;
  readonly witness_script: string;
  readonly sig_script?: string;
  readonly bip322_signatures: readonly string[];
  readonly tx_version?: number;
  readonly lock_time?: number;
  readonly sequence?: number;
  readonly additional_inputs?: readonly (readonly { readonly value: number; readonly pk_script: string }[])[];
}

interface Vectors {
  readonly tx_hashes?: readonly {
    readonly message: string;
    readonly address: string;
    readonly message_hash: string;
    readonly to_spend_tx_hash: string;
    readonly to_sign_tx_hash: string;
  }[];
  readonly simple: readonly Signed[];
  readonly full?: readonly Signed[];
  readonly proof_of_funds?: readonly Signed[];
  readonly error: readonly {
    readonly description: string;
    readonly message: string;
    readonly address: string;
    readonly signature: string;
  }[];
}

function scriptOf(address: string): Uint8Array {
  const decoded = decodeAddress(address, MAIN);
  if (!("script" in decoded)) throw new Error(`no address: ${address}`);
  return decoded.script;
}

const verdictOf = (address: string, message: string, signature: string) =>
  verifyBip322({ message, script: scriptOf(address), signature }, portableSecp256k1);

function materialOf({ private_keys, witness_script, sig_script = "", type }: Signed): SigningMaterial {
  const material = new SigningMaterial();
  for (const wif of private_keys) material.addPrivateKey(decodeWif(wif, MAIN)!, portableSecp256k1);
  for (const script of [witness_script, sig_script]) if (script !== "") material.addScript(fromHex(script));
  if (type === "p2tr") {
    // A key in the descriptor's place, so that the output is the tweaked one.
    const wif = private_keys[0]!;
    const context = { prefixes: MAIN, secp256k1: portableSecp256k1 };
    const parsed = parseDescriptor(`tr(${wif})`, context);
    if ("error" in parsed) throw new Error(parsed.error);
    material.merge(expandDescriptor(parsed.descriptors[0], 0, { ...context, secrets: parsed.secrets })!.material);
  }
  return material;
}

/** Scripts with conditions take a solver of miniscript. */
const isSignable = ({ type }: Signed) => !type.includes("time-lock");

for (const file of ["basic-test-vectors.json", "generated-test-vectors.json"]) {
  describeVectors<Vectors>(
    `bips/bip-0322/${file}`,
    (vectors) => `BIP322 ${file}, ${vectors.simple.length + (vectors.full?.length ?? 0)} signatures`,
    (vectors) => {
      test.each(vectors.tx_hashes ?? [])("transactions of $message", (row) => {
        const toSpend = toSpendOf(row.message, scriptOf(row.address));
        expect(toHex(bip322MessageHash(row.message))).toBe(row.message_hash);
        expect(displayHash(toSpend.txid)).toBe(row.to_spend_tx_hash);
        expect(displayHash(new Transaction(toSignOf(toSpend)).txid)).toBe(row.to_sign_tx_hash);
      });

      test.each(vectors.simple)("simple: $type, $message", (row) => {
        for (const signature of row.bip322_signatures) {
          for (const form of [signature, signature.replace(/^smp/, "")]) {
            expect(verdictOf(row.address, row.message, form)).toEqual({ status: "valid", lockTime: 0, sequence: 0 });
          }
          expect(verdictOf(row.address, `${row.message} `, signature).status).toBe("invalid");
        }
        const request = { message: row.message, script: scriptOf(row.address) };
        const own = signBip322(request, materialOf(row), portableSecp256k1);
        expect(verdictOf(row.address, row.message, own!).status).toBe("valid");
        // One of two is of a signer that searches for a short signature, as this one and Core's do.
        if (row.bip322_signatures.length > 1) expect(row.bip322_signatures).toContain(own);
      });

      test.each(vectors.full ?? [])("full: $type", (row) => {
        const { message, lock_time: lockTime = 0, sequence = 0, tx_version: version = 0 } = row;
        for (const signature of row.bip322_signatures) {
          expect(verdictOf(row.address, message, signature)).toEqual({ status: "valid", lockTime, sequence });
        }
        if (!isSignable(row)) return;
        const timing = { version, lockTime, sequence };
        const own = signBip322({ message, script: scriptOf(row.address), timing }, materialOf(row), portableSecp256k1);
        expect(verdictOf(row.address, message, own!)).toEqual({ status: "valid", lockTime, sequence });
      });

      test.each(vectors.proof_of_funds ?? [])("a proof of funds of $type shows its coins", (row) => {
        const { message, address, lock_time: lockTime = 0, sequence = 0, additional_inputs: sets = [] } = row;
        const shown = sets.flat().map(({ value, pk_script }) => `${value} ${pk_script}`);
        for (const signature of row.bip322_signatures) {
          const verdict = verdictOf(address, message, signature);
          expect(verdict).toMatchObject({ status: "valid", lockTime, sequence });
          const { coins = [] } = verdict as { readonly coins?: readonly ClaimedCoin[] };
          expect(coins.map(({ output }) => `${output.value} ${toHex(output.scriptPubKey)}`)).toEqual(shown);
          expect(verdictOf(address, `${message} `, signature).status).toBe("invalid");
        }
      });

      test.each(vectors.error)("$description", ({ address, message, signature }) => {
        expect(verdictOf(address, message, signature)).toEqual({ status: "invalid", reason: expect.any(String) });
      });
    },
  );
}

describe("messages signed by scripts (BIP322)", () => {
  const keys = testKeys(REGTEST);
  const [first, second, third] = keys.map(({ wif }) => wif);
  const publicKey = toHex(keys[1]!.publicKey);
  const context = { prefixes: REGTEST, secp256k1: portableSecp256k1 };

  function opened(text: string) {
    const parsed = parseDescriptor(text, context);
    if ("error" in parsed) throw new Error(parsed.error);
    const { descriptors, secrets } = parsed;
    const { scripts, material } = expandDescriptor(descriptors[0], 0, { ...context, secrets })!;
    material.merge(secrets);
    return { script: scripts[0]!, material };
  }
  const signed = (text: string, timing: Bip322Timing = {}) => {
    const { script, material } = opened(text);
    return { script, signature: signBip322({ message: "hello", script, timing }, material, portableSecp256k1) };
  };
  const judge = (script: Uint8Array, signature: string, message = "hello") =>
    verifyBip322({ message, script, signature }, portableSecp256k1);

  test.each([
    [`wpkh(${first})`, "smp"],
    [`tr(${first})`, "smp"],
    [`tr(${publicKey},pk(${first}))`, "smp"],
    [`wsh(multi(2,${first},${publicKey},${third}))`, "smp"],
    [`wsh(pkh(${first}))`, "smp"],
    [`sh(wpkh(${first}))`, "ful"],
    [`sh(wsh(multi(1,${first},${publicKey})))`, "ful"],
    [`sh(multi(2,${first},${second}))`, "ful"],
    [`pkh(${first})`, "ful"],
    [`pk(${first})`, "ful"],
  ])("%s", (text, prefix) => {
    const { script, signature = "" } = signed(text);
    expect(signature.slice(0, 3)).toBe(prefix);
    expect(judge(script, signature)).toEqual({ status: "valid", lockTime: 0, sequence: 0 });
    expect(judge(script, signature, "Hello").status).toBe("invalid");
    expect(judge(opened(`wpkh(${third})`).script, signature).status).toBe("invalid");
    const timed = signed(text, { version: 2, lockTime: 500, sequence: 7 });
    expect(timed.signature?.slice(0, 3)).toBe("ful");
    expect(judge(script, timed.signature!)).toEqual({ status: "valid", lockTime: 500, sequence: 7 });
  });

  test("a key that is wanting makes no signature", () => {
    expect(signed(`wpkh(${publicKey})`).signature).toBeUndefined();
    expect(signed(`wsh(multi(2,${first},${publicKey}))`).signature).toBeUndefined();
  });

  test.each([`sh(wpkh(${first}))`, `sh(wsh(multi(1,${first},${publicKey})))`])(
    "%s: a simple signature, as older signers made them, says what a full one does",
    (text) => {
      const { script, signature } = signed(text);
      const { inputs } = decodeTransaction(new Reader(base64.decode(signature!.slice(3))));
      const { witness } = inputs[0]!;
      const bytes = [witness.length, ...witness.flatMap((item) => [item.length, ...item])];
      const simple = `smp${base64.encode(Uint8Array.from(bytes))}`;
      expect(judge(script, simple)).toEqual({ status: "valid", lockTime: 0, sequence: 0 });
      expect(judge(opened(`sh(wpkh(${second}))`).script, simple).status).toBe("invalid");
    },
  );

  /** A full signature over a transaction that `change` altered before it was signed. */
  function altered(text: string, change: (tx: ReturnType<typeof toSignOf>) => object, hashType = 1) {
    const { script, material } = opened(text);
    const toSpend = toSpendOf("hello", script);
    const tx = { ...toSignOf(toSpend), ...change(toSignOf(toSpend)) };
    const spent = tx.inputs.map(() => toSpend.outputs[0]);
    const { transaction } = signTransaction(tx, spent, hashType, material, portableSecp256k1);
    return judge(script, `ful${base64.encode(transaction.bytes)}`);
  }

  test("a transaction that could do anything else is none", () => {
    const text = `wpkh(${first})`;
    const output = { value: 0n, scriptPubKey: Uint8Array.of(0x6a) };
    expect(altered(text, () => ({})).status).toBe("valid");
    expect(altered(text, () => ({ outputs: [{ ...output, value: 1n }] })).status).toBe("invalid");
    expect(altered(text, () => ({ outputs: [output, output] })).status).toBe("invalid");
    expect(altered(text, () => ({ outputs: [{ ...output, scriptPubKey: Uint8Array.of(0x51) }] })).status).toBe(
      "invalid",
    );
    const twice = altered(text, ({ inputs: [input] }) => ({
      inputs: [input, { ...input, previousOutput: { ...input!.previousOutput, index: 1 } }],
    }));
    expect(twice).toEqual({ status: "invalid", reason: "Only a proof of funds has more inputs than one." });
    const elsewhere = altered(text, ({ inputs: [input] }) => ({
      inputs: [{ ...input, previousOutput: { ...input!.previousOutput, index: 1 } }],
    }));
    expect(elsewhere.status).toBe("invalid");
  });

  test("versions that mean nothing yet are not judged", () => {
    const statuses = [0, 1, 2, 3].map((version) => altered(`wpkh(${first})`, () => ({ version })).status);
    expect(statuses).toEqual(["valid", "inconclusive", "valid", "inconclusive"]);
  });

  test.each([`wpkh(${first})`, `pkh(${first})`, `tr(${first})`])("%s: signatures commit to everything", (text) => {
    const statuses = [1, 2, 3, 0x81, 0x82, 0x83].map((hashType) => altered(text, () => ({}), hashType).status);
    expect(statuses).toEqual(["valid", "invalid", "invalid", "invalid", "invalid", "invalid"]);
  });

  test("outputs of later witness versions are not judged", () => {
    const script = Uint8Array.from([0x52, 32, ...new Uint8Array(32).fill(1)]);
    expect(judge(script, `smp${base64.encode(Uint8Array.of(1, 1, 1))}`)).toEqual({
      status: "inconclusive",
      reason: "Witness version reserved for soft-fork upgrades.",
    });
  });

  test("OP_CODESEPARATOR may not run, also in a witness", () => {
    const { material } = opened(`wpkh(${first})`);
    const witnessScript = Uint8Array.from([0xab, 0x51]);
    const plain = Uint8Array.of(0x51);
    for (const [inner, status] of [
      [plain, "valid"],
      [witnessScript, "invalid"],
    ] as const) {
      material.addScript(inner);
      const script = opened(`wsh(pk(${publicKey}))`).script.slice();
      script.set(sha256(inner), 2);
      const simple = Uint8Array.from([1, inner.length, ...inner]);
      expect(judge(script, `smp${base64.encode(simple)}`).status).toBe(status);
    }
  });

  test("bytes behind the signature make it none", () => {
    const { script, signature } = signed(`wpkh(${first})`);
    const bytes = base64.decode(signature!.slice(3));
    const padded = Uint8Array.from([...bytes, 0]);
    expect(judge(script, `smp${base64.encode(padded)}`).status).toBe("invalid");
    expect(judge(script, `smp${base64.encode(bytes.subarray(0, -1))}`).status).toBe("invalid");
  });
});
