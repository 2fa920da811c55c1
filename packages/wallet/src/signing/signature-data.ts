import { concatBytes, EMPTY_BYTES, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { KeyOrigin } from "../keys/keys.ts";
import type { Tree } from "./taproot-tree.ts";

/**
 * What is known of how to spend an input (or, of an output, how it can be spent): whole or in part, from whoever added to
 * it. `produceSignature` reads and completes it; a PSBT carries it from one signer to the next.
 */
export interface SignatureData {
  /** What the input holds so far. */
  scriptSig: Uint8Array;
  witness: readonly Uint8Array[];
  /** The input is valid as it stands. */
  isComplete: boolean;
  /** What is spent is known to be spent by a witness. */
  isWitness: boolean;
  redeemScript: Uint8Array | undefined;
  witnessScript: Uint8Array | undefined;
  /** Valid ECDSA signatures with their hash types, by the key's `keyIdOf`. */
  readonly signatures: Map<string, KeySignature>;
  /** Public keys that have a part in it, with where they come from, by `keyIdOf`. */
  readonly keys: Map<string, KeyWithOrigin>;
  readonly taproot: TaprootSignatureData;
  /** What hashes in scripts are the hashes of. */
  readonly preimages: Preimages;
  readonly missing: MissingData;
}

export interface KeySignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

export interface KeyWithOrigin {
  readonly publicKey: Uint8Array;
  readonly origin: KeyOrigin;
}

/** BIP371: of a taproot output. */
export interface TaprootSignatureData {
  /** x of the internal key. */
  internalKey: Uint8Array | undefined;
  merkleRoot: Uint8Array | undefined;
  /** The tree of scripts from left to right, where all of it is known. */
  tree: Tree<Uint8Array> | undefined;
  /** Scripts of the tree by {@link leafIdOf}. */
  readonly leaves: Map<string, LeafScript>;
  /** With its hash type, where that is not DEFAULT. */
  keySignature: Uint8Array | undefined;
  /** Signatures for scripts by {@link leafKeyIdOf}. */
  readonly scriptSignatures: Map<string, LeafSignature>;
  /** Keys that have a part in it, by x in hex. */
  readonly keys: Map<string, LeafKey>;
  /** BIP373: the keys that each aggregate key, in hex, was made of. */
  readonly musigParticipants: Map<string, readonly Uint8Array[]>;
  /** BIP373: public nonces and partial signatures of participants, by {@link musigShareName}. */
  readonly musigNonces: Map<string, MusigShare>;
  readonly musigPartialSignatures: Map<string, MusigShare>;
}

/** BIP373: whose, and for what, a nonce or partial signature is. */
export interface MusigShare {
  readonly participant: Uint8Array;
  /** The key that the signature is going to be valid by: what was aggregated, after all tweaks. */
  readonly aggregateKey: Uint8Array;
  /** `undefined` for the key path. */
  readonly leafHash: Uint8Array | undefined;
  /** 66 bytes of a public nonce, 32 of a partial signature. */
  readonly value: Uint8Array;
}

/** A script of the tree and every control block that is known for it. */
export interface LeafScript {
  readonly script: Uint8Array;
  readonly leafVersion: number;
  /** By their bytes in hex. */
  readonly controlBlocks: Map<string, Uint8Array>;
}

export interface LeafSignature {
  /** x of the key. */
  readonly key: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly signature: Uint8Array;
}

export interface LeafKey {
  /** x of the key. */
  readonly key: Uint8Array;
  /** The scripts that it stands in, by leaf hash in hex; empty for an internal or output key. */
  readonly leafHashes: Map<string, Uint8Array>;
  readonly origin: KeyOrigin;
}

/** The hash functions of scripts that a preimage can be asked for. */
export type PreimageHash = "sha256" | "hash256" | "ripemd160" | "hash160";

/** Preimages by hash function and hash in hex. */
export type Preimages = Readonly<Record<PreimageHash, Map<string, Uint8Array>>>;

/** What was looked for and not found. */
export interface MissingData {
  /** `keyIdOf` of public keys of which only that is known. */
  readonly publicKeys: string[];
  /** `keyIdOf` of keys whose ECDSA signature is wanting. */
  readonly signatures: string[];
  /** HASH160 of a redeem script. */
  redeemScript: Uint8Array | undefined;
  /** SHA-256 of a witness script. */
  witnessScript: Uint8Array | undefined;
}

/** Names a script of a tree. */
export function leafIdOf(script: Uint8Array, leafVersion: number): string {
  return `${toHex(script)}:${leafVersion}`;
}

/** Names a key (its x) in one script of a tree. */
export function leafKeyIdOf(key: Uint8Array, leafHash: Uint8Array): string {
  return toHex(key) + toHex(leafHash);
}

/** Names a nonce or partial signature among an input's, in the order in which PSBTs have them. */
export function musigShareName({ aggregateKey, leafHash, participant }: Omit<MusigShare, "value">): string {
  return toHex(concatBytes(aggregateKey, leafHash ?? NO_LEAF, participant));
}

const NO_LEAF = new Uint8Array(32);

/** Nothing is known. */
export function emptySignatureData(): SignatureData {
  return {
    scriptSig: EMPTY_BYTES,
    witness: [],
    isComplete: false,
    isWitness: false,
    redeemScript: undefined,
    witnessScript: undefined,
    signatures: new Map(),
    keys: new Map(),
    taproot: {
      internalKey: undefined,
      merkleRoot: undefined,
      tree: undefined,
      leaves: new Map(),
      keySignature: undefined,
      scriptSignatures: new Map(),
      keys: new Map(),
      musigParticipants: new Map(),
      musigNonces: new Map(),
      musigPartialSignatures: new Map(),
    },
    preimages: { sha256: new Map(), hash256: new Map(), ripemd160: new Map(), hash160: new Map() },
    missing: { publicKeys: [], signatures: [], redeemScript: undefined, witnessScript: undefined },
  };
}

/** Adds a script of the tree with a control block. */
export function addLeafScript(
  { leaves }: TaprootSignatureData,
  script: Uint8Array,
  leafVersion: number,
  controlBlock: Uint8Array,
): void {
  const id = leafIdOf(script, leafVersion);
  const known = leaves.get(id) ?? { script, leafVersion, controlBlocks: new Map() };
  known.controlBlocks.set(toHex(controlBlock), controlBlock);
  leaves.set(id, known);
}

/** Adds where a key comes from, and the script that it stands in, if it stands in one. */
export function addLeafKey(
  { keys }: TaprootSignatureData,
  key: Uint8Array,
  origin: KeyOrigin,
  leafHash?: Uint8Array,
): void {
  const id = toHex(key);
  const known = keys.get(id) ?? { key, leafHashes: new Map(), origin };
  if (leafHash !== undefined) known.leafHashes.set(toHex(leafHash), leafHash);
  keys.set(id, known);
}

/** All that two versions of an input say; a complete one wins. */
export function mergedSignatureData(a: SignatureData, b: SignatureData): SignatureData {
  if (a.isComplete || b.isComplete) return a.isComplete ? a : b;
  return {
    ...a,
    redeemScript: a.redeemScript ?? b.redeemScript,
    witnessScript: a.witnessScript ?? b.witnessScript,
    signatures: new Map([...b.signatures, ...a.signatures]),
  };
}
