import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sigopsCost } from "@bitfleet/protocol/consensus/sigops.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { adjustedWeight, virtualSizeOf } from "@bitfleet/protocol/policy/feerate.ts";
import { decodeTransaction, Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { decodeAddress } from "@bitfleet/protocol/script/address.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache, SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToPublicKeyHash, payToTaproot } from "@bitfleet/protocol/script/templates.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { describe, expect, test } from "vitest";
import { addPrivateKeys, expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { testKeys } from "../test-kit.ts";
import { analyzePsbt } from "./analyze.ts";
import { isFinalInput, psbtFromBase64, psbtToBase64 } from "./codec.ts";
import { combinePsbts } from "./combine.ts";
import { convertedPsbt, joinPsbts, withAddedInput, withAddedOutput } from "./construct.ts";
import { type FillOptions, fillPsbt, sameMaterial, withPreviousTransactions } from "./fill.ts";
import { extractTransaction, finalizePsbt } from "./finalize.ts";
import { blankInput, blankOutput, createPsbt, Modifiable, type Psbt, withInput } from "./psbt.ts";
import { lockTimeOf } from "./unsigned-transaction.ts";

const PREFIXES = regtestNetwork().addressPrefixes;
const BYTES_PER_SIGOP = 20;

/** Scripts of a descriptor, and all that is known of them, private keys too. */
function descriptorMaterial(text: string): { readonly script: Uint8Array; readonly material: SigningMaterial } {
  const parsed = parseDescriptor(text, { prefixes: PREFIXES, secp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  const [descriptor] = parsed.descriptors;
  const { secrets } = parsed;
  const { scripts, material } = expandDescriptor(descriptor!, 0, { secp256k1, secrets })!;
  addPrivateKeys(descriptor!, 0, { secp256k1, secrets }, material);
  return { script: scripts.at(-1)!, material };
}

const merged = (...parts: readonly SigningMaterial[]) => {
  const all = new SigningMaterial();
  for (const part of parts) all.merge(part);
  return all;
};

interface Vectors {
  readonly creator: readonly {
    readonly inputs: readonly { readonly txid: string; readonly vout: number }[];
    readonly outputs: readonly Readonly<Record<string, number>>[];
    readonly result: string;
  }[];
  readonly signer: readonly { readonly privkeys: readonly string[]; readonly psbt: string; readonly result: string }[];
  readonly combiner: readonly { readonly combine: readonly [string, string]; readonly result: string }[];
  readonly finalizer: readonly { readonly finalize: string; readonly result: string }[];
  readonly extractor: readonly { readonly extract: string; readonly result: string }[];
}

const decode = (text: string) => psbtFromBase64(text, secp256k1);

describeVectors<Vectors>(
  "core/rpc_psbt.json",
  (vectors) => `core/rpc_psbt.json: the roles of BIP174, ${vectors.signer.length} of the signer`,
  ({ creator, signer, combiner, finalizer, extractor }) => {
    test.each(creator)("creator", ({ inputs, outputs, result }) => {
      const tx = {
        version: 2,
        inputs: inputs.map(({ txid, vout }) => ({
          previousOutput: { txid: fromHex(txid).reverse() as Txid, index: vout },
          scriptSig: new Uint8Array(0),
          sequence: 0xffffffff,
          witness: [],
        })),
        outputs: outputs.flatMap((output) =>
          Object.entries(output).map(([address, amount]) => {
            const decoded = decodeAddress(address, PREFIXES);
            if (!("script" in decoded)) throw new Error(address);
            return { value: BigInt(Math.round(amount * 1e8)), scriptPubKey: decoded.script };
          }),
        ),
        lockTime: 0,
      };
      expect(psbtToBase64(createPsbt(tx, { version: 0 }))).toBe(result);
    });

    test.each(signer)("signer", ({ privkeys, psbt, result }) => {
      const material = merged(...privkeys.map((key) => descriptorMaterial(`combo(${key})`).material));
      const options: FillOptions = { sighashType: SighashType.ALL, finalize: true };
      const filled = fillPsbt(decode(psbt), sameMaterial(material), options, secp256k1);
      expect(filled.error).toBeUndefined();
      expect(psbtToBase64(filled.psbt)).toBe(psbtToBase64(decode(result)));
    });

    test.each(combiner)("combiner", ({ combine, result }) => {
      expect(psbtToBase64(combinePsbts([decode(combine[0]), decode(combine[1])])!)).toBe(result);
    });

    test.each(finalizer)("finalizer", ({ finalize, result }) => {
      const { psbt, complete } = finalizePsbt(decode(finalize), secp256k1);
      expect(psbtToBase64(psbt)).toBe(result);
      expect(complete).toBe(true);
    });

    test.each(extractor)("extractor", ({ extract, result }) => {
      expect(toHex(extractTransaction(decode(extract), secp256k1)!.bytes)).toBe(result);
    });
  },
);

const KEYS = testKeys(PREFIXES);
const [A, B, C] = KEYS.map(({ wif }) => wif) as [string, string, string];
const X_ONLY = toHex(KEYS[3]!.publicKey.subarray(1));

/** Of every kind of output. */
const DESCRIPTORS = [
  `pk(${A})`,
  `pkh(${A})`,
  `wpkh(${A})`,
  `sh(wpkh(${A}))`,
  `multi(1,${A},${B})`,
  `sh(multi(2,${A},${B},${C}))`,
  `wsh(multi(2,${A},${B}))`,
  `sh(wsh(sortedmulti(2,${A},${B},${C})))`,
  `wsh(pkh(${A}))`,
  `tr(${A})`,
  `tr(${A},{pk(${B}),pk(${C})})`,
  `tr(${X_ONLY},{pk(${B}),{pk(${C}),multi_a(2,${A},${B})}})`,
  `rawtr(${A})`,
  `wpkh(${KEYS[0]!.xprv}/1h/2)`,
  `tr(${KEYS[0]!.xprv}/1h/2,pk(${KEYS[1]!.xprv}/3/*))`,
];

/** Without the length of keys. */
const titled = (descriptors: readonly string[]) =>
  descriptors.map((text) => [text.replaceAll(/(c|tprv|[0-9a-f])[A-Za-z0-9]{20,}/g, "key"), text] as const);

/** A transaction with one output. */
function funding(script: Uint8Array, seed: number, value = 100_000n): Transaction {
  const inputs = [
    {
      previousOutput: { txid: sha256(Uint8Array.of(seed)) as Txid, index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0,
      witness: [],
    },
  ];
  return new Transaction({ version: 2, inputs, outputs: [{ value, scriptPubKey: script }], lockTime: 0 });
}

/** Spends the outputs of those descriptors, one to each. */
function spending(descriptors: readonly string[], version: 0 | 2) {
  const known = descriptors.map(descriptorMaterial);
  const sources = known.map(({ script }, index) => funding(script, index));
  const tx = {
    version: 2,
    inputs: sources.map(({ txid }) => ({
      previousOutput: { txid, index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffd,
      witness: [],
    })),
    outputs: known.map(({ script }) => ({ value: 99_000n, scriptPubKey: script })),
    lockTime: 7,
  };
  const find = ({ txid }: { readonly txid: Txid }) => sources.find((source) => toHex(source.txid) === toHex(txid));
  const psbt = withPreviousTransactions(createPsbt(tx, { version }), find);
  return { psbt, sources, material: merged(...known.map(({ material }) => material)) };
}

function expectValid(tx: Transaction, sources: readonly Transaction[]): void {
  const spent = sources.map((source) => source.outputs[0]!);
  const cache = new SighashCache(tx, spent);
  spent.forEach((_, index) => {
    expect(verifyInput(tx, index, cache, STANDARD_SCRIPT_FLAGS, secp256k1), `input ${index}`).toBeUndefined();
  });
}

describe.each([0, 2] as const)("version %i", (version) => {
  test.each(titled(DESCRIPTORS))("%s: updated, signed and finalized by three people", (_, descriptor) => {
    const { psbt, sources, material } = spending([descriptor], version);
    const updated = fillPsbt(psbt, sameMaterial(material), { sign: false, finalize: false }, secp256k1);
    expect(updated).toMatchObject({ complete: false });
    const atUpdater = decode(psbtToBase64(updated.psbt));
    expect(analyzePsbt(atUpdater, BYTES_PER_SIGOP, secp256k1).inputs[0]!.isFinal).toBe(false);
    const signed = fillPsbt(atUpdater, sameMaterial(material), { finalize: false }, secp256k1);
    expect(signed).toMatchObject({ complete: false });
    const atFinalizer = decode(psbtToBase64(signed.psbt));
    const analysis = analyzePsbt(atFinalizer, BYTES_PER_SIGOP, secp256k1);
    expect(analysis).toMatchObject({ next: "finalizer", fee: 1000n });
    expect(extractTransaction(atUpdater, secp256k1)).toBeUndefined();
    const { psbt: finalized, complete } = finalizePsbt(atFinalizer, secp256k1);
    expect(complete).toBe(true);
    expect(analyzePsbt(finalized, BYTES_PER_SIGOP, secp256k1).next).toBe("extractor");
    const tx = extractTransaction(decode(psbtToBase64(finalized)), secp256k1)!;
    expectValid(tx, sources);
    // Of taproot, of which no spent transactions are kept, Core tells no size once all signatures are there.
    if (descriptor.includes("tr(")) return expect(analysis.estimatedVsize).toBeUndefined();
    // What was told of its size before all signatures were there is near what came of it.
    const cost = sigopsCost(tx, [sources[0]!.outputs[0]!], STANDARD_SCRIPT_FLAGS);
    const size = virtualSizeOf(adjustedWeight(tx.weight, cost, BYTES_PER_SIGOP));
    expect(Math.abs(analysis.estimatedVsize! - size)).toBeLessThanOrEqual(2);
  });

  test("all kinds of inputs together, at once", () => {
    const { psbt, sources, material } = spending(DESCRIPTORS, version);
    const filled = fillPsbt(psbt, sameMaterial(material), {}, secp256k1);
    expect(filled).toMatchObject({ complete: true });
    expectValid(extractTransaction(filled.psbt, secp256k1)!, sources);
  });

  test("people who sign one after the other, or apart and combined", () => {
    const descriptor = `wsh(multi(2,${A},${B},${C}))`;
    const { psbt, sources, material } = spending([descriptor], version);
    const updated = fillPsbt(psbt, sameMaterial(material), { sign: false }, secp256k1).psbt;
    const signedBy = (key: string, given: Psbt) =>
      fillPsbt(given, sameMaterial(descriptorMaterial(`wpkh(${key})`).material), {}, secp256k1);
    const a = signedBy(A, updated);
    const c = signedBy(C, updated);
    expect(a.complete).toBe(false);
    expect(analyzePsbt(a.psbt, BYTES_PER_SIGOP, secp256k1).next).toBe("signer");
    const combined = combinePsbts([a.psbt, c.psbt])!;
    const { psbt: finalized, complete } = finalizePsbt(combined, secp256k1);
    expect(complete).toBe(true);
    const inTurn = signedBy(C, a.psbt);
    expect(inTurn.complete).toBe(true);
    expect(psbtToBase64(inTurn.psbt)).toBe(psbtToBase64(finalized));
    expectValid(extractTransaction(finalized, secp256k1)!, sources);
  });
});

describe("what a signer refuses", () => {
  const fill = (psbt: Psbt, material: SigningMaterial, options: FillOptions = {}) =>
    fillPsbt(psbt, sameMaterial(material), options, secp256k1);

  test("CVE-2020-14199: another transaction than the one spent, and legacy signatures without it", () => {
    const { psbt, sources, material } = spending([`pkh(${A})`], 0);
    const [input] = psbt.inputs;
    const told = funding(payToPublicKeyHash(hash160(KEYS[0]!.publicKey)), 99, 1n);
    const lied = fill(withInput(psbt, 0, { ...input!, nonWitnessUtxo: told }), material);
    expect(isFinalInput(lied.psbt.inputs[0]!)).toBe(false);
    const witnessOnly = { ...input!, nonWitnessUtxo: undefined, witnessUtxo: sources[0]!.outputs[0]! };
    const unsigned = fill(withInput(psbt, 0, witnessOnly), material);
    expect(unsigned).toMatchObject({ complete: false });
    expect(unsigned.psbt.inputs[0]).toEqual(witnessOnly);
  });

  test("spent transactions stay while an input of witness version 0, or one that leaves inputs open, is there", () => {
    const kept = (descriptors: readonly string[], options: FillOptions = {}) => {
      const { psbt, material } = spending(descriptors, 2);
      return fill(psbt, material, { sign: false, ...options }).psbt.inputs.map(
        ({ nonWitnessUtxo }) => nonWitnessUtxo !== undefined,
      );
    };
    expect(kept([`tr(${A})`, `tr(${B})`])).toEqual([false, false]);
    expect(kept([`tr(${A})`, `wpkh(${B})`])).toEqual([true, true]);
    const anyoneCanPay = SighashType.ALL | SighashType.ANYONECANPAY;
    expect(kept([`tr(${A})`], { sighashType: anyoneCanPay })).toEqual([true]);
    expect(kept([`tr(${A})`], { sighashType: SighashType.ALL })).toEqual([false]);
  });

  test("another hash type than the one asked for", () => {
    for (const [descriptor, usual] of [
      [`tr(${A})`, SighashType.DEFAULT],
      [`wpkh(${A})`, SighashType.ALL],
    ] as const) {
      const { psbt, material } = spending([descriptor], 2);
      const withType = (sighashType: number) => withInput(psbt, 0, { ...psbt.inputs[0]!, sighashType });
      const refused = { error: "sighash-mismatch", complete: false };
      expect(fill(withType(SighashType.NONE), material)).toMatchObject(refused);
      expect(fill(withType(usual), material, { sighashType: SighashType.SINGLE })).toMatchObject(refused);
      expect(fill(withType(usual), material)).toMatchObject({ complete: true });
      const single = fill(withType(SighashType.SINGLE), material, { sighashType: SighashType.SINGLE });
      expect(single).toMatchObject({ complete: true });
      // A signature with one type, and then another one asked for.
      const signed = fill(psbt, material, { sighashType: SighashType.NONE, finalize: false }).psbt;
      expect(signed.inputs[0]!.sighashType).toBe(SighashType.NONE);
      expect(fill(signed, material)).toMatchObject(refused);
      const untyped = withInput(signed, 0, { ...signed.inputs[0]!, sighashType: undefined });
      expect(fill(untyped, material)).toMatchObject(refused);
    }
  });

  test("lock times that contradict each other", () => {
    const { psbt, material } = spending([`tr(${A})`, `tr(${B})`], 2);
    const [first, second] = psbt.inputs;
    const inputs = [
      { ...first!, requiredTimeLock: 500_000_000 },
      { ...second!, requiredHeightLock: 1 },
    ];
    expect(fill({ ...psbt, inputs }, material)).toMatchObject({ error: "invalid-tx", complete: false });
    expect(finalizePsbt({ ...psbt, inputs }, secp256k1).complete).toBe(false);
    const { error, next } = analyzePsbt({ ...psbt, inputs }, BYTES_PER_SIGOP, secp256k1);
    expect([error, next]).toEqual(["PSBT cannot be made into a valid transaction", "creator"]);
  });

  test("private keys and origins are hidden where they are not to be used", () => {
    const { psbt, material } = spending([`wpkh(${KEYS[0]!.xprv}/1h/2)`], 2);
    const shown = fill(psbt, material, { sign: false }).psbt;
    expect(shown.inputs[0]!.derivations.size).toBe(1);
    expect(shown.outputs[0]!.derivations.size).toBe(1);
    expect(shown.inputs[0]!.partialSignatures.size).toBe(0);
    const bare = fill(psbt, material, { bip32Derivs: false, finalize: false }).psbt;
    expect(bare.inputs[0]!.derivations.size).toBe(0);
    expect(bare.outputs[0]!.derivations.size).toBe(0);
    expect(bare.inputs[0]!.partialSignatures.size).toBe(1);
    expect(material.privateKeys.size).toBe(1);
  });
});

describe("BIP370", () => {
  const outPoint = (index: number) => ({ txid: sha256(Uint8Array.of(index)) as Txid, index });
  const input = (index: number, time?: number, height?: number) => ({
    ...blankInput(outPoint(index), undefined),
    requiredTimeLock: time,
    requiredHeightLock: height,
  });
  const blank = createPsbt({ version: 2, inputs: [], outputs: [], lockTime: 0 });
  const T = 500_000_000;

  test.each([
    ["none asks", [input(0), input(1)], 5, 5],
    ["none asks, and there is no fallback", [input(0)], undefined, 0],
    ["heights", [input(0, undefined, 10), input(1, undefined, 20)], 5, 20],
    ["times", [input(0, T + 3), input(1, T), input(2)], 5, T + 3],
    ["both: heights go first", [input(0, T, 10), input(1, T + 1, 9)], 5, 10],
    ["one takes only times", [input(0, T, 10), input(1, T + 1)], 5, T + 1],
    ["one takes only heights", [input(0, T, 10), input(1, undefined, 9)], 5, 10],
    ["times and heights", [input(0, T), input(1, undefined, 9)], 5, undefined],
    ["times, both and heights", [input(0, T), input(1, T, 8), input(2, undefined, 9)], 5, undefined],
  ] as const)("lock time: %s", (_, inputs, fallbackLockTime, expected) => {
    expect(lockTimeOf({ version: 2, inputs, fallbackLockTime })).toBe(expected);
  });

  test("inputs and outputs are added where it is allowed", () => {
    expect(withAddedInput(blank, input(0))).toEqual({ error: "not-modifiable" });
    const open = { ...blank, modifiable: Modifiable.INPUTS };
    expect(
      withAddedOutput(open, blankOutput({ value: 1n, scriptPubKey: payToTaproot(sha256(Uint8Array.of())) })),
    ).toEqual({
      error: "not-modifiable",
    });
    const one = withAddedInput(open, input(0, T));
    if ("error" in one) throw new Error(one.error);
    expect(withAddedInput(one.psbt, input(0))).toEqual({ error: "duplicate-input" });
    expect(withAddedInput(one.psbt, input(1, undefined, 1))).toEqual({ error: "lock-times-contradict" });
    expect(withAddedInput(one.psbt, input(1, T + 1))).toHaveProperty("psbt");
    const signed = withInput(one.psbt, 0, { ...one.psbt.inputs[0]!, taprootKeySignature: new Uint8Array(64) });
    expect(withAddedInput(signed, input(1, T + 1))).toEqual({ error: "lock-time-is-signed" });
    expect(withAddedInput(signed, input(1, T))).toHaveProperty("psbt");
    const outputs = { ...blank, modifiable: Modifiable.OUTPUTS };
    const added = withAddedOutput(outputs, blankOutput({ value: 1n, scriptPubKey: new Uint8Array(1) }));
    expect(added).toMatchObject({ psbt: { outputs: [{ value: 1n }] } });
  });

  test("there and back", () => {
    const { psbt } = spending(DESCRIPTORS, 0);
    const there = convertedPsbt(psbt, 2)!;
    expect(there.version).toBe(2);
    expect(psbtToBase64(convertedPsbt(there, 0)!)).toBe(psbtToBase64(psbt));
    const asking = withInput(there, 0, { ...there.inputs[0]!, requiredHeightLock: 99, sequence: undefined });
    const back = convertedPsbt(asking, 0)!;
    expect(back).toMatchObject({ version: 0, fallbackLockTime: 99 });
    expect(back.inputs[0]).toMatchObject({ sequence: 0xffffffff, requiredHeightLock: undefined });
    const contradicting = withInput(asking, 1, { ...there.inputs[1]!, requiredTimeLock: T });
    expect(convertedPsbt(contradicting, 0)).toBeUndefined();
  });
});

describe("several PSBTs", () => {
  test("of different transactions or versions are not combined", () => {
    const { psbt } = spending([`tr(${A})`], 2);
    const other = spending([`tr(${B})`], 2).psbt;
    expect(combinePsbts([psbt, other])).toBeUndefined();
    expect(combinePsbts([psbt, convertedPsbt(psbt, 0)!])).toBeUndefined();
    expect(combinePsbts([psbt, psbt])).toEqual(psbt);
    // In version 2 sequences do not tell transactions apart.
    const resequenced = withInput(psbt, 0, { ...psbt.inputs[0]!, sequence: 1 });
    expect(combinePsbts([psbt, resequenced])).toEqual(psbt);
  });

  test("what may be modified when combined", () => {
    const { psbt } = spending([`tr(${A})`], 2);
    const combined = (a: number | undefined, b: number | undefined) =>
      combinePsbts([
        { ...psbt, modifiable: a },
        { ...psbt, modifiable: b },
      ])!.modifiable;
    expect(combined(undefined, undefined)).toBeUndefined();
    expect(combined(3, undefined)).toBe(0);
    expect(combined(3, 1)).toBe(1);
    expect(combined(3, 4)).toBe(4);
    expect(combined(7, 3)).toBe(7);
  });

  test("joined: all inputs, without signatures, and all outputs", () => {
    const { psbt: a, material } = spending([`wpkh(${A})`], 0);
    const { psbt: both } = spending([`pkh(${A})`, `tr(${B})`], 0);
    const signed = fillPsbt(a, sameMaterial(material), {}, secp256k1).psbt;
    const joined = joinPsbts([signed, both], (items) => items.toReversed());
    if ("duplicate" in joined) throw new Error("duplicate");
    expect(joined.psbt.inputs.map(({ previousOutput }) => previousOutput)).toEqual(
      [...a.inputs, ...both.inputs].reverse().map(({ previousOutput }) => previousOutput),
    );
    expect(joined.psbt.inputs.some(isFinalInput)).toBe(false);
    expect(joined.psbt.outputs).toHaveLength(3);
    expect(joinPsbts([a, both, a], (items) => items)).toMatchObject({ duplicate: a.inputs[0] });
    expect(decodeTransaction(new Reader(both.inputs[0]!.nonWitnessUtxo!.bytes)).txid).toEqual(
      both.inputs[0]!.previousOutput.txid,
    );
  });
});

describe("analysis", () => {
  test("what is missing, and who is next", () => {
    const { psbt } = spending([`sh(wsh(multi(2,${A},${B})))`], 2);
    const blank = { ...psbt, inputs: psbt.inputs.map(({ previousOutput }) => blankInput(previousOutput, 0)) };
    const bare = analyzePsbt(blank, BYTES_PER_SIGOP, secp256k1);
    expect(bare).toMatchObject({ next: "updater", inputs: [{ hasUtxo: false, isFinal: false, next: "updater" }] });
    expect(bare.fee).toBeUndefined();
    const { inputs, fee, estimatedVsize } = analyzePsbt(psbt, BYTES_PER_SIGOP, secp256k1);
    expect(inputs[0]!.missing!.redeemScript).toEqual(
      psbt.inputs[0]!.nonWitnessUtxo!.outputs[0]!.scriptPubKey.subarray(2, 22),
    );
    expect(fee).toBe(1000n);
    expect(estimatedVsize).toBeUndefined();
  });

  test("amounts that cannot be, and outputs that nobody can spend", () => {
    const spendingOf = (script: Uint8Array, value: bigint, spent = 1n) => {
      const source = funding(script, 1, value);
      const tx = { version: 2, inputs: [], outputs: [{ value: spent, scriptPubKey: script }], lockTime: 0 };
      const input = { ...blankInput({ txid: source.txid, index: 0 }, 0), nonWitnessUtxo: source };
      return analyzePsbt({ ...createPsbt(tx), inputs: [input] }, BYTES_PER_SIGOP, secp256k1).error;
    };
    const script = payToTaproot(KEYS[0]!.publicKey.subarray(1));
    const most = 2_100_000_000_000_000n;
    expect(spendingOf(script, most)).toBeUndefined();
    expect(spendingOf(script, most + 1n)).toBe("PSBT is not valid. Input 0 has invalid value");
    expect(spendingOf(fromHex("6a"), 1n)).toBe("PSBT is not valid. Input 0 spends unspendable output");
    expect(spendingOf(script, 1n, most)).toBeUndefined();
    expect(spendingOf(script, 1n, most + 1n)).toBe("PSBT is not valid. Output amount invalid");
  });
});
