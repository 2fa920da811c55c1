import type { RecordValue } from "@bitfleet/vault/vault.ts";
import { expect, test } from "vitest";
import { readStored, type StoredWallet, walletChange } from "./stored-wallets.ts";

const WALLET: StoredWallet = {
  id: "7a",
  name: "Together",
  networkId: "n",
  order: 3,
  kind: "watch",
  isSearched: true,
  gapLimit: 20,
  removed: [],
  cosigners: [
    { key: "tpubA", name: "Alice", ownerId: "05" },
    { key: "tpubB", name: "", ownerId: undefined },
  ],
};

/** A vault with one record of a wallet. */
async function read(value: RecordValue): Promise<StoredWallet | undefined> {
  const vault = {
    get: async () => undefined,
    list: async (collection: string) => (collection === "wallets" ? [{ key: WALLET.id, value }] : []),
  };
  return (await readStored(vault)).wallets[0];
}

const written = (wallet: StoredWallet) => JSON.parse(JSON.stringify(walletChange(wallet).value)) as object;

test("what keys of a shared wallet are called is read as it is written", async () => {
  expect(await read(written(WALLET) as RecordValue)).toEqual(WALLET);
});

test("wallets from before there were such names are read as ever, and those without are written as ever", async () => {
  const before = { name: "Together", networkId: "n", order: 3, kind: "watch", isSearched: true, gapLimit: 20 };
  expect(await read(before)).toEqual({ ...WALLET, cosigners: [] });
  expect(written({ ...WALLET, cosigners: [] })).toEqual(before);
});

test("odd names keep nobody from a wallet", async () => {
  for (const cosigners of [null, 7, "x", [null], [[]], [{ key: 1, name: "a" }], [{ key: "tpubA" }]] as RecordValue[])
    expect(await read({ ...written(WALLET), cosigners }), JSON.stringify(cosigners)).toEqual({
      ...WALLET,
      cosigners: [],
    });
  const owner = [{ key: "tpubA", name: "Alice", owner: 7 }];
  expect((await read({ ...written(WALLET), cosigners: owner }))?.cosigners).toEqual([
    { key: "tpubA", name: "Alice", ownerId: undefined },
  ]);
});

const SEARCHED: StoredWallet = {
  ...WALLET,
  removed: [1, 4],
  search: { gapLimitBefore: 30, before: { accounts: 2, transactions: 7, sats: 12_345n } },
};

test("a search that is under way, and which accounts were removed, are read as they are written", async () => {
  expect(await read(written(SEARCHED) as RecordValue)).toEqual(SEARCHED);
});

test("odd ones keep nobody from a wallet", async () => {
  const odd: RecordValue[] = [null, 7, "x", [], {}, { gapLimitBefore: 19, accounts: 1, transactions: 1, sats: "1" }];
  odd.push({ gapLimitBefore: 20, accounts: -1, transactions: 1, sats: "1" });
  for (const search of odd) {
    const { search: none, ...others } = (await read({ ...written(SEARCHED), search })) as StoredWallet;
    expect([none, others], JSON.stringify(search)).toEqual([undefined, { ...WALLET, removed: [1, 4] }]);
  }
  for (const removed of [null, 7, ["1", 1.5, null]] as RecordValue[])
    expect((await read({ ...written(SEARCHED), removed }))?.removed).toEqual([]);
});
