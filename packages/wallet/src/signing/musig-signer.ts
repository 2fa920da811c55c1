import { equalBytes, fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import { keyIdOf } from "../keys/keys.ts";
import { aggregatePublicKey } from "../keys/musig.ts";
import { typedSignature } from "./input-signer.ts";
import { type MusigSigningKey, musigSigningKey } from "./musig-key.ts";
import type { MusigNonces } from "./musig-nonces.ts";
import { aggregateSignature, type MusigSession, partialSignature } from "./musig-session.ts";
import { addLeafKey, type MusigShare, musigShareName, type SignatureData } from "./signature-data.ts";
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
  return {
    checker: maker.checker,
    signEcdsa: (...given) => maker.signEcdsa(...given),
    signSchnorr(key, purpose) {
      const signature = maker.signSchnorr(key, purpose);
      if (signature !== undefined) return signature;
      const leafHash = purpose.path === "script" ? purpose.leafHash : undefined;
      noteOrigins(data, material, leafHash);
      return input && signTogether(key, purpose, leafHash, { data, material, ...input });
    },
  };
}

function noteOrigins({ taproot }: SignatureData, { origins }: SigningMaterial, leafHash: Uint8Array | undefined): void {
  for (const participant of [...taproot.musigParticipants.values()].flat()) {
    const origin = origins.get(keyIdOf(participant));
    if (origin !== undefined) addLeafKey(taproot, participant.subarray(1), origin, leafHash);
  }
}

interface Sources extends MusigInput {
  readonly data: SignatureData;
  readonly material: SigningMaterial;
}

function signTogether(
  x: Uint8Array,
  purpose: SchnorrPurpose,
  leafHash: Uint8Array | undefined,
  sources: Sources,
): Uint8Array | undefined {
  const { taproot } = sources.data;
  if (taproot.musigParticipants.size === 0) return undefined;
  const message = sources.schnorrHash(leafHash);
  if (message === undefined) return undefined;
  for (const [name, participants] of taproot.musigParticipants) {
    const aggregateKey = fromHex(name);
    const key = musigSigningKey(x, purpose, aggregateKey, taproot, sources.secp256k1);
    if (key === undefined) continue;
    const task = { ...key, aggregateKey, participants, leafHash, message };
    const signature = new MusigRound(task, sources).advance();
    if (signature !== undefined) return signature;
  }
  return undefined;
}

interface MusigTask extends MusigSigningKey {
  readonly aggregateKey: Uint8Array;
  readonly participants: readonly Uint8Array[];
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
    if (this.#sharesIn("musigPartialSignatures").length === 0) this.#addNonces(nonces);
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
      this.#add("musigPartialSignatures", { ...share, value });
      isAdded = true;
    }
    return isAdded;
  }

  #addNonces(nonces: MusigNonces): void {
    const { participants, aggregateKey } = this.#task;
    let isTheirs: boolean | undefined;
    for (const { participant, privateKey, share } of this.#missing("musigNonces")) {
      isTheirs ??= equalBytes(aggregatePublicKey(participants) ?? NO_KEY, aggregateKey);
      if (!isTheirs) return;
      const value = nonces.create({ ...this.#task, participant }, privateKey);
      this.#add("musigNonces", { ...share, value });
    }
  }

  #add(kind: ShareKind, share: MusigShare): void {
    this.#sources.data.taproot[kind].set(musigShareName(share), share);
  }

  /** Participants whose private keys are at hand and of whom there is no such share. */
  *#missing(kind: ShareKind) {
    const { participants, signingKey, leafHash } = this.#task;
    for (const participant of participants) {
      const privateKey = this.#sources.material.privateKeys.get(keyIdOf(participant))?.privateKey;
      if (privateKey === undefined) continue;
      if (this.#sharesIn(kind).some((share) => equalBytes(share.participant, participant))) continue;
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
    if (shares.length !== participants.length) return undefined;
    const values = participants.map((key) => shares.find(({ participant }) => equalBytes(participant, key))?.value);
    const known = values.filter((value) => value !== undefined);
    return known.length === participants.length ? known : undefined;
  }

  #sharesIn(kind: ShareKind): readonly MusigShare[] {
    const { signingKey, leafHash } = this.#task;
    return [...this.#sources.data.taproot[kind].values()].filter(
      (share) =>
        equalBytes(share.aggregateKey, signingKey) && equalBytes(share.leafHash ?? NO_LEAF, leafHash ?? NO_LEAF),
    );
  }
}

type ShareKind = "musigNonces" | "musigPartialSignatures";

const NO_LEAF = new Uint8Array(32);
const NO_KEY = new Uint8Array(33);
