/** What tests of PSBTs share: random ones with every kind of pair. */
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { keyIdOf } from "../keys/keys.ts";
import { musigShareName } from "../signing/signature-data.ts";
import { xpubName } from "./global-keys.ts";
import { leafScriptName, withControlBlock } from "./input-keys.ts";
import { blankInput, blankOutput, type Entries, type Psbt, type PsbtInput, type PsbtOutput } from "./psbt.ts";

/** Public keys of every form that may stand in a PSBT. */
const KEYS = [1, 2, 3].flatMap((byte) => {
  const privateKey = sha256(Uint8Array.of(byte));
  return [portableSecp256k1.publicKeyOf(privateKey, true), portableSecp256k1.publicKeyOf(privateKey, false)];
});
const COMPRESSED = KEYS.filter(({ length }) => length === 33);

/** BIP66: a signature whose form is right. */
const DER = Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1);

const bytes = (size: number, most = size) => fc.uint8Array({ minLength: size, maxLength: most });
const uint32 = fc.nat({ max: 0xffffffff });
const someBytes = bytes(1, 40);
const hash = bytes(32).filter((one) => one.some((byte) => byte !== 0));
const key = fc.constantFrom(...KEYS);
const compressed = fc.constantFrom(...COMPRESSED);
const origin = fc.record({ fingerprint: bytes(4), path: fc.array(uint32, { maxLength: 4 }) });

/** Up to three values, by their names. */
function entries<Value>(value: fc.Arbitrary<Value>, nameOf: (value: Value) => string): fc.Arbitrary<Entries<Value>> {
  return fc.array(value, { maxLength: 3 }).map((values) => new Map(values.map((one) => [nameOf(one), one])));
}

/** By hash, in hex. */
const preimagesOf = (size: number): fc.Arbitrary<Entries<Uint8Array>> =>
  fc.array(fc.tuple(bytes(size), bytes(0, 40)), { maxLength: 2 }).map((pairs) => {
    return new Map(pairs.map(([name, preimage]) => [toHex(name), preimage]));
  });

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

const unknown = entries(
  fc.record({ key: bytes(1, 9).map((rest) => Uint8Array.of(0xa0, ...rest)), value: bytes(0, 30) }),
  ({ key: name }) => toHex(name),
);

const proprietary = entries(
  fc
    .record({ identifier: bytes(0, 5), subtype: fc.nat({ max: 0xfc }), rest: bytes(0, 5), value: bytes(0, 9) })
    .map(({ identifier, subtype, rest, value }) => ({
      key: Uint8Array.of(0xfc, identifier.length, ...identifier, subtype, ...rest),
      identifier,
      subtype,
      value,
    })),
  ({ key: name }) => toHex(name),
);

const derivations = entries(fc.record({ publicKey: key, origin }), ({ publicKey }) => toHex(publicKey));

const taprootDerivations = entries(
  fc.record({
    xOnlyKey: bytes(32),
    leafHashes: fc
      .array(bytes(32), { maxLength: 3 })
      .map((hashes) => [...new Map(hashes.map((one) => [toHex(one), one]))].sort().map(([, one]) => one)),
    origin,
  }),
  ({ xOnlyKey }) => toHex(xOnlyKey),
);

const musigParticipants = entries(
  fc.record({ aggregateKey: compressed, participants: fc.array(compressed, { maxLength: 3 }) }),
  ({ aggregateKey }) => toHex(aggregateKey),
);

const musigShares = (size: number) =>
  entries(
    fc.record({ participant: compressed, aggregateKey: compressed, leafHash: maybe(hash), value: bytes(size) }),
    musigShareName,
  );

const output: fc.Arbitrary<TxOutput> = fc.record({ value: fc.bigInt(0n, 21_000_000n), scriptPubKey: bytes(0, 40) });

/** A transaction that has the output of that index. */
const previousTransaction = fc
  .record({ outputs: fc.array(output, { minLength: 1, maxLength: 3 }), lockTime: uint32, txid: hash })
  .map(({ outputs, lockTime, txid }) => {
    const inputs = [
      { previousOutput: { txid: txid as Txid, index: 0 }, scriptSig: new Uint8Array(0), sequence: 0, witness: [] },
    ];
    return new Transaction({ version: 2, inputs, outputs, lockTime });
  });

const signing = fc.record({
  partialSignatures: entries(
    fc.record({ publicKey: key, hashType: fc.constantFrom(1, 2, 3, 0x81) }).map(({ publicKey, hashType }) => ({
      publicKey,
      signature: Uint8Array.of(...DER, hashType),
    })),
    ({ publicKey }) => keyIdOf(publicKey),
  ),
  sighashType: maybe(fc.integer({ min: -0x80000000, max: 0x7fffffff })),
  redeemScript: maybe(someBytes),
  witnessScript: maybe(someBytes),
  derivations,
  preimages: fc.record({
    ripemd160: preimagesOf(20),
    sha256: preimagesOf(32),
    hash160: preimagesOf(20),
    hash256: preimagesOf(32),
  }),
  taprootKeySignature: maybe(bytes(64, 65)),
  taprootScriptSignatures: entries(
    fc.record({ xOnlyKey: bytes(32), leafHash: bytes(32), signature: bytes(64, 65) }),
    ({ xOnlyKey, leafHash }) => toHex(xOnlyKey) + toHex(leafHash),
  ),
  taprootScripts: entries(
    fc.record({
      script: bytes(0, 4),
      leafVersion: fc.constantFrom(0xc0, 0xc2),
      controlBlocks: fc
        .array(
          fc.nat({ max: 2 }).chain((depth) => bytes(33 + 32 * depth)),
          { minLength: 1, maxLength: 3 },
        )
        .map((blocks) => blocks.reduce<readonly Uint8Array[]>(withControlBlock, [])),
    }),
    ({ script, leafVersion }) => leafScriptName(script, leafVersion),
  ),
  taprootDerivations,
  taprootInternalKey: maybe(hash),
  taprootMerkleRoot: maybe(hash),
  musigParticipants,
  musigNonces: musigShares(66),
  musigPartialSignatures: musigShares(32),
});

const LOCK_TIME_THRESHOLD = 500_000_000;

const lockFields = fc.record({
  sequence: maybe(uint32),
  requiredTimeLock: maybe(fc.integer({ min: LOCK_TIME_THRESHOLD, max: 0xffffffff })),
  requiredHeightLock: maybe(fc.integer({ min: 1, max: LOCK_TIME_THRESHOLD - 1 })),
});

const finals = fc.oneof(
  fc.record({ finalScriptSig: maybe(someBytes), finalWitness: maybe(fc.array(bytes(0, 9), { minLength: 1 })) }),
  signing,
);

function inputOf(version: 0 | 2): fc.Arbitrary<PsbtInput> {
  const spent = fc.record({ tx: previousTransaction, isTold: fc.boolean(), index: fc.nat({ max: 2 }) });
  return fc
    .tuple(spent, lockFields, finals, maybe(output), proprietary, unknown)
    .map(([{ tx, isTold, index }, locks, fields, witnessUtxo, ...[own, others]]) => {
      const outPoint = { txid: tx.txid, index: index % tx.outputs.length };
      return {
        ...blankInput(outPoint, locks.sequence ?? 7),
        ...(version === 2 ? locks : {}),
        ...fields,
        nonWitnessUtxo: isTold ? tx : undefined,
        witnessUtxo,
        proprietary: own,
        unknown: others,
      };
    });
}

const leaf = fc.record({ script: bytes(0, 6), leafVersion: fc.constantFrom(0xc0, 0xc2) });

const psbtOutput: fc.Arbitrary<PsbtOutput> = fc
  .tuple(
    output,
    fc.record({
      redeemScript: maybe(someBytes),
      witnessScript: maybe(someBytes),
      derivations,
      taprootInternalKey: maybe(hash),
      taprootTree: fc.oneof(
        fc.constant([]),
        leaf.map((one) => [{ ...one, depth: 0 }]),
        fc.tuple(leaf, leaf, leaf).map((leaves) => leaves.map((one, at) => ({ ...one, depth: at === 0 ? 1 : 2 }))),
      ),
      taprootDerivations,
      musigParticipants,
      proprietary,
      unknown,
    }),
  )
  .map(([fields, rest]) => ({ ...blankOutput(fields), ...rest }));

const xpubs = entries(
  fc
    .record({ chainCode: bytes(32), publicKey: compressed, depth: fc.nat({ max: 255 }), origin })
    .map(({ chainCode, publicKey, depth, origin: from }) => ({
      key: Uint8Array.of(4, 0x35, 0x87, 0xcf, depth, ...new Uint8Array(8), ...chainCode, ...publicKey),
      origin: from,
    })),
  ({ key: name, origin: from }) => xpubName(name, from),
);

/** Any PSBT of a version. */
export function anyPsbt(version: 0 | 2): fc.Arbitrary<Psbt> {
  return fc
    .record({
      txVersion: uint32,
      fallbackLockTime: version === 0 ? uint32 : maybe(uint32),
      modifiable: version === 0 ? fc.constant(undefined) : maybe(fc.nat({ max: 255 })),
      xpubs,
      proprietary,
      unknown,
      inputs: fc.array(inputOf(version), { maxLength: 3 }),
      outputs: fc.array(psbtOutput, { maxLength: 3 }),
    })
    .map((fields) => ({ version, ...fields }));
}
