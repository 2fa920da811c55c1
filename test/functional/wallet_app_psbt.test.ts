import { describe, expect, test } from "vitest";
import { psbtOfText } from "../../apps/wallet/src/money/psbt-of-text.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import {
  isLive,
  PASSPHRASE,
  pay,
  ready,
  standing,
  type TestSession,
  testSession,
  until,
  walletNetwork,
} from "./wallet-app-kit.ts";
import { sharedWallets } from "./wallet-app-shared.ts";
import { sweeps } from "./wallet-app-sweeps.ts";

/** Wallets that watch, several that sign together, and keys that are of none. */

let network: BitfleetNetwork;
let url: string;
const wallets = walletNetwork((started) => {
  ({ network, url } = started);
});
const { kept, wallet } = wallets;

describe("a private key is swept:", () => sweeps(() => ({ network, url }), wallets));

describe("a wallet that several share:", () => sharedWallets(() => network, wallets));

/** A session of its own that watches what a text says. */
async function watcher(text: string): Promise<TestSession> {
  const made = kept(testSession());
  await made.session.create(PASSPHRASE);
  const { id } = await made.session.saveNetwork({ url, name: "Here" });
  await made.session.addWatchWallet({ name: "Watched", networkId: id, text });
  await isLive(made);
  return made;
}

async function fund(session: TestSession, sats: bigint): Promise<string> {
  const { txid } = await network.faucet(session.account().freshAddress("bech32").address, sats, { mine: 1 });
  await standing(session, txid, "confirmed");
  return txid;
}

const elsewhere = () => network.node("miner-0").rpc<string>("getnewaddress");

/** `[fingerprint/84h/1h/0h]tpub…` of an account. */
const accountKey = ({ account }: TestSession): string =>
  /wpkh\((.*?)\/0\/\*\)/.exec(
    account()
      .descriptors()
      .find((text) => text.startsWith("wpkh("))!,
  )![1]!;

test("two of three sign a payment, in whichever order, and a third alone cannot", async () => {
  const people = [await wallet(), await wallet(), await wallet()];
  const keys = people.map((one) => `${accountKey(one)}/<0;1>/*`).join(",");
  const text = `wsh(sortedmulti(2,${keys}))`;
  for (const person of people) {
    const [here] = person.open().networks;
    await person.session.addWatchWallet({ name: "Together", networkId: here!.id, text });
    await isLive(person);
  }
  const [alice, bob, carol] = people as [TestSession, TestSession, TestSession];
  expect(alice.account()).toMatchObject({ signs: false, signsInPart: true, wallet: { kind: "watch" } });
  const received = await fund(alice, 50_000_000n);
  await standing(bob, received, "confirmed");

  const recipients = [{ address: await elsewhere(), amount: 20_000_000n, label: "" }];
  const prepared = ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
  await expect(alice.account().confirm(prepared)).rejects.toThrow("keys do not suffice");
  const blank = await alice.account().toPsbt(prepared);
  const asBobSees = await bob.account().readPsbt(blank);
  if ("error" in asBobSees) throw new Error(asBobSees.error);
  expect(asBobSees).toMatchObject({ fee: prepared.fee, isComplete: false, warnings: [] });
  expect(asBobSees.inputs).toMatchObject([{ isSigned: false, canSign: true, owner: "mine", value: 50_000_000n }]);
  expect(asBobSees.outputs.map(({ owner }) => owner).sort()).toEqual(["change", "other"]);

  const byAlice = await alice.account().signPsbt(blank);
  expect(byAlice).toMatchObject({ isComplete: false });
  expect(byAlice.inputs[0]).toMatchObject({ isSigned: false, canSign: false });
  await expect(alice.account().sendPsbt(byAlice.psbt)).rejects.toThrow("Signatures are missing");
  const byCarol = await carol.account().signPsbt(blank);
  const together = await bob.account().combinePsbts([byAlice.psbt, byCarol.psbt]);
  expect(together).toMatchObject({ isComplete: true });
  // Signers that show what is complete as a transaction hand back the same.
  const { hex } = await network.node("miner-0").rpc<{ hex: string }>("finalizepsbt", together.psbt);
  for (const psbts of [[psbtOfText(hex)], [blank, psbtOfText(hex)]])
    expect(await bob.account().combinePsbts(psbts)).toMatchObject({ isComplete: true, fee: prepared.fee });
  const txid = await bob.account().sendPsbt(together.psbt);
  await standing(bob, txid, "pending");
  await network.mine(1);
  for (const person of people) await standing(person, txid, "confirmed");
  expect(alice.account().balance.spendable).toBe(30_000_000n - prepared.fee);
  // The binary form of a file is the same.
  const bytes = Uint8Array.from(Buffer.from(together.psbt, "base64"));
  expect(await alice.account().readPsbt(bytes)).toMatchObject({ psbt: together.psbt });
  expect(await alice.account().readPsbt("cHNidA==")).toEqual({ error: expect.stringMatching(/no PSBT/) });
  const other = await alice
    .account()
    .toPsbt(
      ready(
        await alice
          .account()
          .preparePayment({ recipients: [{ ...recipients[0]!, amount: 1_000_000n }], feerateSatPerKvb: 1_000n }),
      ),
    );
  await expect(alice.account().combinePsbts([other, blank])).rejects.toThrow("not of one payment");
});

test("watches an account by its key, sees what its owner does, and makes a PSBT that the owner signs", async () => {
  const owner = await wallet();
  const [xpub] = /[tuv]pub[1-9A-HJ-NP-Za-km-z]+/.exec(accountKey(owner))!;
  const watching = await watcher(xpub!);
  // Which kind of addresses the key is for shows when it is used.
  expect(watching.account().descriptors()).toHaveLength(8);
  const txid = await fund(owner, 10_000_000n);
  await standing(watching, txid, "confirmed");
  expect(watching.account().descriptors()).toHaveLength(2);
  expect(watching.account().freshAddress("bech32").address).toBe(owner.account().freshAddress("bech32").address);
  const { txid: paid } = await pay(owner, await elsewhere(), { amount: 3_000_000n });
  await standing(watching, paid, "pending");
  expect(watching.account().balance.total).toBe(owner.account().balance.total);
  await network.mine(1);
  await standing(owner, paid, "confirmed");
  await standing(watching, paid, "confirmed");

  const recipients = [{ address: await elsewhere(), amount: 1_000_000n, label: "" }];
  const psbt = await watching
    .account()
    .toPsbt(ready(await watching.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n })));
  const signed = await owner.account().signPsbt(psbt);
  expect(signed.isComplete).toBe(true);
  const sent = await watching.account().sendPsbt(signed.psbt);
  await standing(owner, sent, "pending");
});

test("change of a watched account of older kinds goes to its own chain for change, and to a fresh address where it has one chain", async () => {
  const key = accountKey(await wallet());
  const order = async () => ({
    recipients: [{ address: await elsewhere(), amount: 1_000_000n, label: "" }],
    feerateSatPerKvb: 2_000n,
  });
  const older = await watcher(`sh(wpkh(${key}/<4;5>/*))`);
  await fund(older, 10_000_000n);
  const first = ready(await older.account().preparePayment(await order()));
  expect(first.outputs.map(({ owner }) => owner).sort()).toEqual(["change", "other"]);

  const single = await watcher(`wpkh(${key}/6/*)`);
  const used = single.account().freshAddress("bech32").address;
  await fund(single, 10_000_000n);
  const second = ready(await single.account().preparePayment(await order()));
  const [back] = second.outputs.filter(({ owner }) => owner === "mine");
  expect(back!.address).not.toBe(used);
});

test("watches an address, and a descriptor of two lines; refuses what holds private keys", async () => {
  const address = await elsewhere();
  const watching = await watcher(address);
  expect(watching.account().freshAddress("bech32m")).toMatchObject({ address, index: 0 });
  const { txid } = await network.faucet(address, 2_000_000n, { mine: 1 });
  await standing(watching, txid, "confirmed");
  await expect(watching.account().nextAddress("bech32")).rejects.toThrow("watches one address");

  const [here] = watching.open().networks;
  const read = (text: string) => watching.session.readWatched(text, here!.id);
  const owner = await wallet();
  const lines = owner
    .account()
    .descriptors()
    .filter((text) => text.startsWith("wpkh("));
  expect(read(lines.join("\n"))).toMatchObject({
    kind: "descriptor",
    firstAddress: owner.account().freshAddress("bech32").address,
  });
  expect(read("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")).toEqual({
    error: expect.stringMatching(/no descriptor, extended public key or address/),
  });
  const privateKey =
    "tprv8ZgxMBicQKsPe5YMU9gHen4Ez3ApihUfykaqUorj9t6FDqy3nP6eoXiAo2ssvpAjoLroQxHqr3R5nE3a5dU3DHTjTgJDd7zrbniJr6nrCzd";
  for (const text of [privateKey, `wpkh(${privateKey}/0/*)`])
    expect(read(text)).toEqual({ error: expect.stringMatching(/private key/) });
});

test("signs messages with its addresses, which others can check", async () => {
  const alice = await wallet();
  const bob = await wallet();
  for (const type of ["bech32", "bech32m"] as const) {
    const { address } = alice.account().freshAddress(type);
    const signature = await alice.account().signMessage(address, "I was here", "bip322");
    expect(bob.account().verifyMessage(address, "I was here", signature)).toMatchObject({ isValid: true });
    expect(bob.account().verifyMessage(address, "I was there", signature)).toMatchObject({ isValid: false });
    expect(
      bob.account().verifyMessage(bob.account().freshAddress(type).address, "I was here", signature),
    ).toMatchObject({ isValid: false });
    await expect(alice.account().signMessage(address, "old", "legacy")).rejects.toThrow(
      "Addresses of this kind do not sign",
    );
    await expect(bob.account().signMessage(address, "not mine", "bip322")).rejects.toThrow("no address of the account");
  }
  await until(() => expect(alice.open().connection.kind).toBe("live"));
});
