import type { VaultChange } from "@bitfleet/vault/vault.ts";

/**
 * Vaults and a backup in test/vault-fixtures, as the first version wrote them, so that every later one still opens them: the desktop's files, what a browser's
 * database had (version-1-browser.json), and a file of a backup. All have these records under this passphrase, whose work is next to none.
 */
export const FIXTURE_PASSPHRASE = "the first vault's own";

export const FIXTURE_RECORDS: readonly (VaultChange & { readonly value: NonNullable<VaultChange["value"]> })[] = [
  { collection: "settings", key: "wallet", value: { autoLockMinutes: 10, addressType: "bech32m" } },
  { collection: "networks", key: "network:1", value: { url: "http://localhost:8080", apiKey: "a key" } },
  { collection: "wallets", key: "w1", value: { phrase: "words of a phrase", kind: "phrase" } },
  { collection: "accounts", key: "w1:0", value: { height: 101, best: "00ff" } },
  { collection: "addresses", key: "w1:0:1", value: ["bcrt1q", 1, true] },
  { collection: "labels", key: "w1:0:grün", value: "Miete \u{1F3E0}" },
  { collection: "transactions", key: "w1:0:ff", value: { hex: "0200000001", height: null } },
  { collection: "contacts", key: "c1", value: { name: "Anna", note: "" } },
];
