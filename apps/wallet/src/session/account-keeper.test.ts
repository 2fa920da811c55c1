import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { OpenVault, VaultRecord } from "@bitfleet/vault/vault.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/custody-account.ts";
import { expect, test } from "vitest";
import { AccountKeeper } from "./account-keeper.ts";
import { accountStateValue } from "./stored.ts";
import type { StoredAccount } from "./stored-wallets.ts";

const { addressPrefixes: prefixes } = networkByName("regtest")!;
const DESCRIPTORS = phraseDescriptors({ words: `${"abandon ".repeat(11)}about`, passphrase: "" }, 0, prefixes);

/** The rows of a vault with one account. */
function rowsVault() {
  const rows = new Map<string, VaultRecord["value"]>();
  const vault: Pick<OpenVault, "list" | "write"> = {
    list: async (collection, prefix = "") =>
      [...rows]
        .filter(([name]) => name.startsWith(`${collection}|${prefix}`))
        .map(([name, value]) => ({ key: name.slice(collection.length + 1), value })),
    write: async (changes) => {
      for (const { collection, key, value } of changes) {
        if (value === undefined) rows.delete(`${collection}|${key}`);
        else rows.set(`${collection}|${key}`, value);
      }
    },
  };
  const addresses = () => [...rows.keys()].filter((name) => name.startsWith("addresses|"));
  return { vault, addresses };
}

test("rows of addresses that are watched no more are deleted when an account is opened, and no others", async () => {
  const { vault, addresses } = rowsVault();
  const state = newAccount(DESCRIPTORS.slice(0, 4));
  const stored: StoredAccount = {
    ...{ id: "w:0", walletId: "w", name: "Main", index: 0, total: 0n, isScanned: true },
    state: accountStateValue(state),
  };
  const context = { prefixes, secp256k1 };
  const first = await AccountKeeper.open(stored, vault, { signs: true }, context);
  const all = addresses();
  expect(all.length).toBe(4 * 20);
  const { progress, ...rest } = first.custody.state;
  // As after a smaller gap limit, and where two older kinds were given up.
  const narrow = {
    ...rest,
    descriptors: rest.descriptors.filter(({ id }) => id <= 2),
    progress: progress.map((each) => (each.id === 1 ? { ...each, nextIndex: 2 } : { ...each, rangeEnd: 7 })),
  };
  const options = { signs: true, gapLimit: 5 };
  const opened = await AccountKeeper.open({ ...stored, state: accountStateValue(narrow) }, vault, options, context);
  const indexesOf = (id: number) =>
    addresses()
      .filter((name) => name.startsWith(`addresses|w:0/${id}/`))
      .map((name) => Number(name.split("/")[2]))
      .sort((a, b) => a - b);
  expect([1, 2, 3, 4].map((id) => indexesOf(id).length)).toEqual([20, 7, 0, 0]);
  expect(indexesOf(2)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  // What is left is what was there, and each address is known.
  expect(all).toEqual(expect.arrayContaining(addresses()));
  expect(opened.custody.scriptAt(2, 6)).toEqual(first.custody.scriptAt(2, 6));
  expect(opened.custody.keychain.ownerOf(first.custody.scriptAt(2, 7)!)).toBeUndefined();
});
