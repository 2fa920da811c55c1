import { expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { MemoryVault } from "../../packages/vault/src/memory-vault.ts";
import { isLive, PASSPHRASE, standing, testSession, until, walletNetwork, walletSession } from "./wallet-app-kit.ts";

/** What a session keeps, shows and forgets, besides payments. */

let network: BitfleetNetwork;
let url: string;
const { kept } = walletNetwork((started) => {
  ({ network, url } = started);
});

test("wrong passphrases make the next try wait, longer each time, and a right one ends that", async () => {
  let nowMs = 1_000_000;
  const { session } = kept(testSession({ nowMs: () => nowMs }));
  await until(() => expect(session.state.kind).toBe("absent"));
  await session.create(PASSPHRASE);
  session.lock();
  for (let failures = 1; failures <= 2; failures++) {
    await expect(session.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
    expect(session.state).toEqual({ kind: "locked", failures, waitUntilMs: nowMs });
  }
  const waits: number[] = [];
  for (let count = 0; count < 7; count++) {
    await expect(session.unlock("wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
    if (session.state.kind !== "locked") throw new Error("it is not locked");
    waits.push((session.state.waitUntilMs - nowMs) / 1000);
    // Too soon, even the right one is not looked at.
    await expect(session.unlock(PASSPHRASE)).rejects.toThrow("Too many wrong passphrases");
    nowMs = session.state.waitUntilMs;
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  await session.unlock(PASSPHRASE);
  expect(session.state.kind).toBe("open");
  session.lock();
  expect(session.state).toEqual({ kind: "locked", failures: 0, waitUntilMs: 0 });
});

test("a clock that is set back makes nobody wait longer after wrong passphrases", async () => {
  let nowMs = 1e12;
  const { session } = kept(testSession({ nowMs: () => nowMs }));
  await session.create(PASSPHRASE);
  session.lock();
  for (let count = 0; count < 4; count++) {
    await expect(session.unlock("a guess")).rejects.toThrow("passphrase");
    nowMs += 1000;
  }
  nowMs -= 24 * 60 * 60_000;
  await expect(session.unlock(PASSPHRASE)).rejects.toMatchObject({ retryAfterMs: 2000 });
  nowMs += 2000;
  await session.unlock(PASSPHRASE);
  expect(session.state.kind).toBe("open");
});

test("keeps several wallets and accounts, remembers the active one, and follows that alone", async () => {
  const made = kept(await walletSession({ url }));
  const { session, open, account } = made;
  const [wallet] = open().wallets;
  await session.addAccount(wallet!.id, "Rent");
  await isLive(made);
  expect(account()).toMatchObject({ name: "Rent", id: `${wallet!.id}:1`, signs: true });
  const { txid } = await network.faucet(account().freshAddress("bech32m").address, 3_000_000n);
  await standing(made, txid, "pending");
  const [first, rent] = open().wallets[0]!.accounts;
  expect([first!.total, rent!.total]).toEqual([0n, 3_000_000n]);

  await session.renameAccount(rent!.id, "House");
  await session.renameWallet(wallet!.id, "Family");
  expect(account()).toMatchObject({ name: "House", wallet: { name: "Family" } });
  await session.activateAccount(first!.id);
  expect(account().history()).toEqual([]);
  await isLive(made);
  const [here] = open().networks;
  const phrase = { networkId: here!.id, phrase: session.newPhrase(24), phrasePassphrase: "and more", scans: false };
  expect(phrase.phrase.split(" ")).toHaveLength(24);
  await session.addPhraseWallet({ ...phrase, name: "Other" });
  await expect(session.addPhraseWallet({ ...phrase, name: "Twin" })).rejects.toThrow('it is "Other"');
  await session.addPhraseWallet({ ...phrase, phrasePassphrase: "", name: "No twin" });
  await expect(session.addPhraseWallet({ ...phrase, phrase: "abandon ".repeat(12), name: "Bad" })).rejects.toThrow(
    "do not fit together",
  );

  await session.activateAccount(rent!.id);
  session.lock();
  const again = kept(testSession({ place: made.place }));
  await again.session.unlock(PASSPHRASE);
  expect(again.account()).toMatchObject({ name: "House", wallet: { name: "Family" } });
  expect(
    again
      .account()
      .history()
      .map((entry) => entry.txid),
  ).toEqual([txid]);
  expect(again.open().wallets.map(({ name }) => name)).toEqual(["Family", "Other", "No twin"]);

  // An account that was removed is the next to be added again, and has what is in it: a later number would not find that.
  await again.session.addAccount(wallet!.id, "Later");
  await again.session.removeAccount(rent!.id);
  await again.session.addAccount(wallet!.id, "Rent again");
  expect(again.account().id).toBe(rent!.id);
  await standing(again, txid, "pending");
  await again.session.removeAccount(`${wallet!.id}:2`);
  await again.session.removeAccount(rent!.id);
  expect(again.account()).toMatchObject({ id: first!.id });
  await expect(again.session.removeAccount(first!.id)).rejects.toThrow("only account");
  await expect(again.session.removeNetwork(here!.id)).rejects.toThrow("remove them first");
  for (const { id } of again.open().wallets) await again.session.removeWallet(id);
  expect(again.open()).toMatchObject({ wallets: [], account: undefined, connection: { kind: "none" } });
  await again.session.removeNetwork(here!.id);
  again.session.lock();
  // Nothing of them is left.
  const vault = await new MemoryVault({}, made.place).unlock(PASSPHRASE);
  for (const collection of ["wallets", "accounts", "addresses", "transactions", "labels", "networks"] as const)
    expect(await vault.list(collection)).toEqual([]);
  await vault.lock();
});

test("of accounts that are chosen quickly the last one is followed, alone, and what is removed meanwhile stays away", async () => {
  const made = kept(await walletSession({ url }));
  const { session, open, account } = made;
  const [wallet] = open().wallets;
  const { txid } = await network.faucet(account().freshAddress("bech32m").address, 1_000_000n, { mine: 1 });
  await standing(made, txid, "confirmed");
  const first = account().id;
  // Two at once are two accounts.
  await Promise.all(["Rent", "Food"].map((name) => session.addAccount(wallet!.id, name)));
  expect(open().wallets[0]!.accounts.map(({ id }) => id)).toEqual([0, 1, 2].map((index) => `${wallet!.id}:${index}`));
  const [, rent, food] = open().wallets[0]!.accounts.map(({ id }) => id);
  await Promise.all([first, rent!, first, rent!, first].map((id) => session.activateAccount(id)));
  expect(account().id).toBe(first);
  await isLive(made);
  const [coin] = account().coins();
  // What was still written when the account was left is there when it comes back.
  await Promise.all([account().freezeCoin(coin!.outPoint, true), session.activateAccount(rent!)]);
  await session.activateAccount(first);
  expect(account().coins()).toMatchObject([{ isFrozen: true }]);
  await isLive(made);
  // With each block whoever follows an account writes it: a second one would write its own from before.
  for (const confirmations of [2, 3]) {
    await network.mine(1);
    await standing(made, txid, "confirmed", confirmations);
  }
  await Promise.all([
    session.activateAccount(rent!),
    session.removeAccount(rent!),
    session.renameAccount(food!, "Eat"),
  ]);
  expect(account().id).toBe(first);
  await isLive(made);
  session.lock();
  const again = kept(testSession({ place: made.place }));
  await again.session.unlock(PASSPHRASE);
  expect(again.account().coins()).toMatchObject([{ outPoint: coin!.outPoint, isFrozen: true }]);
  expect(again.open().wallets[0]!.accounts).toMatchObject([{ id: first }, { id: food, name: "Eat" }]);
});

test("shows phrase and private keys after the passphrase alone, and the same wallet comes out of them", async () => {
  const made = kept(await walletSession({ url }));
  const { session, open, account } = made;
  const [wallet] = open().wallets;
  await expect(session.revealPhrase(wallet!.id, "wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
  await expect(session.privateDescriptors(account().id, "wrong")).rejects.toMatchObject({ code: "wrong-passphrase" });
  const phrase = await session.revealPhrase(wallet!.id, PASSPHRASE);
  const twin = kept(await walletSession({ url, phrase }));
  expect(twin.account().freshAddress("bech32m").address).toBe(account().freshAddress("bech32m").address);
  const [external] = await session.privateDescriptors(account().id, PASSPHRASE);
  expect(external).toMatch(/^tr\(tprv/);
  const [first] = await network.node("miner-0").rpc<string[]>("deriveaddresses", external!, [0, 0]);
  expect(first).toBe(account().freshAddress("bech32m").address);
  await session.changePassphrase(PASSPHRASE, "another passphrase");
  expect(await session.isPassphrase(PASSPHRASE)).toBe(false);
});

test("contacts and labels name what is shown, and a backup brings everything to another device", async () => {
  const made = kept(await walletSession({ url }));
  const { session, open, account } = made;
  const theirs = await network.node("miner-0").rpc<string>("getnewaddress");
  const saved = await session.saveContact({ name: " Zoe ", address: theirs, note: "" });
  await session.saveContact({ name: "Adam", address: account().freshAddress("bech32").address, note: "me" });
  expect(session.contacts().map(({ name }) => name)).toEqual(["Adam", "Zoe"]);
  await expect(session.saveContact({ name: "", address: theirs, note: "" })).rejects.toThrow("a name");
  const { txid } = await network.faucet(account().freshAddress("bech32").address, 5_000_000n, { mine: 1 });
  await standing(made, txid, "confirmed");
  const recipients = [{ address: theirs, amount: 1_000_000n, label: "" }];
  const prepared = await account().preparePayment({ recipients, feerateSatPerKvb: 2_000n });
  if ("error" in prepared) throw new Error(prepared.error);
  expect(prepared.outputs).toContainEqual(expect.objectContaining({ owner: "contact", label: "Zoe", address: theirs }));
  const payment = await account().confirm(prepared);
  await standing(made, payment, "pending");
  expect(account().history()[0]).toMatchObject({ txid: payment, label: "Zoe" });
  await session.saveContact({ ...saved, name: "Zoë" });
  expect(account().history()[0]).toMatchObject({ label: "Zoë" });
  await account().labelTransaction(payment, "=HYPERLINK(1)");
  expect(account().historyCsv().split("\r\n")[1]).toContain("'=HYPERLINK(1)");

  const backup = await session.backup("of the backup");
  session.lock();
  const other = kept(testSession());
  await other.session.restoreBackup(backup, "of the backup", "of the device");
  expect(other.open()).toMatchObject({ wallets: [{ name: "Savings" }], contacts: [{ name: "Adam" }, { name: "Zoë" }] });
  expect(other.account().history()[0]).toMatchObject({ txid: payment, label: "=HYPERLINK(1)" });
  await standing(other, payment, "pending");
  await other.session.destroy();
  expect(other.session.state.kind).toBe("absent");
  expect(open).toThrow("locked");
});

test("gives no more addresses in a row than a restored wallet would look through", async () => {
  const { account } = kept(await walletSession({ url }));
  const seen = new Set([account().freshAddress("bech32m").address]);
  for (let count = 1; count < 20; count++) {
    const next = await account().nextAddress("bech32m");
    expect(next).toMatchObject({ index: count, isUsed: false });
    expect(account().freshAddress("bech32m")).toEqual(next);
    seen.add(next.address);
  }
  expect(seen.size).toBe(20);
  await expect(account().nextAddress("bech32m")).rejects.toThrow("20 addresses in a row");
  // Of the other kind there are as many.
  expect(await account().nextAddress("bech32")).toMatchObject({ index: 1 });
  expect(
    account()
      .addresses()
      .filter(({ type }) => type === "bech32m"),
  ).toHaveLength(20);
  expect(account().isMine([...seen][7]!)).toBe(true);
  expect(account().addressProblem([...seen][7]!)).toBeUndefined();
  expect(account().addressProblem("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")).toMatch(/address of the main network/);
  expect(account().addressProblem("nonsense")).toMatch(/no address of regtest/);
});

test("is told of what happens at once", async () => {
  const made = kept(await walletSession({ url }));
  await until(() => expect(made.open().connection).toMatchObject({ kind: "live", by: "events" }));
});
