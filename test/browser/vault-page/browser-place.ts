import { BrowserStore, type StoredRow } from "@bitfleet/vault/browser-store.ts";
import { BrowserVault, type BrowserVaultOptions } from "@bitfleet/vault/browser-vault.ts";
import type { Damage, VaultPlace } from "@bitfleet/vault/conformance-kit.ts";
import type { Migration } from "@bitfleet/vault/migrations.ts";
import { decodeSealedKey, encodeSealedKey, type SealedKey } from "@bitfleet/vault/sealed-key.ts";
import { sha256 } from "@noble/hashes/sha2.js";

type Singles = Parameters<BrowserStore["write"]>[0]["singles"];

/** A place for vaults in this browser, and what can happen to it. */
export class BrowserPlace implements VaultPlace {
  readonly #name: string;
  readonly #options: BrowserVaultOptions;
  #remembered: readonly StoredRow[] = [];

  constructor(name: string, options: BrowserVaultOptions) {
    this.#name = name;
    this.#options = options;
  }

  vault(options: { readonly migrations?: readonly Migration[] } = {}): BrowserVault {
    return new BrowserVault({ name: this.#name, ...this.#options, ...options });
  }

  remember(): Promise<void> {
    return this.#withStore(async (store) => {
      this.#remembered = (await store.everything()).rows;
    });
  }

  damage(kind: Damage): Promise<void> {
    return this.#withStore(async (store) => {
      const { rows } = await store.everything();
      // Labels are the shortest of what the tests write.
      const [label, other] = [...rows].sort((a, b) => a.sealed.length - b.sealed.length) as [StoredRow, StoredRow];
      switch (kind) {
        case "record-changed":
          return this.#put(store, {}, [{ id: label.id, sealed: changed(label.sealed, label.sealed.length >> 1) }]);
        case "records-exchanged":
          return this.#put(store, {}, [
            { id: label.id, sealed: other.sealed },
            { id: other.id, sealed: label.sealed },
          ]);
        case "record-lost":
          return this.#put(store, {}, [], [label.id]);
        case "all-records-lost":
          return this.#put(
            store,
            {},
            [],
            rows.map(({ id }) => id),
          );
        case "record-old":
          return this.#put(store, {}, this.#remembered);
        case "key-lost":
          return this.#loseKey();
        default:
          return this.#put(store, { key: keyWith(kind, (await store.single("key"))!) });
      }
    });
  }

  async remove(): Promise<void> {
    await BrowserStore.remove(this.#name);
  }

  async #put(
    store: BrowserStore,
    singles: Singles,
    rows: readonly StoredRow[] = [],
    deleted: readonly Uint8Array[] = [],
  ) {
    const key = await store.single("key");
    await store.write({ ...(singles && { singles }), rows, deleted, expected: { key } });
  }

  /** Nothing of the program's own takes a value away. */
  #loseKey(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name);
      request.onerror = reject;
      request.onsuccess = () => {
        const transaction = request.result.transaction("singles", "readwrite");
        transaction.objectStore("singles").delete("key");
        transaction.oncomplete = () => {
          request.result.close();
          resolve();
        };
      };
    });
  }

  async #withStore(work: (store: BrowserStore) => Promise<void>): Promise<void> {
    const store = await BrowserStore.open(this.#name);
    await work(store);
    store.close();
  }
}

function keyWith(kind: Damage, stored: Uint8Array): Uint8Array {
  if (kind === "key-garbled") return changed(stored, 20);
  const key = decodeSealedKey(stored) as SealedKey;
  if (kind === "key-absurd") return encodeSealedKey({ ...key, kdf: { ...key.kdf, n: 2 ** 30 } });
  const body = stored.slice(0, -8);
  body[0] = 2;
  return Uint8Array.of(...body, ...sha256(body).subarray(0, 8));
}

function changed(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = bytes.slice();
  copy[offset]! ^= 1;
  return copy;
}
