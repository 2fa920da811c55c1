import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { WifKey } from "@bitfleet/protocol/script/address.ts";
import { type ExtendedKey, type KeyOrigin, keyIdOf } from "../keys/keys.ts";
import type { TaprootOutput } from "./taproot-tree.ts";

/**
 * What is known of keys and scripts: what a descriptor's outputs take to be spent, or what a signer was given. Keys are
 * found by {@link keyIdOf}, scripts by their hash160, taproot outputs by their key, all in hex.
 */
export class SigningMaterial {
  readonly scripts = new Map<string, Uint8Array>();
  readonly publicKeys = new Map<string, Uint8Array>();
  readonly privateKeys = new Map<string, WifKey>();
  readonly origins = new Map<string, KeyOrigin>();
  readonly taprootOutputs = new Map<string, TaprootOutput>();
  /** BIP328: the keys that each aggregate key, in hex, was made of. */
  readonly musigParticipants = new Map<string, readonly Uint8Array[]>();
  /** Private keys behind the paths of key expressions, by those: derived once from the private keys above, for all indexes. */
  readonly #parents = new Map<object, ExtendedKey>();

  addScript(script: Uint8Array): void {
    setNew(this.scripts, toHex(hash160(script)), script);
  }

  /** Adds the private key and its public one. */
  addPrivateKey(key: WifKey, secp256k1: Pick<Secp256k1, "publicKeyOf">): void {
    this.addKeyPair(secp256k1.publicKeyOf(key.privateKey, key.compressed), key);
  }

  /** Adds a private key whose public key was computed of it already. */
  addKeyPair(publicKey: Uint8Array, key: WifKey): void {
    const id = keyIdOf(publicKey);
    setNew(this.publicKeys, id, publicKey);
    setNew(this.privateKeys, id, key);
  }

  /** The key that `derive` answers for an expression: asked once as long as the private keys are here. Its bytes are not to be handed out. */
  parentOf(expression: object, derive: () => ExtendedKey | undefined): ExtendedKey | undefined {
    const known = this.#parents.get(expression);
    if (known !== undefined) return known;
    const parent = derive();
    if (parent !== undefined) this.#parents.set(expression, parent);
    return parent;
  }

  /** Overwrites the private keys, and forgets them. */
  wipe(): void {
    for (const { privateKey } of this.privateKeys.values()) privateKey.fill(0);
    for (const { privateKey } of this.#parents.values()) privateKey?.fill(0);
    this.privateKeys.clear();
    this.#parents.clear();
  }

  /** The private key of a point of which only x is known (BIP340). */
  privateKeyOfXOnly(x: Uint8Array): WifKey | undefined {
    return fullKeyIds(x)
      .map((id) => this.privateKeys.get(id))
      .find((key) => key !== undefined);
  }

  /** Where the key of a point of which only x is known comes from. */
  originOfXOnly(x: Uint8Array): KeyOrigin | undefined {
    return fullKeyIds(x)
      .map((id) => this.origins.get(id))
      .find((origin) => origin !== undefined);
  }

  /** Adds all of `other` that is not here yet. */
  merge(other: SigningMaterial): void {
    mergeInto(this.scripts, other.scripts);
    mergeInto(this.publicKeys, other.publicKeys);
    mergeInto(this.privateKeys, other.privateKeys);
    mergeInto(this.origins, other.origins);
    mergeInto(this.taprootOutputs, other.taprootOutputs);
    mergeInto(this.musigParticipants, other.musigParticipants);
  }
}

/** Names of both points with this x, the one with the even y first. */
const fullKeyIds = (x: Uint8Array) => [2, 3].map((first) => keyIdOf(Uint8Array.of(first, ...x)));

function setNew<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}

function mergeInto<Value>(map: Map<string, Value>, other: ReadonlyMap<string, Value>): void {
  for (const [key, value] of other) setNew(map, key, value);
}
