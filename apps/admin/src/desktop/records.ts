import type { OpenVault, VaultChange, VaultRecord } from "@bitfleet/vault/vault.ts";

/** Where profiles and settings are: in the vault, or for this run alone in memory. */
export interface Records {
  list(collection: "networks" | "settings", prefix?: string): Promise<readonly VaultRecord[]>;
  write(changes: readonly VaultChange[]): Promise<void>;
}

export const recordsOf = (vault: OpenVault): Records => ({
  list: (collection, prefix) => vault.list(collection, prefix),
  write: (changes) => vault.write(changes),
});

/** Gone with the page. */
export function recordsInMemory(): Records {
  const records = new Map<string, VaultRecord>();
  return {
    async list(collection, prefix = "") {
      const start = `${collection}/${prefix}`;
      return [...records].filter(([name]) => name.startsWith(start)).map(([, record]) => record);
    },
    async write(changes) {
      for (const { collection, key, value } of changes) {
        if (value === undefined) records.delete(`${collection}/${key}`);
        else records.set(`${collection}/${key}`, { key, value });
      }
    },
  };
}
