import { concatBytes, EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeDer } from "@bitfleet/protocol/crypto/der.ts";
import { hash160, sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as curve } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Hash256 } from "@bitfleet/protocol/primitives/types.ts";
import { NO_CODE_SEPARATOR } from "@bitfleet/protocol/script/machine.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { pushData, ScriptBuilder } from "@bitfleet/protocol/script/script.ts";
import type { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { taprootSighash } from "@bitfleet/protocol/script/sighash-taproot.ts";
import { TAPSCRIPT_LEAF_VERSION, tapLeafHash, tapTweakHash } from "@bitfleet/protocol/script/taproot.ts";
import {
  payToAnchor,
  payToMultisig,
  payToPublicKey,
  payToPublicKeyHash,
  payToScriptHash,
  payToTaproot,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "@bitfleet/protocol/script/templates.ts";
import type { SeededRandom } from "./random.ts";

/** Ways to lock coins and to open them: with real signatures, each of which can be spoiled. */

export interface Unlocking {
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** What is signed, and how. */
export interface SigningJob {
  readonly cache: SighashCache;
  readonly inputIndex: number;
  readonly random: SeededRandom;
  /** The signature is to be wrong. */
  readonly isBad: boolean;
}

export interface CoinKind {
  readonly name: string;
  readonly script: Uint8Array;
  readonly needsWitness: boolean;
  /** Smallest sequence number (BIP68) or lock time with which it opens. */
  readonly sequenceMin?: number;
  readonly lockTimeMin?: number;
  unlock(job: SigningJob): Unlocking;
}

const KEYS = [0x11, 0x22, 0x33].map((byte) => new Uint8Array(32).fill(byte));
const [KEY, KEY_2, KEY_3] = KEYS as [Uint8Array, Uint8Array, Uint8Array];
const PUBLIC = curve.publicKeyOf(KEY, true);
const PUBLIC_LONG = curve.publicKeyOf(KEY, false);
const ALL_PUBLIC = KEYS.map((key) => curve.publicKeyOf(key, true));
const X_ONLY = PUBLIC.subarray(1);
const TRUE = Uint8Array.of(Op.ONE);

const HASH_TYPES = [1, 1, 1, 2, 3, 0x81, 0x82, 0x83] as const;
/** Values that mean ALL in old signatures, though no wallet writes them. */
const ODD_HASH_TYPES = [0, 4, 0x21, 0xff] as const;

type HashFor = (hashType: number) => Hash256;

function ecdsa(job: SigningJob, key: Uint8Array, hashFor: HashFor): Uint8Array {
  const { random, isBad } = job;
  const hashType = random.oneIn(12) ? random.pick(ODD_HASH_TYPES) : random.pick(HASH_TYPES);
  const hash = Uint8Array.from(hashFor(hashType));
  if (isBad) hash[random.below(32)]! ^= 1 << random.below(8);
  return concatBytes(encodeDer(curve.signEcdsa(hash, key)), Uint8Array.of(hashType));
}

const legacy = (job: SigningJob, code: Uint8Array): HashFor => {
  return (hashType) => job.cache.legacySighash(job.inputIndex, code, hashType);
};
const version0 = (job: SigningJob, code: Uint8Array): HashFor => {
  return (hashType) => job.cache.witnessV0Sighash(job.inputIndex, code, hashType);
};

const KEY_HASH_CODE = payToPublicKeyHash(hash160(PUBLIC));
const TWO_OF_THREE = payToMultisig(2, ALL_PUBLIC);

function twoSignatures(job: SigningJob, hashFor: HashFor): Uint8Array[] {
  const keys = job.random.pick([
    [KEY, KEY_2],
    [KEY, KEY_3],
    [KEY_2, KEY_3],
  ]);
  return keys.map((key, index) => ecdsa({ ...job, isBad: job.isBad && index === 1 }, key, hashFor));
}

function pushes(...items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...items.map((item) => (item.length === 0 ? Uint8Array.of(Op.ZERO) : pushData(item))));
}

function scriptSigOnly(scriptSig: Uint8Array): Unlocking {
  return { scriptSig, witness: [] };
}

function witnessOnly(...witness: readonly Uint8Array[]): Unlocking {
  return { scriptSig: EMPTY_BYTES, witness };
}

function legacyKind(name: string, script: Uint8Array, scriptSig: (job: SigningJob) => Uint8Array): CoinKind {
  return { name, script, needsWitness: false, unlock: (job) => scriptSigOnly(scriptSig(job)) };
}

function witnessKind(name: string, script: Uint8Array, witness: (job: SigningJob) => readonly Uint8Array[]): CoinKind {
  return { name, script, needsWitness: true, unlock: (job) => witnessOnly(...witness(job)) };
}

/** The kind behind a script hash, with its redeem script in the scriptSig. */
function nested(name: string, redeem: Uint8Array, kind: Pick<CoinKind, "unlock" | "needsWitness">): CoinKind {
  const unlock = (job: SigningJob) => {
    const { scriptSig, witness } = kind.unlock(job);
    return { scriptSig: concatBytes(scriptSig, pushes(redeem)), witness };
  };
  return { name, script: payToScriptHash(hash160(redeem)), needsWitness: kind.needsWitness, unlock };
}

const LEAF = new ScriptBuilder().push(X_ONLY).op(Op.CHECKSIG).bytes();
const SUM_LEAF = new ScriptBuilder()
  .push(X_ONLY)
  .op(Op.CHECKSIG)
  .push(ALL_PUBLIC[1]!.subarray(1))
  .op(Op.CHECKSIGADD, Op.ONE + 1, Op.NUMEQUAL)
  .bytes();

function schnorr(job: SigningJob, key: Uint8Array, leafHash: Hash256 | undefined): Uint8Array {
  const { random, cache, inputIndex } = job;
  let hashType = random.pick([0, 0, 1, 2, 3, 0x81, 0x83]);
  if ((hashType & 3) === 3 && inputIndex >= cache.tx.outputs.length) hashType = 0;
  const context = { annexHash: undefined, leafHash, codeSeparatorPosition: NO_CODE_SEPARATOR };
  const hash = Uint8Array.from(taprootSighash(cache, inputIndex, hashType, context)!);
  if (job.isBad) hash[random.below(32)]! ^= 1;
  const signature = curve.signSchnorr(hash, key, new Uint8Array(32));
  return hashType === 0 ? signature : concatBytes(signature, Uint8Array.of(hashType));
}

function taprootKinds(): CoinKind[] {
  const plainTweak = tapTweakHash(X_ONLY);
  const plain = curve.tweakXOnly(X_ONLY, plainTweak)!;
  const plainKey = curve.tweakPrivateKey(KEY, plainTweak)!;
  const kinds = [witnessKind("taproot key", payToTaproot(plain.x), (job) => [schnorr(job, plainKey, undefined)])];
  for (const [name, leaf] of [
    ["taproot script", LEAF],
    ["taproot sum", SUM_LEAF],
  ] as const) {
    const leafHash = tapLeafHash(TAPSCRIPT_LEAF_VERSION, leaf);
    const output = curve.tweakXOnly(X_ONLY, tapTweakHash(X_ONLY, leafHash))!;
    const control = concatBytes(Uint8Array.of(TAPSCRIPT_LEAF_VERSION | output.parity), X_ONLY);
    const unlock = (job: SigningJob) => {
      const first = schnorr(job, KEY, leafHash);
      return leaf === LEAF ? [first, leaf, control] : [schnorr(job, KEY_2, leafHash), first, leaf, control];
    };
    kinds.push(witnessKind(name, payToTaproot(output.x), unlock));
  }
  return kinds;
}

function lockKinds(): CoinKind[] {
  const locked = (name: string, number: number, opcode: number, needs: Partial<CoinKind>): CoinKind => {
    const script = new ScriptBuilder().number(number).op(opcode, Op.DROP, Op.ONE).bytes();
    return { name, script, needsWitness: false, unlock: () => scriptSigOnly(EMPTY_BYTES), ...needs };
  };
  return [
    locked("csv 1", 1, Op.CHECKSEQUENCEVERIFY, { sequenceMin: 1 }),
    locked("csv 3", 3, Op.CHECKSEQUENCEVERIFY, { sequenceMin: 3 }),
    locked("csv 512s", 0x400001, Op.CHECKSEQUENCEVERIFY, { sequenceMin: 0x400001 }),
    locked("cltv 110", 110, Op.CHECKLOCKTIMEVERIFY, { lockTimeMin: 110 }),
    locked("cltv 2011", 1_296_695_000, Op.CHECKLOCKTIMEVERIFY, { lockTimeMin: 1_296_695_000 }),
  ];
}

const P2WPKH = payToWitnessPublicKeyHash(hash160(PUBLIC));
const wpkh = witnessKind("p2wpkh", P2WPKH, (job) => [ecdsa(job, KEY, version0(job, KEY_HASH_CODE)), PUBLIC]);
const P2WSH = payToWitnessScriptHash(sha256(TWO_OF_THREE));
const wsh = witnessKind("p2wsh multisig", P2WSH, (job) => [
  EMPTY_BYTES,
  ...twoSignatures(job, version0(job, TWO_OF_THREE)),
  TWO_OF_THREE,
]);
const LONG_HASH_SCRIPT = payToPublicKeyHash(hash160(PUBLIC_LONG));

/** Costs nothing to open, and counts as `count` signature checks: behind a branch that is never taken. */
function sigopScript(count: number): Uint8Array {
  const branch = new ScriptBuilder().op(Op.ZERO, Op.IF).raw(new Uint8Array(count).fill(Op.CHECKSIG)).op(Op.ENDIF);
  return branch.op(Op.ONE).bytes();
}

/** In an old redeem script a check costs four, in a witness script one. */
const P2SH_SIGOPS = sigopScript(190);
const P2WSH_SIGOPS = sigopScript(195);

export const ANYONE: CoinKind = legacyKind("anyone", TRUE, () => EMPTY_BYTES);

export const COIN_KINDS: readonly CoinKind[] = [
  ANYONE,
  legacyKind("p2pk", payToPublicKey(PUBLIC), (job) => pushes(ecdsa(job, KEY, legacy(job, payToPublicKey(PUBLIC))))),
  legacyKind("p2pkh long key", LONG_HASH_SCRIPT, (job) =>
    pushes(ecdsa(job, KEY, legacy(job, LONG_HASH_SCRIPT)), PUBLIC_LONG),
  ),
  legacyKind("bare multisig", TWO_OF_THREE, (job) =>
    pushes(EMPTY_BYTES, ...twoSignatures(job, legacy(job, TWO_OF_THREE))),
  ),
  nested("p2sh multisig", TWO_OF_THREE, {
    needsWitness: false,
    unlock: (job) => scriptSigOnly(pushes(EMPTY_BYTES, ...twoSignatures(job, legacy(job, TWO_OF_THREE)))),
  }),
  wpkh,
  wsh,
  nested("p2sh-p2wpkh", P2WPKH, wpkh),
  nested("p2sh-p2wsh", P2WSH, wsh),
  nested("p2sh sigops", P2SH_SIGOPS, { needsWitness: false, unlock: () => scriptSigOnly(EMPTY_BYTES) }),
  witnessKind("p2wsh sigops", payToWitnessScriptHash(sha256(P2WSH_SIGOPS)), () => [P2WSH_SIGOPS]),
  ...taprootKinds(),
  ...lockKinds(),
  legacyKind("anchor", payToAnchor(), () => EMPTY_BYTES),
  legacyKind("witness v5", payToWitnessProgram(5, new Uint8Array(20)), () => EMPTY_BYTES),
];
