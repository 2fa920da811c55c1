import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { startNetwork } from "../../packages/node/src/network/start-network.ts";
import { regtestNetwork } from "../../packages/protocol/src/consensus/networks.ts";
import type { OpenVault } from "../../packages/vault/src/vault.ts";
import { mnemonicOf } from "../../packages/wallet/src/keys/mnemonic.ts";
import { phraseDescriptors } from "../../packages/wallet/src/self-custody/account-descriptors.ts";
import {
  isLive,
  PASSPHRASE,
  passedOn,
  pay,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
} from "./wallet-app-kit.ts";

/** What answers for a network: which funds are found, and what is not believed. */

const PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const DESCRIPTORS = phraseDescriptors({ words: PHRASE, passphrase: "" }, 0, regtestNetwork().addressPrefixes);

let network: BitfleetNetwork;
let url: string;
const { wallet } = walletNetwork((started) => {
  ({ network, url } = started);
});

/** The address of a kind of the phrase, 86 or 84 or an older one, at an index. */
async function addressAt(purpose: number, index: number, chain: 0 | 1 = 0): Promise<string> {
  const { text } = DESCRIPTORS.find((one) => one.text.includes(`/${purpose}h/`) && one.isInternal === (chain === 1))!;
  const [address] = await network.node("miner-0").rpc<string[]>("deriveaddresses", text, [index, index]);
  return address!;
}

test("restores all funds of a phrase across gaps below twenty, by either protocol, and says nothing of those behind", async () => {
  const paid = [
    [86, 19, 1_000_000n],
    [86, 39, 2_000_000n],
    [84, 3, 4_000_000n],
    [49, 0, 8_000_000n],
    [44, 5, 16_000_000n],
  ] as const;
  for (const [purpose, index, value] of paid) await network.faucet(await addressAt(purpose, index), value);
  await network.faucet(await addressAt(86, 7, 1), 32_000_000n);
  // Twenty unused ones are before it.
  await network.faucet(await addressAt(86, 60), 64_000_000n, { mine: 1 });

  const watching = await wallet({ phrase: PHRASE, scans: true });
  expect(watching.open().connection).toMatchObject({ facts: { protocol: "watch", chain: "regtest" } });
  const esplora = await wallet({ url: `${url}/esplora`, phrase: PHRASE, scans: true });
  expect(esplora.open().connection).toMatchObject({ facts: { protocol: "esplora", chain: "regtest" } });
  for (const { account } of [watching, esplora]) {
    expect(account().balance).toMatchObject({ spendable: 63_000_000n, total: 63_000_000n });
    expect(account().history()).toHaveLength(6);
    expect(account().freshAddress("bech32m").index).toBe(40);
    // Old kinds that were used stay, and can be spent.
    expect(
      account()
        .coins()
        .map(({ address }) => address),
    ).toContain(await addressAt(44, 5));
    expect(account().descriptors()).toHaveLength(8);
  }
  const both = [watching, esplora].map(({ account }) =>
    account()
      .history()
      .map(({ txid, height, delta }) => [txid, height, delta]),
  );
  expect(both[1]).toEqual(both[0]);

  // A new wallet has nothing older to look for.
  const fresh = await wallet();
  expect(fresh.account().descriptors()).toHaveLength(4);
});

test("by Esplora it receives, pays and sees both confirmed", async () => {
  const alice = await wallet({ url: `${url}/esplora` });
  const { txid } = await network.faucet(alice.account().freshAddress("bech32m").address, 9_000_000n, { mine: 1 });
  alice.session.retryNow();
  await standing(alice, txid, "confirmed", 1);
  const to = await network.node("miner-0").rpc<string>("getnewaddress");
  const { txid: payment } = await pay(alice, to);
  await network.mine(1);
  await until(() => alice.session.retryNow());
  await standing(alice, payment, "confirmed", 1);
  const fees = await alice.account().feeChoices();
  expect(fees.fast.feerateSatPerKvb).toBeGreaterThanOrEqual(fees.minimumSatPerKvb);
});

test("finds further accounts of a phrase, by either protocol, behind one that was never used, and tells of them once", async () => {
  const words = mnemonicOf(randomBytes(16));
  const inAccount = async (account: number, index: number) => {
    const all = phraseDescriptors({ words, passphrase: "" }, account, regtestNetwork().addressPrefixes);
    const { text } = all.find((one) => one.text.includes("/86h/") && !one.isInternal)!;
    const [address] = await network.node("miner-0").rpc<string[]>("deriveaddresses", text, [index, index]);
    return address!;
  };
  // Nobody paid the first, the third and the fifth and sixth; behind two of those nothing is looked for.
  await network.faucet(await inAccount(1, 19), 1_000_000n);
  await network.faucet(await inAccount(3, 0), 2_000_000n);
  await network.faucet(await inAccount(6, 0), 4_000_000n, { mine: 1 });
  const found = [
    { name: "Main account", index: 0, total: 0n },
    { name: "Account 2", index: 1, total: 1_000_000n },
    { name: "Account 4", index: 3, total: 2_000_000n },
  ];

  const esplora = await wallet({ url: `${url}/esplora`, phrase: words, scans: true });
  const watching = await wallet({ phrase: words, scans: true });
  for (const { session, open, account } of [esplora, watching]) {
    await until(() => expect(open().wallets[0]!.accounts).toMatchObject(found));
    await until(() => expect(open().found).toHaveLength(2));
    expect(account().name).toBe("Main account");
    // What was stored of one that was never on screen is all of it.
    session.lock();
    await session.unlock(PASSPHRASE);
    expect(open().wallets[0]!.accounts).toMatchObject(found);
    await session.activateAccount(open().wallets[0]!.accounts[1]!.id);
    expect(account().balance).toMatchObject({ spendable: 1_000_000n });
    expect(account().history()).toHaveLength(1);
  }
  // One that is new has no accounts that could be found.
  const fresh = await wallet({ phrase: words });
  await fresh.session.addAccount(fresh.open().wallets[0]!.id, "Second");
  await isLive(fresh);
  expect(fresh.open().wallets[0]!.accounts.map(({ index }) => index)).toEqual([0, 1]);
});

test("finds what is behind longer gaps when it is restored so, and when it looks further later, in all accounts and kinds, by either protocol", async () => {
  const words = mnemonicOf(randomBytes(16));
  const paid = [
    [0, 86, 0, 1_000_000n],
    [1, 84, 0, 2_000_000n],
    // Thirty unused ones are before each of these.
    [0, 86, 31, 4_000_000n],
    [0, 44, 30, 8_000_000n],
    [1, 84, 31, 16_000_000n],
    [2, 86, 30, 32_000_000n],
  ] as const;
  for (const [account, purpose, index, value] of paid) {
    const all = phraseDescriptors({ words, passphrase: "" }, account, regtestNetwork().addressPrefixes);
    const { text } = all.find((one) => one.text.includes(`/${purpose}h/`) && !one.isInternal)!;
    const [address] = await network.node("miner-0").rpc<string[]>("deriveaddresses", text, [index, index]);
    await network.faucet(address!, value);
  }
  await network.mine(1);
  const totals = (made: TestSession) => made.open().wallets[0]!.accounts.map(({ total }) => total);
  const all = [13_000_000n, 18_000_000n, 32_000_000n];

  const watching = await wallet({ phrase: words, scans: true });
  await until(() => expect(totals(watching)).toEqual([1_000_000n, 2_000_000n]));
  const { id, gapLimit } = watching.open().wallets[0]!;
  expect([gapLimit, watching.open().furtherSearch]).toEqual([20, undefined]);
  for (const limit of [20, 19, 1_001, 30.5, Number.NaN])
    await expect(watching.session.searchFurther(id, limit)).rejects.toThrow(/unused addresses in a row/);
  await watching.session.searchFurther(id, 30);
  const asked = { walletId: id, gapLimit: 30 };
  const nothing = { accounts: 0, transactions: 0, sats: 0n };
  await until(() => expect(watching.open().furtherSearch).toEqual({ ...asked, found: nothing }));
  await watching.session.searchFurther(id, 40);
  const found = { accounts: 1, transactions: 4, sats: 60_000_000n };
  await until(() => expect(watching.open().furtherSearch).toEqual({ ...asked, gapLimit: 40, found }));
  expect(totals(watching)).toEqual(all);
  expect(watching.account().balance.spendable).toBe(13_000_000n);
  watching.session.lock();
  await watching.session.unlock(PASSPHRASE);
  expect([watching.open().wallets[0]!.gapLimit, totals(watching)]).toEqual([40, all]);

  // Less far again, what was used stays watched.
  for (const limit of [40, 41, 19]) await expect(watching.session.lowerGapLimit(id, limit)).rejects.toThrow(/in a row/);
  await watching.session.lowerGapLimit(id, 20);
  await isLive(watching);
  expect([watching.open().wallets[0]!.gapLimit, totals(watching)]).toEqual([20, all]);
  expect(watching.account().freshAddress("bech32m").index).toBe(32);

  // An account that was removed comes back where its owner says so; and a lock in between keeps no search from telling what it found.
  await watching.session.removeAccount(watching.open().wallets[0]!.accounts[1]!.id);
  await watching.session.searchFurther(id, 31);
  await until(() => expect(watching.open().furtherSearch).toEqual({ ...asked, gapLimit: 31, found: nothing }));
  expect([watching.open().wallets[0]!.removedCount, totals(watching)]).toEqual([1, [13_000_000n, 32_000_000n]]);
  await watching.session.searchFurther(id, 32, { takesRemoved: true });
  watching.session.lock();
  await watching.session.unlock(PASSPHRASE);
  const foundAgain = { accounts: 1, transactions: 2, sats: 18_000_000n };
  await until(() => expect(watching.open().furtherSearch).toEqual({ ...asked, gapLimit: 32, found: foundAgain }));
  expect([watching.open().wallets[0]!.removedCount, totals(watching)]).toEqual([0, all]);

  const esplora = await wallet({ url: `${url}/esplora`, phrase: words, scans: true, gapLimit: 40 });
  await until(() => expect(totals(esplora)).toEqual(all));
  expect(esplora.account().descriptors()).toHaveLength(6);
});

test("keeps what a search has found that is stopped, and looks no further than before then", async () => {
  const words = mnemonicOf(randomBytes(16));
  const all = phraseDescriptors({ words, passphrase: "" }, 0, regtestNetwork().addressPrefixes);
  const addresses: string[] = [];
  for (const { text } of [all[0]!, all[2]!])
    addresses.push(...(await network.node("miner-0").rpc<string[]>("deriveaddresses", text, [31, 31])));
  for (const address of addresses) await network.faucet(address, 4_000_000n);
  await network.mine(1);
  let isHeld = false;
  let heldCount = 0;
  /** Answers nothing more of addresses once it has shown a transaction. */
  const send: typeof fetch = (input, init) => {
    const { pathname } = new URL(String(input));
    if (pathname.endsWith("/hex")) isHeld = true;
    if (!isHeld || !pathname.includes("/scripthash/")) return fetch(input, init);
    heldCount++;
    const { signal } = init!;
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
  };
  const { session, open } = await wallet({ url: `${url}/esplora`, phrase: words, scans: true, fetch: send });
  const { id } = open().wallets[0]!;
  await session.searchFurther(id, 300);
  await until(() => expect(heldCount).toBeGreaterThan(0));
  const stopped = session.stopSearch(id);
  await until(() => expect(open().furtherSearch?.isStopped).toBe(true));
  isHeld = false;
  await stopped;
  await isLive({ open });
  const found = { accounts: 0, transactions: 1, sats: 4_000_000n };
  expect(open().furtherSearch).toEqual({ walletId: id, gapLimit: 300, found, isStopped: true });
  expect(open().wallets[0]).toMatchObject({ gapLimit: 20, accounts: [{ total: 4_000_000n }] });
});

test("looks on for accounts where that was broken off, and not again for one that was removed", async () => {
  const words = mnemonicOf(randomBytes(16));
  const all = phraseDescriptors({ words, passphrase: "" }, 1, regtestNetwork().addressPrefixes);
  const [address] = await network.node("miner-0").rpc<string[]>("deriveaddresses", all[0]!.text, [0, 0]);
  await network.faucet(address!, 3_000_000n, { mine: 1 });
  let isBroken = true;
  let isWrittenDown = false;
  const asked: string[] = [];
  const send: typeof fetch = (input, init) => {
    const account = /h\/1h\/(\d+)h\]/.exec(String(init?.body))?.[1] ?? "0";
    if (account !== "0") asked.push(account);
    return account === "1" && isBroken ? Promise.reject(new TypeError("cut off")) : fetch(input, init);
  };
  /** Sees when the vault has it that nobody need look any more. */
  const guard = (vault: OpenVault): OpenVault => ({
    ...passedOn(vault),
    write: async (changes) => {
      await vault.write(changes);
      isWrittenDown ||= changes.some(({ collection, value }) => {
        return collection === "wallets" && (value as { isSearched?: boolean } | undefined)?.isSearched === true;
      });
    },
  });
  const { session, open } = await wallet({ phrase: words, scans: true, fetch: send, guard });
  await until(() => expect(asked).not.toEqual([]));
  session.lock();
  isBroken = false;
  await session.unlock(PASSPHRASE);
  await until(() => expect(open().wallets[0]!.accounts).toMatchObject([{}, { index: 1, total: 3_000_000n }]));
  // Two more are looked at behind it; then that is written down.
  await until(() => expect(isWrittenDown).toBe(true));
  session.lock();
  asked.length = 0;
  await session.unlock(PASSPHRASE);
  await isLive({ open });
  await session.removeAccount(open().wallets[0]!.accounts[1]!.id);
  const known = open().account!.knownHeight!;
  await network.mine(1);
  await until(() => expect(open().account!.knownHeight).toBeGreaterThan(known));
  expect([asked, open().wallets[0]!.accounts.length]).toEqual([[], 1]);
});

/** Answers as the server does, but for what `change` makes of them. */
function changed(change: (path: string, answer: string) => string | Response | undefined): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const path = new URL(String(input)).pathname;
    if (path.includes("/events")) return response;
    const text = await response.text();
    const made = change(path, text);
    if (made instanceof Response) return made;
    return new Response(made ?? text, { status: response.status, headers: response.headers });
  };
}

test("takes nothing from a server of another network, without an index, or that wants a key", async () => {
  let reason = "";
  const send = changed((path, text) => {
    if (reason === "other-network" && path === "/api/v1/blockchain") return text.replaceAll('"regtest"', '"signet"');
    const status = { key: 401, "no-index": 501 }[reason];
    const isAsked = path === (reason === "key" ? "/api/v1/blockchain" : "/api/v1/watch/balance");
    if (status === undefined || !isAsked) return undefined;
    return new Response(JSON.stringify({ success: false, data: null, error: "no", timestamp: 0 }), { status });
  });
  const alice = await wallet({ fetch: send });
  for (reason of ["other-network", "key", "no-index"]) {
    alice.session.lock();
    await alice.session.unlock(PASSPHRASE);
    await until(() => expect(alice.open().connection).toMatchObject({ kind: "refused", reason }));
    await expect(alice.account().feeChoices()).rejects.toThrow("does not answer");
  }
  reason = "";
  alice.session.retryNow();
  await isLive(alice);
});

test("believes no transaction that is another one, and goes on when it is told the truth", async () => {
  let lies = false;
  let other = "";
  const send = changed((path, text) => {
    if (!lies || !/^\/api\/v1\/transactions\/[0-9a-f]{64}$/.test(path)) return undefined;
    const answer = JSON.parse(text);
    return JSON.stringify({ ...answer, data: { ...answer.data, hex: other } });
  });
  const alice = await wallet({ fetch: send });
  const address = alice.account().freshAddress("bech32m").address;
  const first = await network.faucet(address, 1_000_000n, { mine: 1 });
  await standing(alice, first.txid, "confirmed");
  other = alice.account().transaction(first.txid)!.hex;
  lies = true;
  const second = await network.faucet(address, 2_000_000n, { mine: 1 });
  await until(() =>
    expect(alice.open().connection).toMatchObject({
      kind: "offline",
      problem: expect.stringMatching(/not what it says/),
    }),
  );
  expect(alice.account().balance.total).toBe(1_000_000n);
  lies = false;
  alice.session.retryNow();
  await standing(alice, second.txid, "confirmed");
});

test("a network that was begun anew is refused until its owner lets the wallet forget the old chain", async () => {
  const alice = await wallet();
  const { address } = alice.account().freshAddress("bech32m");
  await alice.account().labelAddress(address, "old days");
  const { txid } = await network.faucet(address, 5_000_000n, { mine: 1 });
  await standing(alice, txid, "confirmed");
  const next = await startNetwork();
  try {
    await next.mine(3);
    const [saved] = alice.open().networks;
    await alice.session.saveNetwork({ id: saved!.id, url: next.nodes[0]!.webUrl!, name: "Anew" });
    await until(() => expect(alice.open().connection).toMatchObject({ kind: "refused", reason: "other-chain" }));
    expect(alice.account().history()).toHaveLength(1);
    await alice.session.acceptOtherChain();
    await isLive(alice);
    expect(alice.account()).toMatchObject({ knownHeight: 3, balance: { total: 0n } });
    expect(alice.account().history()).toEqual([]);
    expect(alice.account().addresses()).toContainEqual(expect.objectContaining({ address, label: "old days" }));
    expect(alice.account().freshAddress("bech32m").address).not.toBe(address);
  } finally {
    alice.session.lock();
    await next.stop();
  }
});

test("says what is no server before a network is saved", async () => {
  const made = testSession();
  await made.session.create(PASSPHRASE);
  await expect(made.session.tryNetwork({ url: "http://127.0.0.1:1" })).rejects.toThrow("does not answer");
  await expect(made.session.tryNetwork({ url: "http://[" })).rejects.toThrow("is no address of a server");
  await expect(made.session.tryNetwork({ url: `${url}/nowhere` })).rejects.toThrow("neither a Bitfleet web server nor");
  expect(await made.session.tryNetwork({ url: `${url}/` })).toMatchObject({
    chain: "regtest",
    protocol: "watch",
    pagesUrl: url,
    hasFaucet: true,
  });
  expect(await made.session.tryNetwork({ url: `${url}/esplora/` })).toMatchObject({
    protocol: "esplora",
    pagesUrl: url,
  });
  made.session.lock();
});
