import { concatBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { describeVectors } from "@bitfleet/protocol/script/test-kit.ts";
import { describe, expect, test } from "vitest";
import { addPrivateKeys, expandDescriptor } from "../descriptors/descriptor.ts";
import { parseDescriptor } from "../descriptors/descriptor-parser.ts";
import { keyIdOf } from "../keys/keys.ts";
import { MusigNonces } from "../signing/musig-nonces.ts";
import { musigShareName } from "../signing/signature-data.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { type TestKey, testKeys } from "../test-kit.ts";
import { psbtFromBase64, psbtToBase64 } from "./codec.ts";
import { combinePsbts } from "./combine.ts";
import { type FillOptions, fillPsbt, sameMaterial } from "./fill.ts";
import { extractTransaction, finalizePsbt } from "./finalize.ts";
import { leafScriptName } from "./input-keys.ts";
import { createPsbt, type Psbt, type PsbtInput, withInput } from "./psbt.ts";

const PREFIXES = regtestNetwork().addressPrefixes;
const KEYS = testKeys(PREFIXES);
/** BIP341: a key that nobody can have. */
const NUMS = "50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0";

let randomCount = 0;
/** Never the same twice. */
const newNonces = (options = {}) =>
  new MusigNonces({ randomBytes: () => sha256(new TextEncoder().encode(`random ${randomCount++}`)) }, options);

/** One of several people: the keys and scripts that they know of, and the nonces they keep. */
class Signer {
  readonly material: SigningMaterial;
  nonces = newNonces();

  constructor(material: SigningMaterial) {
    this.material = material;
  }

  process(psbt: Psbt, options: FillOptions = {}): Psbt {
    const filled = fillPsbt(psbt, sameMaterial(this.material), { musigNonces: this.nonces, ...options }, secp256k1);
    expect(filled.error).toBeUndefined();
    // What others get has been through a text.
    return psbtFromBase64(psbtToBase64(filled.psbt), secp256k1);
  }
}

/** The script of a descriptor whose keys are $0, $1, …, and what somebody knows who has the private keys of some of them. */
function known(pattern: string, own: readonly number[]) {
  const text = pattern.replaceAll(/\$(\d)/g, (_, digit: string) => {
    const key: TestKey = KEYS[Number(digit)]!;
    return own.includes(Number(digit)) ? key.xprv : key.xpub;
  });
  const parsed = parseDescriptor(text, { prefixes: PREFIXES, secp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  const context = { secp256k1, secrets: parsed.secrets };
  const { scripts, material } = expandDescriptor(parsed.descriptors[0], 1, context)!;
  addPrivateKeys(parsed.descriptors[0], 1, context, material);
  return { script: scripts[0]!, material };
}

/** Somebody who has a key and knows of no descriptor. */
function stranger(index: number): Signer {
  const parsed = parseDescriptor(`pk(${KEYS[index]!.xprv})`, { prefixes: PREFIXES, secp256k1 });
  if ("error" in parsed) throw new Error(parsed.error);
  return new Signer(parsed.secrets);
}

/** People with one key each, and a transaction that spends what they have together. */
function party(pattern: string, count: number, outputs = 1) {
  const signers = Array.from({ length: count }, (_, index) => new Signer(known(pattern, [index]).material));
  return { signers, psbt: spending(known(pattern, []).script, outputs) };
}

function spending(script: Uint8Array, outputs = 1): Psbt {
  const tx = {
    version: 2,
    inputs: [
      {
        previousOutput: { txid: sha256(script) as Txid, index: 0 },
        scriptSig: new Uint8Array(0),
        sequence: 0xfffffffd,
        witness: [],
      },
    ],
    outputs: Array.from({ length: outputs }, (_, index) => ({
      value: 10_000n + BigInt(index),
      scriptPubKey: fromHex("0014751e76e8199196d454941c45d1b3a323f1433bd6"),
    })),
    lockTime: 7,
  };
  const psbt = createPsbt(tx);
  return withInput(psbt, 0, { ...psbt.inputs[0]!, witnessUtxo: { value: 100_000n, scriptPubKey: script } });
}

const combined = (...psbts: readonly Psbt[]) => combinePsbts(psbts as [Psbt, ...Psbt[]])!;
const everyone = (signers: readonly Signer[], psbt: Psbt, options: FillOptions = {}) =>
  combined(...signers.map((signer) => signer.process(psbt, options)));
const noncesOf = (psbt: Psbt) => [...psbt.inputs[0]!.musigNonces.values()];
const partsOf = (psbt: Psbt) => [...psbt.inputs[0]!.musigPartialSignatures.values()];
const withFields = (psbt: Psbt, fields: Partial<PsbtInput>) => withInput(psbt, 0, { ...psbt.inputs[0]!, ...fields });
const isComplete = (psbt: Psbt) => finalizePsbt(psbt, secp256k1).complete;

const PAIR = "tr(musig($0,$1)/0/*)";

describe("several people sign for an aggregate key", () => {
  test.each([
    { pattern: "tr(musig($0,$1))", count: 2 },
    { pattern: PAIR, count: 2 },
    { pattern: "rawtr(musig($0/*,$1/2/*))", count: 2, hashType: SighashType.ALL | SighashType.ANYONECANPAY },
    { pattern: "rawtr(musig($2,$0,$1)/5/*)", count: 3 },
    { pattern: "tr(musig($0/1/*,$1/*,$2/3/*))", count: 3 },
    { pattern: `tr(${NUMS},pk(musig($1,$0)/1/*))`, count: 2, items: 3, hashType: SighashType.NONE },
    { pattern: `tr(${NUMS},{pk(musig($0,$1,$2)/*),pk(musig($1,$2)/*)})`, count: 3, items: 3, leaves: 2 },
    { pattern: `tr(${NUMS},and_v(v:pkh(musig($0,$1,$2)/0),after(7)))`, count: 3, items: 4 },
    { pattern: "tr(musig($0,$1)/0,pk(musig($1,$0)/0))", count: 2, leaves: 2 },
    { pattern: "tr(musig($0))", count: 1 },
  ])("$pattern", ({ pattern, count, items = 1, leaves = 1, hashType }) => {
    const { signers, psbt } = party(pattern, count);
    const options = { sighashType: hashType };
    const withNonces = everyone(signers, psbt, options);
    expect(noncesOf(withNonces)).toHaveLength(leaves === 2 && count === 3 ? 5 : count * leaves);
    expect(partsOf(withNonces)).toEqual([]);
    const signed = everyone(signers, withNonces, options);
    if (count > 1) expect(partsOf(signed)).toHaveLength(noncesOf(withNonces).length);
    const final = finalizePsbt(signed, secp256k1);
    expect(final.transaction!.inputs[0]!.witness).toHaveLength(items);
    const verified = fillPsbt(final.psbt, sameMaterial(new SigningMaterial()), {}, secp256k1);
    expect(verified.complete).toBe(true);
    for (const { nonces } of signers) expect(nonces.size).toBe(0);
  });

  test("in whatever order, each from what the last one made", () => {
    const { signers, psbt } = party("tr(musig($0,$1,$2)/0/*)", 3);
    const [a, b, c] = signers as [Signer, Signer, Signer];
    const withNonces = [c, a, b].reduce((at, signer) => signer.process(at), psbt);
    // Who is asked when all nonces are there has signed already, and goes on no further.
    expect(partsOf(withNonces)).toHaveLength(0);
    const signed = [b, c, a].reduce((at, signer) => signer.process(at), withNonces);
    expect(extractTransaction(signed, secp256k1)).toBeDefined();
    expect(signed.inputs[0]!.finalWitness).toHaveLength(1);
  });

  test("one of them knows no descriptor, and finds in the PSBT what it is asked for", () => {
    const { signers, psbt } = party("tr(musig($0,$1)/0/*)", 2);
    const two = [signers[0]!, stranger(1)];
    const described = two[0]!.process(psbt, { sign: false });
    expect(noncesOf(described)).toEqual([]);
    const signed = everyone(two, everyone(two, described));
    expect(isComplete(signed)).toBe(true);
  });

  test("who has all keys takes two rounds alone", () => {
    const all = new Signer(known(PAIR, [0, 1]).material);
    const withNonces = all.process(spending(known(PAIR, []).script));
    expect(noncesOf(withNonces)).toHaveLength(2);
    expect(all.process(withNonces).inputs[0]!.finalWitness).toHaveLength(1);
  });

  test("nothing comes of it while one is silent", () => {
    const { signers, psbt } = party("tr(musig($0,$1,$2)/0/*)", 3);
    const two = signers.slice(0, 2);
    const someNonces = everyone(two, psbt);
    const again = everyone(two, someNonces);
    expect(noncesOf(again)).toEqual(noncesOf(someNonces));
    expect(partsOf(again)).toEqual([]);
    const allNonces = everyone(signers, someNonces);
    const someParts = everyone(two, allNonces);
    expect(partsOf(someParts)).toHaveLength(2);
    expect(isComplete(someParts)).toBe(false);
    expect(isComplete(combined(someParts, signers[2]!.process(allNonces)))).toBe(true);
  });

  test("who keeps no nonces makes none", () => {
    const { signers, psbt } = party(PAIR, 2);
    const filled = signers[0]!.process(psbt, { musigNonces: undefined });
    expect(noncesOf(filled)).toEqual([]);
    expect(filled.inputs[0]!.musigParticipants.size).toBe(1);
  });

  test("who is in it twice cannot sign: two nonces would be of one name", () => {
    const { signers, psbt } = party("tr(musig($0,$0,$1))", 2);
    const withNonces = everyone(signers, psbt);
    expect(signers[0]!.nonces.size).toBe(1);
    expect(partsOf(everyone(signers, withNonces))).toEqual([]);
  });
});

describe("a nonce is used once, for what it was made for", () => {
  const begun = (outputs = 1) => {
    const { signers, psbt } = party(PAIR, 2, outputs);
    const [me, other] = signers as [Signer, Signer];
    return { me, other, signers, psbt, withNonces: everyone(signers, psbt) };
  };

  test("no part of its secret half is in a PSBT", () => {
    const { me, withNonces } = begun();
    const [mine] = noncesOf(withNonces).filter(({ participant }) => me.material.privateKeys.has(keyIdOf(participant)));
    const { participant, aggregateKey: signingKey } = mine!;
    const taken: Uint8Array[] = [];
    const take = me.nonces.take.bind(me.nonces);
    me.nonces.take = (...given) => {
      const secret = take(...given);
      if (secret !== undefined) taken.push(secret.slice());
      return secret;
    };
    const signed = me.process(withNonces);
    expect(taken).toHaveLength(1);
    for (const psbt of [withNonces, signed]) {
      const hex = toHex(Uint8Array.from(atob(psbtToBase64(psbt)), (character) => character.charCodeAt(0)));
      expect(hex).toContain(toHex(concatBytes(participant, signingKey)));
      for (const half of [0, 32]) expect(hex).not.toContain(toHex(taken[0]!.subarray(half, half + 32)));
    }
  });

  test("the same PSBT a second time gives nothing new", () => {
    const { me, withNonces } = begun();
    const signed = me.process(withNonces);
    expect(partsOf(signed)).toHaveLength(1);
    const again = me.process(withNonces);
    expect(psbtToBase64(again)).toBe(psbtToBase64(withNonces));
    expect(psbtToBase64(me.process(signed))).toBe(psbtToBase64(signed));
  });

  test("nor does another nonce of the other one, once there was a partial signature", () => {
    const { me, other, psbt, withNonces } = begun();
    const mine = me.process(withNonces);
    other.nonces = newNonces();
    const own = noncesOf(withNonces).find(({ participant }) => me.material.privateKeys.has(keyIdOf(participant)))!;
    const fresh = combined(
      withFields(psbt, { musigNonces: new Map([[musigShareName(own), own]]) }),
      other.process(psbt),
    );
    expect(noncesOf(fresh)).toHaveLength(2);
    expect(psbtToBase64(fresh)).not.toBe(psbtToBase64(mine));
    expect(partsOf(me.process(fresh))).toEqual([]);
  });

  test("for another hash type it is not used, and is still there for its own", () => {
    const { me, signers, withNonces } = begun();
    const option = { sighashType: SighashType.ALL | SighashType.ANYONECANPAY };
    const other = me.process(withNonces, option);
    expect(partsOf(other)).toEqual([]);
    expect(noncesOf(other)).toEqual(noncesOf(withNonces));
    expect(isComplete(everyone(signers, withNonces))).toBe(true);
  });

  test("for another transaction it is not used", () => {
    const { me, withNonces } = begun();
    const [output] = withNonces.outputs;
    const richer: Psbt = { ...withNonces, outputs: [{ ...output!, value: output!.value + 1n }] };
    expect(partsOf(me.process(richer))).toEqual([]);
    expect(partsOf(me.process(withFields(withNonces, { sequence: 0 })))).toEqual([]);
    const utxo = withNonces.inputs[0]!.witnessUtxo!;
    const other = withFields(withNonces, { witnessUtxo: { ...utxo, value: utxo.value + 1n } });
    expect(partsOf(me.process(other))).toEqual([]);
    expect(partsOf(me.process(withNonces))).toHaveLength(1);
  });

  test("signatures that are made at one time have a nonce each", () => {
    const { me, signers, psbt, withNonces } = begun();
    const second = everyone(signers, psbt);
    const values = [...noncesOf(withNonces), ...noncesOf(second)].map(({ value }) => toHex(value));
    expect(new Set(values).size).toBe(4);
    expect(me.nonces.size).toBe(2);
    const [a, b] = [everyone(signers, second), everyone(signers, withNonces)].map(
      (signed) => extractTransaction(signed, secp256k1)!.inputs[0]!.witness[0]!,
    );
    expect(toHex(a!)).not.toBe(toHex(b!));
  });

  test("it is gone when another program goes on: then nothing is signed", () => {
    const { me, withNonces } = begun();
    me.nonces.clear();
    expect(me.nonces.size).toBe(0);
    expect(psbtToBase64(me.process(withNonces))).toBe(psbtToBase64(withNonces));
  });

  test("the oldest is given up where there are too many", () => {
    const { signers, psbt } = party(PAIR, 2);
    const [me] = signers as [Signer, Signer];
    me.nonces = newNonces({ sessionsMax: 2 });
    const begunOnes = [1, 2, 3].map(() => everyone(signers, psbt));
    expect(me.nonces.size).toBe(2);
    const parts = begunOnes.map((one) => partsOf(me.process(one)).length);
    expect(parts).toEqual([0, 1, 1]);
  });
});

describe("others who lie get nothing", () => {
  const setting = () => {
    const { signers, psbt } = party(PAIR, 2);
    const withNonces = everyone(signers, psbt);
    const isMine = ({ participant }: { participant: Uint8Array }) =>
      signers[0]!.material.privateKeys.has(keyIdOf(participant));
    /** With another nonce of the other one. */
    const lying = (value: Uint8Array) => {
      const shares = noncesOf(withNonces).map((share) => (isMine(share) ? share : { ...share, value }));
      return withFields(withNonces, { musigNonces: new Map(shares.map((share) => [musigShareName(share), share])) });
    };
    const mine = noncesOf(withNonces).find(isMine)!.value;
    return { me: signers[0]!, signers, withNonces, lying, mine, isMine };
  };

  test("nonces that are no points: mine stays unused", () => {
    const { me, signers, withNonces, lying } = setting();
    for (const value of [new Uint8Array(66), new Uint8Array(66).fill(5), new Uint8Array(66).fill(0xff)]) {
      expect(partsOf(me.process(lying(value)))).toEqual([]);
    }
    expect(isComplete(everyone(signers, withNonces))).toBe(true);
  });

  test("nonces made of mine: there is a part of mine that is right, and no signature", () => {
    for (const change of ["same", "negated"] as const) {
      const { me, lying, mine, isMine } = setting();
      const value = mine.slice();
      for (const half of change === "negated" ? [0, 33] : []) value[half]! ^= 1;
      const signed = me.process(lying(value));
      expect(partsOf(signed).filter(isMine)).toHaveLength(1);
      const [part] = partsOf(signed);
      const forged = { ...part!, participant: noncesOf(signed).find((share) => !isMine(share))!.participant };
      const shares = new Map([part!, forged].map((share) => [musigShareName(share), share]));
      expect(isComplete(withFields(signed, { musigPartialSignatures: shares }))).toBe(false);
    }
  });

  test("partial signatures that are wrong or too great", () => {
    const { signers, withNonces, isMine } = setting();
    const signed = everyone(signers, withNonces);
    expect(isComplete(signed)).toBe(true);
    for (const value of [sha256(Uint8Array.of(1)), new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
      const shares = partsOf(signed).map((share) => (isMine(share) ? share : { ...share, value }));
      const lying = withFields(signed, {
        musigPartialSignatures: new Map(shares.map((share) => [musigShareName(share), share])),
      });
      expect(isComplete(lying)).toBe(false);
      expect(partsOf(signers[0]!.process(lying))).toHaveLength(2);
    }
  });

  test("participants whose aggregate key it is not: no nonce, and no part by a nonce that was made", () => {
    const { signers, psbt } = party(PAIR, 2);
    const [one, first] = [stranger(0), signers[1]];
    const described = first!.process(psbt, { sign: false });
    const [[name, { aggregateKey, participants }]] = [...described.inputs[0]!.musigParticipants] as [
      [string, { aggregateKey: Uint8Array; participants: readonly Uint8Array[] }],
    ];
    const claim = (claimed: readonly Uint8Array[]) => ({
      musigParticipants: new Map([[name, { aggregateKey, participants: claimed }]]),
    });
    const others = [participants.toReversed(), [...participants, KEYS[3]!.publicKey], participants.slice(0, 1)];
    const isMe = (key: Uint8Array) => one.material.privateKeys.has(keyIdOf(key));
    for (const claimed of others.filter((keys) => keys.some(isMe))) {
      expect(noncesOf(one.process(withFields(described, claim(claimed))))).toEqual([]);
    }
    const honest = combined(one.process(described), first!.process(psbt));
    expect(noncesOf(honest)).toHaveLength(2);
    const lying = withFields(honest, claim(participants.toReversed()));
    expect(partsOf(one.process(lying))).toEqual([]);
    expect(partsOf(one.process(honest))).toHaveLength(1);
  });

  test("a script that asks for one signature many times: it is tried for once", () => {
    const { signers, psbt } = party(`tr(${NUMS},pk(musig($0,$1)/0/*))`, 2);
    const described = signers[0]!.process(psbt, { sign: false });
    const [leaf] = [...described.inputs[0]!.taprootScripts.values()];
    const check = concatBytes(leaf!.script.subarray(0, 33), Uint8Array.of(Op.CHECKSIGVERIFY));
    const script = concatBytes(...Array.from({ length: 50 }, () => check), leaf!.script);
    const name = leafScriptName(script, leaf!.leafVersion);
    const greedy = withFields(described, { taprootScripts: new Map([[name, { ...leaf!, script }]]) });
    const two = [stranger(0), stranger(1)];
    const withNonces = everyone(two, greedy);
    expect(noncesOf(withNonces)).toHaveLength(2);
    let lookUps = 0;
    two[0]!.nonces.has = () => ++lookUps < 0;
    two[0]!.process(withNonces);
    expect(lookUps).toBe(1);
  });

  test("an origin that does not lead to the key", () => {
    const { signers, psbt } = party(PAIR, 2);
    const first = signers[1];
    const described = first!.process(psbt, { sign: false });
    for (const path of [[0], [0, 2], [0, 1, 0], [0x80000000, 1], []]) {
      const derivations = [...described.inputs[0]!.taprootDerivations].map(([id, derivation]) => {
        const isAggregate = derivation.origin.path.length === 2;
        return [id, isAggregate ? { ...derivation, origin: { ...derivation.origin, path } } : derivation] as const;
      });
      const lying = withFields(described, { taprootDerivations: new Map(derivations) });
      expect(noncesOf(stranger(0).process(lying))).toEqual([]);
    }
  });
});

describeVectors<{ readonly valid: readonly string[] }>(
  "core/rpc_psbt.json",
  () => "core/rpc_psbt.json: signatures of several people (BIP373)",
  ({ valid }) => {
    const signed = valid
      .map((text) => psbtFromBase64(text, secp256k1))
      .filter(({ inputs }) => inputs.length > 0)
      .filter(({ inputs: [input] }) => {
        const isSigned = input!.taprootKeySignature !== undefined || input!.taprootScriptSignatures.size > 0;
        return input!.musigPartialSignatures.size > 0 && !isSigned;
      });

    test("are put together by the finalizer where all parts are there", () => {
      expect(signed.length).toBeGreaterThan(0);
      const whole = signed.filter(isComplete);
      expect(whole.length).toBeGreaterThan(0);
      for (const psbt of whole) {
        expect(extractTransaction(psbt, secp256k1)!.inputs[0]!.witness.length).toBeGreaterThan(0);
        const [[name]] = [...psbt.inputs[0]!.musigPartialSignatures] as [[string, unknown]];
        const fewer = new Map(psbt.inputs[0]!.musigPartialSignatures);
        fewer.delete(name);
        expect(isComplete(withFields(psbt, { musigPartialSignatures: fewer }))).toBe(false);
      }
    });
  },
);
