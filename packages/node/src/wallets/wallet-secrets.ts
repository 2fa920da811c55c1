import { concatBytes, fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Secp256k1 } from "@bitfleet/protocol/crypto/secp256k1.ts";
import type { WifKey } from "@bitfleet/protocol/script/address.ts";
import type { KeychainSecrets } from "@bitfleet/wallet/keychain/keychain.ts";
import { keyIdOf } from "@bitfleet/wallet/keys/keys.ts";
import { SigningMaterial } from "@bitfleet/wallet/signing/signing-material.ts";
import type { Vault } from "./storage/vault.ts";

/**
 * The private keys of a wallet: in its vault, and in memory while they are unlocked. A key is named by the hash of its public key; of an
 * extended key it is the private half alone, as the rest is in the descriptor.
 */
export class WalletSecrets implements KeychainSecrets {
  readonly #vault: Vault;
  readonly #secp256k1: Pick<Secp256k1, "publicKeyOf">;
  #ids: ReadonlySet<string> = new Set();
  #unlocked = new SigningMaterial();
  #isEmptied = true;

  constructor(vault: Vault, secp256k1: Pick<Secp256k1, "publicKeyOf">) {
    this.#vault = vault;
    this.#secp256k1 = secp256k1;
    this.refresh();
  }

  get unlocked(): SigningMaterial {
    return this.#unlocked;
  }

  has(keyId: string): boolean {
    return this.#ids.has(keyId);
  }

  get count(): number {
    return this.#ids.size;
  }

  get isLocked(): boolean {
    return !this.#vault.isUnlocked;
  }

  /** Keeps a key, as part of the caller's transaction. Throws `WalletStorageError`: `locked`. */
  add(key: WifKey): void {
    const id = keyIdOf(this.#secp256k1.publicKeyOf(key.privateKey, key.compressed));
    this.#vault.put("key", fromHex(id), concatBytes(key.privateKey, Uint8Array.of(key.compressed ? 1 : 0)));
    this.#ids = new Set([...this.#ids, id]);
    this.#unlocked.addPrivateKey({ ...key, privateKey: key.privateKey.slice() }, this.#secp256k1);
  }

  /** To be called when the vault may have been unlocked. Keys that are at hand stay where they are: somebody may be using them. */
  noteUnlocked(): void {
    if (this.#isEmptied) this.refresh();
  }

  /** To be called when the vault was locked, unlocked, or written otherwise than by {@link add}: what is in memory is what may be. */
  refresh(): void {
    this.#unlocked.wipe();
    this.#unlocked = new SigningMaterial();
    this.#ids = new Set(this.#vault.ids("key").map((id) => toHex(id)));
    this.#isEmptied = this.isLocked;
    if (this.isLocked) return;
    for (const id of this.#ids) {
      const secret = this.#vault.get("key", fromHex(id));
      if (secret === undefined) continue;
      const key = { privateKey: secret.slice(0, 32), compressed: secret[32] === 1 };
      secret.fill(0);
      this.#unlocked.addPrivateKey(key, this.#secp256k1);
    }
  }

  /** Overwrites what is in memory. */
  clear(): void {
    this.#unlocked.wipe();
    this.#unlocked = new SigningMaterial();
  }
}
