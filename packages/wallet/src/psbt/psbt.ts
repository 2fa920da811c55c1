import type { OutPoint, Transaction, TransactionFields, TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { KeyOrigin } from "../keys/keys.ts";
import type { KeySignature, MusigShare } from "../signing/signature-data.ts";

/**
 * Partially signed transactions (BIP174, BIP370, BIP371, BIP373) as values: nothing here is changed once it is made, every
 * role answers a new one. Both versions have this one form; what version 0 says in its unsigned transaction stands in the
 * same fields as what version 2 says in pairs of their own.
 */
export interface Psbt {
  readonly version: PsbtVersion;
  /** Of the transaction, unsigned 32 bits. */
  readonly txVersion: number;
  /** In version 0 the lock time itself; in version 2 the one of a transaction none of whose inputs asks for one. */
  readonly fallbackLockTime: number | undefined;
  /** BIP370: {@link Modifiable} bits; `undefined` where nothing may be added, and in version 0. */
  readonly modifiable: number | undefined;
  readonly xpubs: Entries<GlobalXpub>;
  readonly proprietary: Entries<ProprietaryPair>;
  readonly unknown: Entries<UnknownPair>;
  readonly inputs: readonly PsbtInput[];
  readonly outputs: readonly PsbtOutput[];
}

export type PsbtVersion = 0 | 2;

/** BIP370: what may still be done to a transaction under construction. */
export const Modifiable = { INPUTS: 1, OUTPUTS: 2, HAS_SIGHASH_SINGLE: 4 } as const;

/**
 * Pairs of one type, by the hex of what distinguishes them. In the order of these names pairs are written, so that the same
 * content gives the same bytes as Core's.
 */
export type Entries<Value> = ReadonlyMap<string, Value>;

/** An extended public key and where it comes from. */
export interface GlobalXpub {
  /** BIP32: the 78 bytes of its serialization, version first. */
  readonly key: Uint8Array;
  readonly origin: KeyOrigin;
}

/** A pair of somebody's own making (BIP174, type 0xfc). */
export interface ProprietaryPair extends UnknownPair {
  readonly identifier: Uint8Array;
  readonly subtype: number;
}

/** A pair kept as it came. */
export interface UnknownPair {
  /** Whole, with its type. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface KeyDerivation {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin;
}

/** BIP371. */
export interface TaprootDerivation {
  readonly xOnlyKey: Uint8Array;
  /** The leaves in which the key is, in the order of their bytes; none for the internal key. */
  readonly leafHashes: readonly Uint8Array[];
  readonly origin: KeyOrigin;
}

export interface TaprootScriptSignature {
  readonly xOnlyKey: Uint8Array;
  readonly leafHash: Uint8Array;
  /** 64 bytes, or 65 with the hash type. */
  readonly signature: Uint8Array;
}

export interface TaprootLeafScript {
  readonly script: Uint8Array;
  readonly leafVersion: number;
  /** One for each place in the tree, the shortest first. */
  readonly controlBlocks: readonly Uint8Array[];
}

/** BIP373: the keys that an aggregate key was made of, in their order. */
export interface MusigParticipants {
  readonly aggregateKey: Uint8Array;
  readonly participants: readonly Uint8Array[];
}

/** BIP174: preimages by the hex of their hashes. */
export interface HashPreimages {
  readonly ripemd160: Entries<Uint8Array>;
  readonly sha256: Entries<Uint8Array>;
  readonly hash160: Entries<Uint8Array>;
  readonly hash256: Entries<Uint8Array>;
}

export interface PsbtInput {
  readonly previousOutput: OutPoint;
  /** `undefined` (version 2 only) for the final one. */
  readonly sequence: number | undefined;
  /** BIP370: least lock time that this input takes, in seconds. */
  readonly requiredTimeLock: number | undefined;
  /** BIP370: least lock time that this input takes, as a height. */
  readonly requiredHeightLock: number | undefined;
  /** The whole transaction whose output is spent. */
  readonly nonWitnessUtxo: Transaction | undefined;
  readonly witnessUtxo: TxOutput | undefined;
  /** By {@link keyIdOf}. */
  readonly partialSignatures: Entries<KeySignature>;
  readonly sighashType: number | undefined;
  readonly redeemScript: Uint8Array | undefined;
  readonly witnessScript: Uint8Array | undefined;
  /** By public key. */
  readonly derivations: Entries<KeyDerivation>;
  readonly finalScriptSig: Uint8Array | undefined;
  readonly finalWitness: readonly Uint8Array[] | undefined;
  readonly preimages: HashPreimages;
  readonly taprootKeySignature: Uint8Array | undefined;
  /** By key and leaf hash. */
  readonly taprootScriptSignatures: Entries<TaprootScriptSignature>;
  /** By {@link leafScriptName}. */
  readonly taprootScripts: Entries<TaprootLeafScript>;
  /** By key. */
  readonly taprootDerivations: Entries<TaprootDerivation>;
  readonly taprootInternalKey: Uint8Array | undefined;
  readonly taprootMerkleRoot: Uint8Array | undefined;
  /** By aggregate key. */
  readonly musigParticipants: Entries<MusigParticipants>;
  /** By {@link musigShareName}. */
  readonly musigNonces: Entries<MusigShare>;
  readonly musigPartialSignatures: Entries<MusigShare>;
  readonly proprietary: Entries<ProprietaryPair>;
  readonly unknown: Entries<UnknownPair>;
}

/** A leaf of an output's tree (BIP371), in the order of a depth-first walk. */
export interface TaprootTreeLeaf {
  readonly depth: number;
  readonly leafVersion: number;
  readonly script: Uint8Array;
}

export interface PsbtOutput {
  readonly value: Sats;
  readonly scriptPubKey: Uint8Array;
  readonly redeemScript: Uint8Array | undefined;
  readonly witnessScript: Uint8Array | undefined;
  readonly derivations: Entries<KeyDerivation>;
  readonly taprootInternalKey: Uint8Array | undefined;
  /** Empty where there is none. */
  readonly taprootTree: readonly TaprootTreeLeaf[];
  readonly taprootDerivations: Entries<TaprootDerivation>;
  readonly musigParticipants: Entries<MusigParticipants>;
  readonly proprietary: Entries<ProprietaryPair>;
  readonly unknown: Entries<UnknownPair>;
}

const NO_ENTRIES: Entries<never> = new Map<string, never>();

/** An input of which only what it spends is known. */
export function blankInput(previousOutput: OutPoint, sequence: number | undefined): PsbtInput {
  return {
    previousOutput,
    sequence,
    requiredTimeLock: undefined,
    requiredHeightLock: undefined,
    nonWitnessUtxo: undefined,
    witnessUtxo: undefined,
    partialSignatures: NO_ENTRIES,
    sighashType: undefined,
    redeemScript: undefined,
    witnessScript: undefined,
    derivations: NO_ENTRIES,
    finalScriptSig: undefined,
    finalWitness: undefined,
    preimages: { ripemd160: NO_ENTRIES, sha256: NO_ENTRIES, hash160: NO_ENTRIES, hash256: NO_ENTRIES },
    taprootKeySignature: undefined,
    taprootScriptSignatures: NO_ENTRIES,
    taprootScripts: NO_ENTRIES,
    taprootDerivations: NO_ENTRIES,
    taprootInternalKey: undefined,
    taprootMerkleRoot: undefined,
    musigParticipants: NO_ENTRIES,
    musigNonces: NO_ENTRIES,
    musigPartialSignatures: NO_ENTRIES,
    proprietary: NO_ENTRIES,
    unknown: NO_ENTRIES,
  };
}

/** An output of which only value and script are known. */
export function blankOutput({ value, scriptPubKey }: TxOutput): PsbtOutput {
  return {
    value,
    scriptPubKey,
    redeemScript: undefined,
    witnessScript: undefined,
    derivations: NO_ENTRIES,
    taprootInternalKey: undefined,
    taprootTree: [],
    taprootDerivations: NO_ENTRIES,
    musigParticipants: NO_ENTRIES,
    proprietary: NO_ENTRIES,
    unknown: NO_ENTRIES,
  };
}

/**
 * The creator (BIP174): a transaction of which nothing is signed, as a PSBT. Scripts and witnesses of `tx` are left out.
 * Core's calls make version 2 where none is asked for.
 */
export function createPsbt(tx: TransactionFields, { version = 2 }: { readonly version?: PsbtVersion } = {}): Psbt {
  return {
    version,
    txVersion: tx.version,
    fallbackLockTime: tx.lockTime,
    modifiable: undefined,
    xpubs: NO_ENTRIES,
    proprietary: NO_ENTRIES,
    unknown: NO_ENTRIES,
    inputs: tx.inputs.map(({ previousOutput, sequence }) => blankInput(previousOutput, sequence)),
    outputs: tx.outputs.map(blankOutput),
  };
}

/** Another version of a PSBT with one input changed. */
export function withInput(psbt: Psbt, index: number, input: PsbtInput): Psbt {
  return { ...psbt, inputs: psbt.inputs.with(index, input) };
}

/** The first entries, and of the second those whose names the first does not have. */
export function mergedEntries<Value>(first: Entries<Value>, second: Entries<Value>): Entries<Value> {
  if (second.size === 0) return first;
  return first.size === 0 ? second : new Map([...second, ...first]);
}

/** The values in the order of their names. */
export function sortedValues<Value>(entries: Entries<Value>): readonly Value[] {
  if (entries.size < 2) return [...entries.values()];
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
