import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { WifKey } from "@bitfleet/protocol/script/address.ts";
import { type KeyOrigin, keyIdOf } from "../keys/keys.ts";
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

  addScript(script: Uint8Array): void {
    setNew(this.scripts, toHex(hash160(script)), script);
  }

  /** Adds the private key and its public one. */
  addPrivateKey(key: WifKey, secp256k1: Pick<Secp256k1, "publicKeyOf">): void {
    const publicKey = secp256k1.publicKeyOf(key.privateKey, key.compressed);
    const id = keyIdOf(publicKey);
    setNew(this.publicKeys, id, publicKey);
    setNew(this.privateKeys, id, key);
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
