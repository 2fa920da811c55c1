import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 as secp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { OpenVault, VaultRecord } from "@bitfleet/vault/vault.ts";
import { phraseDescriptors } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { newAccount } from "@bitfleet/wallet/self-custody/kept-account.ts";
import { describe, expect, test } from "vitest";
import { AccountKeeper } from "./account-keeper.ts";
import { accountStateValue } from "./stored.ts";
import type { StoredAccount } from "./stored-wallets.ts";

const { addressPrefixes: prefixes } = networkByName("regtest")!;
const DESCRIPTORS = phraseDescriptors({ words: `${"abandon ".repeat(11)}about`, passphrase: "" }, 0, prefixes);

const AT_ONCE = { turns: { isDue: () => false, give: async () => {} } };
const CONTEXT = { prefixes, secp256k1 };
const STORED: StoredAccount = {
  ...{ id: "w:0", walletId: "w", name: "Main", index: 0, total: 0n, isScanned: true },
  state: accountStateValue(newAccount(DESCRIPTORS.slice(0, 4))),
};

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
  const first = await AccountKeeper.open(STORED, vault, { signs: true }, CONTEXT, AT_ONCE);
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
  const opened = await AccountKeeper.open(
    { ...STORED, state: accountStateValue(narrow) },
    vault,
    options,
    CONTEXT,
    AT_ONCE,
  );
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

describe("an account of many transactions", () => {
  const COUNT = 12;

  async function kept() {
    const { vault } = rowsVault();
    const keeper = await AccountKeeper.open(STORED, vault, { signs: true }, CONTEXT, AT_ONCE);
    const block = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 100 };
    const transactions = Array.from({ length: COUNT }, (_, index) => {
      const previousOutput = { txid: sha256(Uint8Array.of(index)) as Txid, index: 0 };
      const inputs = [{ previousOutput, scriptSig: new Uint8Array(), witness: [], sequence: 0 }];
      const outputs = [{ value: BigInt(1_000 + index), scriptPubKey: keeper.custody.scriptAt(1, index)! }];
      const transaction = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
      return { transaction, place: { block, blockTime: 1_700_000_000, indexInBlock: index + 1 }, seenAt: 0 };
    });
    await keeper.takeSnapshot({ tip: block, sameUpTo: -1, transactions }, new Map(), 1_700_000_000, AT_ONCE);
    const proof = { block: block.hash, kind: "linked" } as const;
    await keeper.takeProofs(transactions.slice(3).map(({ transaction: { txid } }) => ({ txid, proof })));
    return { vault, keeper };
  }

  test("is opened in turns with the page, the same as at once", async () => {
    const { vault, keeper } = await kept();
    let turns = 0;
    const lead = { turns: { isDue: () => true, give: async () => void turns++ } };
    const opened = await AccountKeeper.open(keeper.stored, vault, { signs: true }, CONTEXT, lead);
    expect(turns).toBe(2 * COUNT);
    expect(opened.custody.ledger.snapshot()).toEqual(keeper.custody.ledger.snapshot());
    const standings = ({ custody }: AccountKeeper) =>
      [...custody.ledger.transactionsSince(0)].map((one) => custody.proofs.of(one));
    expect(standings(opened)).toEqual(standings(keeper));
    expect(standings(opened).filter((standing) => standing === "linked").length).toBe(COUNT - 3);
    // Nothing of it is to be written again.
    expect(opened.custody.takeChanges()).toBeUndefined();
  });

  test("is opened no further once that is ended", async () => {
    const { vault, keeper } = await kept();
    const ending = new AbortController();
    let turns = 0;
    const give = async () => {
      if (++turns === COUNT + 3) ending.abort(new Error("locked"));
    };
    const lead = { turns: { isDue: () => true, give }, signal: ending.signal };
    const opened = AccountKeeper.open(keeper.stored, vault, { signs: true }, CONTEXT, lead);
    await expect(opened).rejects.toThrow("locked");
    expect(turns).toBe(COUNT + 3);
  });
});
