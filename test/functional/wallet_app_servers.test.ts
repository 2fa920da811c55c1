import { expect, onTestFinished, test } from "vitest";
import { Transaction } from "../../packages/protocol/src/primitives/transaction.ts";
import { MadeUpEsplora } from "./made-up-esplora.ts";
import {
  isLive,
  type NewWallet,
  PASSPHRASE,
  ready,
  standing,
  type TestSession,
  testSession,
  until,
  walletSession,
} from "./wallet-app-kit.ts";

/** Servers of a public chain that lie about it, break off, or have more than a wallet can hold. */

const NOW = Math.floor(Date.parse("2026-11-26T12:00:00Z") / 1000);
const HEIGHT = 140_000;
/** What may yet be true, and is not. */
const LIE = HEIGHT + 50_000;

const server = (tip: { readonly height?: number; readonly time?: number } = {}, chain = "testnet4") =>
  MadeUpEsplora.start(chain, { height: HEIGHT, time: NOW, ...tip });

let clockMs = NOW * 1000;
const nowMs = () => clockMs;

async function walletAt({ url }: { readonly url: string }, options: Partial<NewWallet> = {}): Promise<TestSession> {
  clockMs = NOW * 1000;
  const made = await walletSession({ url, nowMs, ...options });
  onTestFinished(() => made.session.lock());
  return made;
}

/** The same network at another server. */
async function goTo({ session, open }: TestSession, { url }: { readonly url: string }): Promise<void> {
  await session.saveNetwork({ id: open().networks[0]!.id, name: "Elsewhere", url });
}

const connectionIs = ({ session, open }: TestSession, wanted: object) =>
  until(() => {
    session.retryNow();
    expect(open().connection).toMatchObject(wanted);
  });

test.each([
  ["a height beyond all time", { height: 1_000_000_000 }, "there cannot be more than"],
  ["a height beyond its time", { time: 1_714_777_860 + 3600 }, "there cannot be more than"],
  ["a time to come", { time: NOW + 40 * 86_400 }, "Set the clock where that is wrong"],
])("%s is not believed, and leaves nothing behind", async (_what, lie, sentence) => {
  const honest = await server();
  const alice = await walletAt(honest);
  Object.assign(honest, lie);
  await connectionIs(alice, { kind: "offline", problem: expect.stringContaining(sentence) });
  expect(alice.account().knownHeight).toBe(HEIGHT);
  Object.assign(honest, { height: HEIGHT + 1, time: NOW });
  alice.session.retryNow();
  await isLive(alice);
  expect(alice.account().knownHeight).toBe(HEIGHT + 1);
});

test("a server that stays behind is waited for, then its owner is asked; meanwhile it may catch up by itself", async () => {
  const one = await server({ height: HEIGHT + 3 });
  const alice = await walletAt(one);
  one.height = HEIGHT;
  await connectionIs(alice, { kind: "offline", problem: expect.stringMatching(/140,000 blocks.*seen 140,003/) });
  clockMs += 3 * 60_000;
  await connectionIs(alice, { kind: "refused", reason: "behind", problem: expect.stringContaining("look anew") });
  one.height = HEIGHT + 4;
  await isLive(alice);
});

test("what a lying server left behind is forgotten on its owner's word: keys, labels, contacts, frozen coins and payments stay", async () => {
  const honest = await server();
  const alice = await walletAt(honest);
  const { address } = alice.account().freshAddress("bech32m");
  await alice.account().labelAddress(address, "salary");
  const bob = { name: "Bob", address: alice.account().freshAddress("bech32").address, note: "" };
  await alice.session.saveContact(bob);
  const funding = honest.pay(address, 5_000_000n, HEIGHT - 5);
  const nest = honest.pay(address, 2_000_000n, HEIGHT - 4);
  alice.session.retryNow();
  await standing(alice, funding, "confirmed");
  await standing(alice, nest, "confirmed");
  await alice.account().freezeCoin(`${nest}:0`, true);

  const liar = await server({ height: LIE });
  liar.add(honest.transaction(funding), HEIGHT - 5);
  liar.add(honest.transaction(nest), HEIGHT - 4);
  const gift = liar.pay(alice.account().freshAddress("bech32m").address, 100_000_000n, LIE - 10);
  await goTo(alice, liar);
  await standing(alice, gift, "confirmed");
  const recipients = [{ address: bob.address, amount: 1_000_000n, label: "" }];
  const coins = [`${funding}:0`];
  const request = { recipients, feerateSatPerKvb: 2_000n, coins };
  const payment = await alice.account().confirm(ready(await alice.account().preparePayment(request)));
  // The liar says that it is in a block, and hands it on to nobody.
  liar.add(liar.transaction(payment), LIE - 1);
  alice.session.retryNow();
  await standing(alice, payment, "confirmed");

  await goTo(alice, honest);
  await connectionIs(alice, { kind: "offline" });
  clockMs += 3 * 60_000;
  await connectionIs(alice, { kind: "refused", reason: "behind" });
  expect(honest.taken).toEqual([]);
  await alice.session.lookAnew();
  await isLive(alice);
  await standing(alice, payment, "pending");
  expect(honest.taken).toEqual([payment]);
  expect(alice.account().knownHeight).toBe(HEIGHT);
  expect(alice.account().transaction(gift)).toBeUndefined();
  expect(alice.account().transaction(funding)).toMatchObject({ standing: "confirmed" });
  // What was sent to oneself comes back but for the fee.
  expect(alice.account().balance.total).toBe(7_000_000n - alice.account().transaction(payment)!.fee!);
  expect(alice.account().balance.frozen).toBe(2_000_000n);
  expect(alice.account().addresses()).toContainEqual(expect.objectContaining({ address, label: "salary" }));
  expect(alice.session.contacts()).toMatchObject([{ name: "Bob" }]);

  // It is all in the vault, too.
  const before = alice.account().history();
  alice.session.lock();
  const again = testSession({ place: alice.place, nowMs });
  onTestFinished(() => again.session.lock());
  await again.session.unlock(PASSPHRASE);
  expect(again.account().history()).toEqual(before);
  await isLive(again);
});

test.each([
  ["bech32m", 0],
  ["bech32", 0],
  ["bech32m", 1],
] as const)("nobody's signature spends no coin (%s, with %i coins of others)", async (type, others) => {
  const one = await server();
  const alice = await walletAt(one);
  const funding = one.pay(alice.account().freshAddress(type).address, 100_000n, HEIGHT - 5);
  alice.session.retryNow();
  await standing(alice, funding, "confirmed");
  const foreign = Array.from({ length: others }, () => one.payScript(Uint8Array.of(0x51), 5_000n, HEIGHT - 7));
  const inputs = [funding, ...foreign].map((txid) => ({
    previousOutput: { txid: one.transaction(txid).txid, index: 0 },
    scriptSig: Uint8Array.of(),
    sequence: 0,
    witness: [new Uint8Array(64)],
  }));
  const outputs = [{ value: 90_000n, scriptPubKey: Uint8Array.of(0x51) }];
  one.add(new Transaction({ version: 2, lockTime: 0, inputs, outputs }));
  await connectionIs(alice, { kind: "offline", problem: expect.stringContaining("without its signature") });
  // Nor where it is said again.
  const said = one.asked.length;
  await until(() => {
    alice.session.retryNow();
    expect(one.asked.slice(said).filter((path) => path === "/blocks/tip/hash").length).toBeGreaterThan(6);
  });
  expect(alice.account().balance.total).toBe(100_000n);
  expect(alice.account().history()).toHaveLength(1);
  expect(one.taken).toEqual([]);
});

test("a payment of others that the server drops leaves no coin behind, and brings it back when it is there again", async () => {
  const one = await server();
  const alice = await walletAt(one);
  const paid = one.pay(alice.account().freshAddress("bech32m").address, 5_000_000n);
  const coin = { outPoint: `${paid}:0`, obstacle: "unconfirmed from others" };
  alice.session.retryNow();
  await standing(alice, paid, "pending");
  expect(alice.account().coins()).toMatchObject([coin]);
  const dropped = one.transaction(paid);
  one.drop(paid);
  alice.session.retryNow();
  await standing(alice, paid, "dropped");
  expect(alice.account().coins()).toEqual([]);
  one.add(dropped);
  alice.session.retryNow();
  await standing(alice, paid, "pending");
  expect(alice.account().coins()).toMatchObject([coin]);
});

test("a search that is broken off again and again goes on where it was, and asks for nothing twice", async () => {
  const one = await server();
  const phrase = testSession().session.newPhrase(12);
  const first = await walletAt(one, { phrase });
  const COUNT = 60;
  const { address } = first.account().freshAddress("bech32m");
  for (let number = 0; number < COUNT; number++) one.pay(address, BigInt(1000 + number), HEIGHT - number);
  first.session.lock();
  one.asked.length = 0;
  const told: string[] = [];
  let breaks = 0;
  // Each time that some more were told, a page of something else comes in the way until the wallet has noticed.
  let isDown = false;
  one.instead = (path, response) => {
    if (isDown) {
      response.end("<html>The server is being started.</html>");
      return true;
    }
    if (!path.endsWith("/hex")) return false;
    told.push(path);
    if (told.length % 15 === 0 && breaks++ < 3) isDown = true;
    return false;
  };
  const made = testSession({ nowMs });
  onTestFinished(() => made.session.lock());
  await made.session.create(PASSPHRASE);
  isDown = false;
  const { id } = await made.session.saveNetwork({ url: one.url, name: "Here" });
  const wallet = { name: "Savings", networkId: id, phrase, phrasePassphrase: "", scans: true };
  await made.session.addPhraseWallet(wallet);
  made.session.subscribe(() => {
    const { state } = made.session;
    if (state.kind !== "open" || state.connection.kind !== "offline") return;
    isDown = false;
    // Once it has begun to wait.
    setImmediate(() => made.session.retryNow());
  });
  await isLive(made);
  expect(made.account().history()).toHaveLength(COUNT);
  expect(breaks).toBeGreaterThanOrEqual(3);
  expect(new Set(told).size).toBe(COUNT);
  expect(told).toHaveLength(COUNT);
});

test("an address that has more than a wallet can hold is refused with a sentence, and not asked for again and again", async () => {
  const one = await server();
  const famous = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";
  one.instead = (path, response) => {
    if (!/^\/scripthash\/\w+$/.test(path)) return false;
    response.end(JSON.stringify({ chain_stats: { tx_count: 100_000 }, mempool_stats: { tx_count: 0 } }));
    return true;
  };
  const made = testSession({ nowMs });
  onTestFinished(() => made.session.lock());
  await made.session.create(PASSPHRASE);
  const { id } = await made.session.saveNetwork({ url: one.url, name: "Here" });
  await made.session.addWatchWallet({ name: "Famous", networkId: id, text: famous });
  await until(() =>
    expect(made.open().connection).toMatchObject({
      kind: "refused",
      reason: "too-many",
      problem: expect.stringContaining("more than 20,000 transactions"),
    }),
  );
  expect(one.asked.filter((path) => path.startsWith("/scripthash/"))).toHaveLength(1);
  // It can be removed, and does not stand in the way of others.
  await made.session.removeWallet(made.open().wallets[0]!.id);
  expect(made.open().wallets).toEqual([]);
});
