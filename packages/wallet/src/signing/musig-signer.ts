import { equalBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { fingerprintOf, type KeyOrigin, keyIdOf } from "../keys/keys.ts";
import { aggregatePublicKey } from "../keys/musig.ts";
import { typedSignature } from "./input-signer.ts";
import { type MusigSigningKey, musigSigningKey } from "./musig-key.ts";
import type { MusigNonces } from "./musig-nonces.ts";
import { aggregateSignature, type MusigSession, partialSignature } from "./musig-session.ts";
import {
  addLeafKey,
  type MusigShare,
  musigShareName,
  type SignatureData,
  type TaprootSignatureData,
} from "./signature-data.ts";
import type { SchnorrPurpose, SignatureMaker } from "./signature-maker.ts";
import type { SigningMaterial } from "./signing-material.ts";

/** What several people sign by is one input of one transaction. */
export interface MusigInput {
  readonly hashType: number;
  /** What a BIP340 signature signs, of a leaf or of the key path; `undefined` where not all spent outputs are known. */
  readonly schnorrHash: (leafHash: Uint8Array | undefined) => Uint8Array | undefined;
  /** Absent where nobody would keep them until the next round: then no nonces and no partial signatures are made. */
  readonly nonces: MusigNonces | undefined;
  readonly secp256k1: Secp256k1;
}

/**
 * A maker that, where it can make no BIP340 signature by one key alone, looks whether the key is an aggregate one (BIP327) and
 * goes one round further with it: to the signature where all parts are in `data`, else to partial signatures where all nonces
 * are, else to nonces (BIP373), of those participants whose private keys are at hand. It notes where participants come from and for
 * which leaf, so each of them can find out that it is asked; without `input` that is all that it does.
 */
export function withMusig(
  maker: SignatureMaker,
  data: SignatureData,
  material: SigningMaterial,
  input: MusigInput | undefined,
): SignatureMaker {
  // What is known of participants is whole when the first signature is asked for.
  let signer: MusigSigner | undefined;
  return {
    checker: maker.checker,
    signEcdsa: (...given) => maker.signEcdsa(...given),
    signSchnorr(key, purpose) {
      const signature = maker.signSchnorr(key, purpose);
      if (signature !== undefined || data.taproot.musigParticipants.size === 0) return signature;
      signer ??= new MusigSigner(data, material, input);
      return signer.sign(key, purpose);
    },
  };
}

/** The keys that an aggregate key was made of. */
interface MusigGroup {
  readonly aggregateKey: Uint8Array;
  readonly participants: readonly Uint8Array[];
  /** Whether that is so: somebody else may have said it. */
  readonly isTrue: () => boolean;
}

/**
 * Of one input. What it holds is sorted once, and each signature is tried for once: somebody else's PSBT may have thousands of
 * leaves and groups, and scripts that ask for one signature a thousand times.
 */
class MusigSigner {
  readonly #sources: Sources | undefined;
  readonly #taproot: TaprootSignatureData;
  readonly #origins: readonly { readonly x: Uint8Array; readonly origin: KeyOrigin }[];
  /** By what keys that come from them can be known by: x, or the fingerprint of where they were derived from. */
  readonly #groups: ReadonlyMap<string, readonly MusigGroup[]>;
  /** What was tried for, and came of it. */
  readonly #tried = new Map<string, Uint8Array | undefined>();
  readonly #derived = new Map<string, MusigSigningKey | undefined>();

  constructor({ taproot }: SignatureData, material: SigningMaterial, input: MusigInput | undefined) {
    const groups = [...taproot.musigParticipants].map(([name, participants]) => {
      return groupOf(fromHex(name), participants);
    });
    this.#taproot = taproot;
    this.#origins = originsOf(groups, material);
    this.#groups = groupedBy(groups, ({ aggregateKey }) => [
      toHex(aggregateKey.subarray(1)),
      toHex(fingerprintOf(aggregateKey)),
    ]);
    this.#sources = input && { ...input, material, shares: new MusigShares(taproot) };
  }

  /** The signature by the key with this x, with its hash type, where that can be had now. */
  sign(x: Uint8Array, purpose: SchnorrPurpose): Uint8Array | undefined {
    const leafHash = purpose.path === "script" ? purpose.leafHash : undefined;
    const name = `${purpose.path} ${toHex(x)} ${leafHash && toHex(leafHash)}`;
    if (!this.#tried.has(name)) this.#tried.set(name, this.#try(x, purpose, leafHash));
    return this.#tried.get(name);
  }

  #try(x: Uint8Array, purpose: SchnorrPurpose, leafHash: Uint8Array | undefined): Uint8Array | undefined {
    for (const { x: participant, origin } of this.#origins) addLeafKey(this.#taproot, participant, origin, leafHash);
    const groups = this.#groupsOf(x);
    const message = groups.length === 0 ? undefined : this.#sources?.schnorrHash(leafHash);
    if (message === undefined) return undefined;
    for (const group of groups) {
      const key = this.#keyOf(x, purpose, group);
      if (key === undefined) continue;
      const task = { ...key, ...group, leafHash, message };
      const signature = new MusigRound(task, this.#sources!).advance();
      if (signature !== undefined) return signature;
    }
    return undefined;
  }

  /** Many leaves may have one key, and the way to it may be long. */
  #keyOf(x: Uint8Array, purpose: SchnorrPurpose, { aggregateKey }: MusigGroup): MusigSigningKey | undefined {
    const name = `${purpose.path} ${toHex(x)} ${toHex(aggregateKey)}`;
    if (!this.#derived.has(name)) {
      this.#derived.set(name, musigSigningKey(x, purpose, aggregateKey, this.#taproot, this.#sources!.secp256k1));
    }
    return this.#derived.get(name);
  }

  #groupsOf(x: Uint8Array): readonly MusigGroup[] {
    const name = toHex(x);
    const fingerprint = this.#taproot.keys.get(name)?.origin.fingerprint;
    const derived = fingerprint === undefined ? undefined : this.#groups.get(toHex(fingerprint));
    // An aggregate key that signs as it is is known by both.
    return [...new Set([...(this.#groups.get(name) ?? []), ...(derived ?? [])])];
  }
}

function groupOf(aggregateKey: Uint8Array, participants: readonly Uint8Array[]): MusigGroup {
  let isTrue: boolean | undefined;
  return {
    aggregateKey,
    participants,
    isTrue: () => {
      isTrue ??= equalBytes(aggregatePublicKey(participants) ?? NO_KEY, aggregateKey);
      return isTrue;
    },
  };
}

/** Where participants come from, as far as that is known. */
function originsOf(groups: readonly MusigGroup[], { origins }: SigningMaterial) {
  if (origins.size === 0) return [];
  const participants = new Map(groups.flatMap((group) => group.participants).map((key) => [keyIdOf(key), key]));
  return [...participants].flatMap(([id, key]) => {
    const origin = origins.get(id);
    return origin === undefined ? [] : [{ x: key.subarray(1), origin }];
  });
}

function groupedBy<Value>(
  values: Iterable<Value>,
  namesOf: (value: Value) => readonly string[],
): Map<string, readonly Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    for (const name of namesOf(value)) {
      const known = groups.get(name);
      if (known === undefined) groups.set(name, [value]);
      else known.push(value);
    }
  }
  return groups;
}

type ShareKind = "musigNonces" | "musigPartialSignatures";

/** What participants have told, by what it is for. */
class MusigShares {
  readonly #taproot: Pick<TaprootSignatureData, ShareKind>;
  readonly #grouped: Readonly<Record<ShareKind, Map<string, readonly MusigShare[]>>>;

  constructor(taproot: Pick<TaprootSignatureData, ShareKind>) {
    const grouped = (kind: ShareKind) => groupedBy(taproot[kind].values(), (share) => [taskNameOf(share)]);
    this.#taproot = taproot;
    this.#grouped = {
      musigNonces: grouped("musigNonces"),
      musigPartialSignatures: grouped("musigPartialSignatures"),
    };
  }

  /** By participant in hex. */
  of(kind: ShareKind, task: Pick<MusigTask, "signingKey" | "leafHash">): ReadonlyMap<string, Uint8Array> {
    const { signingKey: aggregateKey, leafHash } = task;
    const shares = this.#grouped[kind].get(taskNameOf({ aggregateKey, leafHash })) ?? [];
    return new Map(shares.map(({ participant, value }) => [toHex(participant), value]));
  }

  add(kind: ShareKind, share: MusigShare): void {
    const name = taskNameOf(share);
    this.#taproot[kind].set(musigShareName(share), share);
    this.#grouped[kind].set(name, [...(this.#grouped[kind].get(name) ?? []), share]);
  }
}

const taskNameOf = ({ aggregateKey, leafHash }: Pick<MusigShare, "aggregateKey" | "leafHash">) =>
  toHex(aggregateKey) + toHex(leafHash ?? NO_LEAF);

interface Sources extends MusigInput {
  readonly material: SigningMaterial;
  readonly shares: MusigShares;
}

interface MusigTask extends MusigSigningKey, MusigGroup {
  readonly leafHash: Uint8Array | undefined;
  readonly message: Uint8Array;
}

/** How far the participants of one aggregate key have come with one signature. */
class MusigRound {
  readonly #task: MusigTask;
  readonly #sources: Sources;

  constructor(task: MusigTask, sources: Sources) {
    this.#task = task;
    this.#sources = sources;
  }

  /** The signature, with its hash type, where that can be had now. */
  advance(): Uint8Array | undefined {
    const { nonces } = this.#sources;
    const signed = this.#signature();
    if (signed !== undefined || nonces === undefined) return signed;
    if (this.#addPartialSignatures(nonces)) return this.#signature();
    // Once somebody has signed it is too late for other nonces.
    if (this.#sharesIn("musigPartialSignatures").size === 0) this.#addNonces(nonces);
    return undefined;
  }

  #signature(): Uint8Array | undefined {
    const session = this.#session();
    const parts = session && this.#valuesOfAll("musigPartialSignatures");
    const signature = parts && aggregateSignature(session, parts);
    if (signature === undefined) return undefined;
    const { message, signingKey } = this.#task;
    const { secp256k1, hashType } = this.#sources;
    return secp256k1.verifySchnorr(signature, message, signingKey.subarray(1))
      ? typedSignature(signature, hashType)
      : undefined;
  }

  /** Whether there was one to add. */
  #addPartialSignatures(nonces: MusigNonces): boolean {
    const session = this.#session();
    let isAdded = false;
    if (session === undefined) return false;
    for (const { participant, privateKey, share } of this.#missing("musigPartialSignatures")) {
      const publicNonce = session.publicNonces[session.participants.indexOf(participant)]!;
      const purpose = { ...this.#task, participant };
      // Looked up first: what follows takes some time, and is needless for who has signed, or begins anew.
      if (!nonces.has(purpose, publicNonce)) continue;
      const value = partialSignature(session, privateKey, () => nonces.take(purpose, publicNonce));
      if (value === undefined) continue;
      this.#sources.shares.add("musigPartialSignatures", { ...share, value });
      isAdded = true;
    }
    return isAdded;
  }

  #addNonces(nonces: MusigNonces): void {
    for (const { participant, privateKey, share } of this.#missing("musigNonces")) {
      if (!this.#task.isTrue()) return;
      const value = nonces.create({ ...this.#task, participant }, privateKey);
      this.#sources.shares.add("musigNonces", { ...share, value });
    }
  }

  /** Participants whose private keys are at hand and of whom there is no such share; who is in it twice comes once. */
  *#missing(kind: ShareKind) {
    const { participants, signingKey, leafHash } = this.#task;
    const known = new Set(this.#sharesIn(kind).keys());
    for (const participant of participants) {
      const privateKey = this.#sources.material.privateKeys.get(keyIdOf(participant))?.privateKey;
      if (privateKey === undefined || known.has(toHex(participant))) continue;
      known.add(toHex(participant));
      yield { participant, privateKey, share: { participant, aggregateKey: signingKey, leafHash } };
    }
  }

  /** Undefined until the nonces of all are known. */
  #session(): MusigSession | undefined {
    const publicNonces = this.#valuesOfAll("musigNonces");
    return publicNonces && { ...this.#task, publicNonces };
  }

  /** One of each participant, in their order, where there are these and no others. */
  #valuesOfAll(kind: ShareKind): readonly Uint8Array[] | undefined {
    const { participants } = this.#task;
    const shares = this.#sharesIn(kind);
    if (shares.size !== participants.length) return undefined;
    const values = participants.map((key) => shares.get(toHex(key)));
    const known = values.filter((value) => value !== undefined);
    return known.length === participants.length ? known : undefined;
  }

  #sharesIn(kind: ShareKind): ReadonlyMap<string, Uint8Array> {
    return this.#sources.shares.of(kind, this.#task);
  }
}

const NO_LEAF = new Uint8Array(32);
const NO_KEY = new Uint8Array(33);
