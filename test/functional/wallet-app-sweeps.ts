import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { KeySweep, PreparedSweep } from "../../apps/wallet/src/session/account.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { toHex } from "../../packages/protocol/src/bytes/bytes.ts";
import { networkByName } from "../../packages/protocol/src/consensus/networks.ts";
import { nobleSecp256k1 } from "../../packages/protocol/src/crypto/noble-secp256k1.ts";
import { encodeAddress, encodeWif } from "../../packages/protocol/src/script/address.ts";
import { CustodyAccount } from "../../packages/wallet/src/self-custody/custody-account.ts";
import { newAccount } from "../../packages/wallet/src/self-custody/kept-account.ts";
import { sweptDescriptors, sweptKinds } from "../../packages/wallet/src/self-custody/swept-key.ts";
import { isLive, PASSPHRASE, standing, type TestSession, testSession, type WalletNetwork } from "./wallet-app-kit.ts";

/** Private keys whose coins are swept into a wallet, at a real node. */

const { addressPrefixes: prefixes } = networkByName("regtest")!;
const RATE = 2_000n;

/** A key that nobody had before. */
export function someKey(compressed = true) {
  const key = { privateKey: Uint8Array.from(randomBytes(32)), compressed };
  const descriptors = sweptDescriptors(key, nobleSecp256k1);
  const account = new CustodyAccount(newAccount(descriptors), { signs: true }, { prefixes, secp256k1: nobleSecp256k1 });
  const addresses = sweptKinds(key).flatMap(
    (_, place) => encodeAddress(account.scriptAt(place + 1, 0)!, prefixes) ?? [],
  );
  const publicKey = toHex(nobleSecp256k1.publicKeyOf(key.privateKey, compressed));
  return { wif: encodeWif(key, prefixes), hex: toHex(key.privateKey), publicKey, addresses };
}

const NEVER = new AbortController().signal;

async function found({ account }: TestSession, wif: string): Promise<KeySweep> {
  const sweep = await account().sweepKey(wif, NEVER);
  if ("error" in sweep) throw new Error(sweep.error);
  return sweep;
}

async function prepared(sweep: KeySweep): Promise<PreparedSweep> {
  const made = await sweep.prepare(RATE, "bech32m");
  if ("error" in made) throw new Error(made.error);
  return made;
}

/** All that stands in the vault, as one text. */
function everything({ place }: TestSession): string {
  return JSON.stringify([...(place.kept?.tables.all() ?? [])]);
}

/** `started`: the network of the file. */
export function sweeps(
  started: () => { readonly network: BitfleetNetwork; readonly url: string },
  { kept, wallet }: WalletNetwork,
): void {
  test("all that a key has arrives, at either kind of server, and of an uncompressed key, too", async () => {
    const { network, url } = started();
    const cases = [
      { path: "", key: someKey() },
      { path: "/esplora", key: someKey() },
      { path: "", key: someKey(false) },
    ];
    for (const { key } of cases) {
      // To the key itself: a node's wallet pays there only what it mines.
      await network.node("miner-0").rpc("generatetodescriptor", 1, `pk(${key.publicKey})`);
      for (const [at, address] of key.addresses.entries()) await network.faucet(address, BigInt(at + 1) * 1_000_000n);
    }
    await network.mine(1);
    const opened: (readonly [TestSession, string[]])[] = [];
    for (const { path, key } of cases) {
      const asked: string[] = [];
      const alice = await wallet({
        url: url + path,
        fetch: (input, init) => {
          asked.push(`${String(input)} ${String(init?.body ?? "")}`);
          return fetch(input, init);
        },
      });
      opened.push([alice, asked]);
      const sweep = await found(alice, key.wif);
      const kinds = ["p2tr", "p2wpkh", "p2sh-p2wpkh", "p2pkh"].slice(key.addresses.length === 1 ? 3 : 0);
      expect(sweep.found.map(({ kind, ready }) => [kind, ready])).toEqual([
        ...kinds.map((kind, at) => [kind, { count: 1, sats: BigInt(at + 1) * 1_000_000n }]),
        ["p2pk", { count: 0, sats: 0n }],
      ]);
      expect(sweep.found.at(-1)).toMatchObject({ kind: "p2pk", immature: { count: 1 } });
    }
    await network.mine(100);
    for (const [at, { key }] of cases.entries()) {
      const { wif, addresses, publicKey } = key;
      const [alice, asked] = opened[at]!;
      const sweep = await found(alice, wif);
      expect(sweep.found.at(-1)).toMatchObject({ kind: "p2pk", ready: { count: 1 }, immature: { count: 0 } });
      const { address } = alice.account().freshAddress("bech32m");
      const made = await prepared(sweep);
      expect(made.outputs).toMatchObject([{ address, owner: "mine", value: made.arrives }]);
      expect(made.inputs).toHaveLength(addresses.length + 1);
      // Until now the server was told hashes, and of the public key nothing.
      expect(asked.length).toBeGreaterThan(5);
      expect(asked.filter((one) => one.includes(publicKey))).toEqual([]);
      const txid = await sweep.confirm(made);
      expect(await standing(alice, txid, "pending")).toMatchObject({
        direction: "in",
        delta: made.arrives,
        // Most came to the key itself, which has no address.
        label: `Swept from ${addresses.at(-1)}${addresses.length > 1 ? " and 3 more" : ""}`,
      });
      await network.mine(1);
      // An Esplora server tells of nothing by itself.
      alice.session.retryNow();
      await standing(alice, txid, "confirmed");
      expect(alice.account().balance.spendable).toBe(made.arrives);
      expect(alice.account().freshAddress("bech32m").address).not.toBe(address);
      expect(await alice.account().sweepKey(wif, NEVER)).toEqual({ error: expect.stringMatching(/nothing any more/) });
      await expect(sweep.confirm(made)).rejects.toThrow("not here any more");
    }
  });

  test("what cannot be swept is told in a sentence, and nothing is made of it", async () => {
    const { network } = started();
    const alice = await wallet();
    const { wif, addresses } = someKey();
    const error = async (text: string) => {
      const sweep = await alice.account().sweepKey(text, NEVER);
      return "error" in sweep ? sweep.error : "none";
    };
    expect(await error(wif)).toBe("This key has nothing: 5 kinds of addresses were looked at, and none was ever paid.");
    expect(await error(wif.slice(0, -1) + (wif.endsWith("1") ? "2" : "1"))).toMatch(/checksum/);
    // In no block yet it is told, and waits.
    await network.faucet(addresses[1]!, 50_000n);
    const sweep = await found(alice, wif);
    expect(sweep.found).toMatchObject([{ kind: "p2wpkh", ready: { count: 0 }, waiting: { count: 1, sats: 50_000n } }]);
    expect(await sweep.prepare(RATE, "bech32m")).toEqual({
      error: expect.stringMatching(/no coins that can be spent/),
    });
    await network.mine(1);
    const ready = await sweep.lookAgain(NEVER);
    if ("error" in ready) throw new Error(ready.error);
    expect(await sweep.lookAgain(NEVER)).toEqual({ error: expect.stringMatching(/not here any more/) });
    expect(await ready.prepare(1_000_000n, "bech32m")).toEqual({
      error: expect.stringMatching(/fee would leave nothing/),
    });
    // What was prepared is of no use when the key is gone.
    const made = await prepared(ready);
    ready.end();
    await expect(ready.confirm(made)).rejects.toThrow("not here any more");
    expect(await ready.prepare(RATE, "bech32m")).toEqual({ error: expect.stringMatching(/not here any more/) });
    const locked = await found(alice, wif);
    const last = await prepared(locked);
    alice.session.lock();
    await expect(locked.confirm(last)).rejects.toThrow("not here any more");
  });

  test("a server that says another amount than was paid is not believed", async () => {
    const { network, url } = started();
    const { wif, addresses } = someKey();
    const { txid } = await network.faucet(addresses[3]!, 60_000n, { mine: 1 });
    let isLying = true;
    const paid = "60ea000000000000";
    const alice = await wallet({
      url: `${url}/esplora`,
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (!isLying || !String(input).endsWith(`/tx/${txid}/hex`)) return answer;
        return new Response((await answer.text()).replace(paid, "70ea000000000000"));
      },
    });
    const sweep = await alice.account().sweepKey(wif, NEVER);
    expect(sweep).toEqual({ error: expect.stringMatching(/^The server's answer is not what it says/) });
    isLying = false;
    expect((await found(alice, wif)).found).toMatchObject([{ kind: "p2pkh", ready: { count: 1, sats: 60_000n } }]);
  });

  test("a sweep survives a crash before it was sent, with its label, and nothing of the key is stored", async () => {
    const { network } = started();
    let isReached = true;
    const send: typeof fetch = (input, init) =>
      isReached || !String(input).endsWith("/broadcast") ? fetch(input, init) : Promise.reject(new TypeError("gone"));
    const alice = await wallet({ fetch: send });
    const { wif, hex, addresses } = someKey();
    await network.faucet(addresses[3]!, 70_000n, { mine: 1 });
    const sweep = await found(alice, wif);
    const made = await prepared(sweep);
    isReached = false;
    const told = await sweep.confirm(made).catch((error: unknown) => error as Error & { readonly txid: string });
    if (typeof told === "string") throw new Error("it was sent");
    expect(told).toMatchObject({ name: "KeptPayment" });
    expect(await standing(alice, told.txid, "unsent")).toMatchObject({ delta: made.arrives, direction: "in" });
    expect(alice.account().coins()).toMatchObject([{ obstacle: "not sent yet", value: made.arrives }]);
    const text = everything(alice);
    expect(text).toContain(told.txid);
    expect(text).not.toContain(wif);
    expect(text).not.toContain(hex);
    expect(text).not.toContain(Buffer.from(hex, "hex").toString("base64"));
    alice.session.lock();

    const risen = kept(testSession({ place: alice.place }));
    await risen.session.unlock(PASSPHRASE);
    await isLive(risen);
    expect(await standing(risen, told.txid, "pending")).toMatchObject({ label: `Swept from ${addresses[3]}` });
    // Looked up anew it stays one's own to send.
    await risen.session.lookAnew();
    await standing(risen, told.txid, "pending");
    await network.mine(1);
    await standing(risen, told.txid, "confirmed");
  });

  test("of two who sweep the same key the second is told, keeps nothing of it, and may try what is left", async () => {
    const { network } = started();
    const { wif, addresses } = someKey();
    await network.faucet(addresses[0]!, 80_000n, { mine: 1 });
    const [alice, bob] = [await wallet(), await wallet()];
    const [mine, theirs] = [await found(alice, wif), await found(bob, wif)];
    const made = await prepared(mine);
    const txid = await theirs.confirm(await prepared(theirs));
    await network.mine(1);
    await standing(bob, txid, "confirmed");
    await expect(mine.confirm(made)).rejects.toThrow(
      /A coin that it spends is spent already.* Nothing was swept: the coins are where they were\.$/,
    );
    expect(alice.account().history()).toEqual([]);
    expect(everything(alice)).not.toContain("Swept from");
    const next = await prepared(mine);
    expect(next.outputs).toMatchObject([{ address: alice.account().freshAddress("bech32m").address }]);
  });

  test("a wallet that only watches receives, too", async () => {
    const { network, url } = started();
    const alice = await wallet();
    const { address } = alice.account().freshAddress("bech32");
    const descriptor = alice
      .account()
      .descriptors()
      .find((text) => text.startsWith("wpkh("))!;
    const watcher = kept(testSession());
    await watcher.session.create(PASSPHRASE);
    const { id } = await watcher.session.saveNetwork({ url, name: "Here" });
    await watcher.session.addWatchWallet({ name: "Watched", networkId: id, text: descriptor });
    await isLive(watcher);
    const { wif, addresses } = someKey();
    await network.faucet(addresses[2]!, 90_000n, { mine: 1 });
    const sweep = await found(watcher, wif);
    const made = await prepared(sweep);
    expect(made.outputs).toMatchObject([{ address, owner: "mine" }]);
    const txid = await sweep.confirm(made);
    await standing(watcher, txid, "pending");
    await standing(alice, txid, "pending");
  });
}
