import { expect, test } from "vitest";
import type { PsbtSummary } from "../../apps/wallet/src/session/account.ts";
import type { BitfleetNetwork } from "../../packages/node/src/network/network-api.ts";
import { mnemonicOf } from "../../packages/wallet/src/keys/mnemonic.ts";
import { isLive, PASSPHRASE, pay, ready, standing, type TestSession, type WalletNetwork } from "./wallet-app-kit.ts";

const networkOf = ({ open }: TestSession) => open().networks[0]!.id;
const keyOf = ({ session, open }: TestSession, account = 0) => session.ownCosigner(open().wallets[0]!.id, account);
const sharedOf = ({ open }: TestSession) => open().wallets.find(({ shared }) => shared !== undefined)!;

async function addPhrase({ session, open }: TestSession, name: string): Promise<string> {
  const { networks } = open();
  const phrase = session.newPhrase(12);
  await session.addPhraseWallet({ name, networkId: networks[0]!.id, phrase, phrasePassphrase: "", scans: false });
  return open().wallets.at(-1)!.id;
}

function read(summary: PsbtSummary | { readonly error: string }): PsbtSummary {
  if ("error" in summary) throw new Error(summary.error);
  return summary;
}

/** Made of keys, signed with those of the device, and known again. */
export function sharedWallets(network: () => BitfleetNetwork, { wallet }: Pick<WalletNetwork, "wallet">): void {
  const elsewhere = () => network().node("miner-0").rpc<string>("getnewaddress");
  const fund = async (session: TestSession, sats: bigint): Promise<string> => {
    const { txid } = await network().faucet(session.account().freshAddress("bech32").address, sats, { mine: 1 });
    await standing(session, txid, "confirmed");
    return txid;
  };

  test("two of three, one of them on each device: who has signed is told by name, and the second signature completes it", async () => {
    const alice = await wallet();
    const bob = await wallet();
    const carol = await wallet();
    const cosigners = [
      { text: await keyOf(alice), name: "Alice" },
      { text: await keyOf(bob), name: "Bob" },
      { text: await keyOf(carol), name: "Safe" },
    ];
    expect(cosigners[0]!.text).toMatch(/^\[[0-9a-f]{8}\/48h\/1h\/0h\/2h\]tpub\w+$/);
    const wanted = { networkId: networkOf(alice), required: 2, cosigners };
    const facts = alice.session.readShared(wanted);
    if ("error" in facts) throw new Error(facts.error);
    expect(facts).toMatchObject({ firstAddress: expect.stringMatching(/^bcrt1q\w{58}$/), warnings: [] });
    await alice.session.addSharedWallet({ name: "Together", ...wanted });
    await isLive(alice);
    // The others are given its descriptor.
    await bob.session.addWatchWallet({ name: "Ours", networkId: networkOf(bob), text: facts.descriptor });
    await isLive(bob);
    for (const one of [alice, bob]) {
      expect(one.account()).toMatchObject({ signs: false, signsInPart: true, wallet: { kind: "watch" } });
      expect(one.account().freshAddress("bech32").address).toBe(facts.firstAddress);
    }
    for (const one of [alice, bob])
      expect(sharedOf(one).shared).toMatchObject({ required: 2, descriptor: facts.descriptor, isUsual: true });
    const byName = (made: TestSession) =>
      new Map(sharedOf(made).shared!.cosigners.map(({ text, name, owner }) => [text, { name, owner }]));
    expect(byName(alice)).toEqual(
      new Map([
        [cosigners[0]!.text, { name: "Alice", owner: "Savings" }],
        [cosigners[1]!.text, { name: "Bob", owner: undefined }],
        [cosigners[2]!.text, { name: "Safe", owner: undefined }],
      ]),
    );
    expect(byName(bob).get(cosigners[1]!.text)).toEqual({ name: "", owner: "Savings" });
    const aliceKey = sharedOf(bob).shared!.cosigners.find(({ text }) => text === cosigners[0]!.text)!.key;
    await bob.session.nameCosigner(sharedOf(bob).id, aliceKey, " Alice A. ");

    const received = await fund(alice, 50_000_000n);
    await standing(bob, received, "confirmed");
    const recipients = [{ address: await elsewhere(), amount: 20_000_000n, label: "Rent of May" }];
    const prepared = ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
    await expect(alice.account().confirm(prepared)).rejects.toThrow("keys do not suffice");
    const blank = await alice.account().toPsbt(prepared);
    // Signing devices know a wallet's change by the keys of the wallet.
    const { inputs, global_xpubs: xpubs } = await network().node("miner-0").rpc<{
      inputs: readonly unknown[];
      global_xpubs: readonly { master_fingerprint: string; path: string }[];
    }>("decodepsbt", blank);
    expect(inputs).toHaveLength(1);
    expect(xpubs.map(({ master_fingerprint: name, path }) => `[${name}${path.slice(1)}]`).sort()).toEqual(
      cosigners.map(({ text }) => text.slice(0, text.indexOf("]") + 1)).sort(),
    );
    expect(read(await alice.account().readPsbt(blank)).shared).toMatchObject({ required: 2, signed: 0 });
    const byAlice = await alice.account().signPsbt(blank);
    expect(byAlice).toMatchObject({ isComplete: false, shared: { required: 2, signed: 1 } });
    const signedBy = ({ shared }: PsbtSummary) =>
      new Map(shared!.signers.map(({ name, hasSigned }) => [name, hasSigned]));
    expect(signedBy(byAlice)).toEqual(
      new Map([
        ["Alice", true],
        ["Bob", false],
        ["Safe", false],
      ]),
    );
    const asBobSees = read(await bob.account().readPsbt(byAlice.psbt));
    expect(asBobSees.shared).toMatchObject({ required: 2, signed: 1 });
    expect(signedBy(asBobSees).get("Alice A.")).toBe(true);
    expect(asBobSees.shared!.signers.find(({ owner }) => owner !== undefined)).toMatchObject({ hasSigned: false });
    expect(asBobSees.inputs).toMatchObject([{ canSign: true, isSigned: false }]);
    const byBob = await bob.account().signPsbt(byAlice.psbt);
    expect(byBob).toMatchObject({ isComplete: true, shared: undefined });
    const txid = await bob.account().sendPsbt(byBob.psbt);
    await standing(bob, txid, "pending");
    await network().mine(1);
    await standing(alice, txid, "confirmed");
    // What it is for was said when it was made, and is known though another one has sent it.
    expect(alice.account().transaction(txid)?.label).toBe("Rent of May");
  });

  test("two of three on one device pay at once, as any wallet with keys does, and raise their fee", async () => {
    const alice = await wallet();
    const second = await addPhrase(alice, "Second");
    const { session } = alice;
    const third = await session.ownCosigner(await addPhrase(alice, "Third"), 0);
    const cosigners = [
      { text: await keyOf(alice), name: "" },
      { text: await session.ownCosigner(second, 7), name: "" },
      { text: third, name: "" },
    ];
    await session.removeWallet(alice.open().wallets.at(-1)!.id);
    await session.addSharedWallet({ name: "Vault", networkId: networkOf(alice), required: 2, cosigners });
    await isLive(alice);
    expect(alice.account()).toMatchObject({ signs: true, signsInPart: false });
    await fund(alice, 50_000_000n);
    const { txid } = await pay(alice, await elsewhere(), { feerate: 2_000n });
    const bump = ready(await alice.account().prepareBump(txid, 20_000n));
    const raised = await alice.account().confirm(bump);
    await standing(alice, raised, "pending");
    await network().mine(1);
    await standing(alice, raised, "confirmed");

    const address = alice.account().freshAddress("bech32").address;
    const signature = await alice.account().signMessage(address, "ours", "bip322");
    expect(alice.account().verifyMessage(address, "ours", signature)).toMatchObject({ isValid: true });

    // A phrase that is gone signs no more.
    await session.removeWallet(second);
    expect(alice.account()).toMatchObject({ signs: false, signsInPart: true });
    await expect(alice.account().signMessage(address, "mine", "bip322")).rejects.toThrow(/several keys sign/);
    const recipients = [{ address: await elsewhere(), amount: 1_000_000n, label: "" }];
    const prepared = ready(await alice.account().preparePayment({ recipients, feerateSatPerKvb: 2_000n }));
    await expect(alice.account().confirm(prepared)).rejects.toThrow("keys do not suffice");
  });

  test("keys are found to be of this device by what they are, whenever their words come, and not by what a descriptor claims", async () => {
    const alice = await wallet();
    const words = mnemonicOf(new Uint8Array(16).fill(7));
    const other = await wallet({ phrase: words });
    const [name] = /^\[\w{8}/.exec(await keyOf(alice))!;
    const claimed = (await keyOf(other)).replace(/^\[\w{8}/, name);
    const cosigners = [
      { text: claimed, name: "A stranger" },
      { text: await keyOf(other, 1), name: "Other" },
    ];
    const wanted = { networkId: networkOf(alice), required: 1, cosigners };
    await alice.session.addSharedWallet({ name: "Claimed", ...wanted });
    expect(alice.account()).toMatchObject({ signs: false, signsInPart: false });
    const [{ id: sharedId }] = [sharedOf(alice).accounts[0]!];
    await alice.session.addPhraseWallet({
      name: "Other words",
      networkId: networkOf(alice),
      phrase: words,
      phrasePassphrase: "",
      scans: false,
    });
    await alice.session.activateAccount(sharedId);
    expect(alice.account()).toMatchObject({ signs: true });
    expect(
      sharedOf(alice)
        .shared!.cosigners.map(({ owner }) => owner)
        .sort(),
    ).toEqual(["Other words", undefined]);
    // Written down: after a lock nothing has to be derived again.
    alice.session.lock();
    await alice.session.unlock(PASSPHRASE);
    expect(
      sharedOf(alice)
        .shared!.cosigners.map(({ owner }) => owner)
        .sort(),
    ).toEqual(["Other words", undefined]);
  });

  test("refuses what is no wallet of several, in a sentence", async () => {
    const alice = await wallet();
    const bob = await wallet();
    const [a, b] = [await keyOf(alice), await keyOf(bob)];
    const refusal = (required: number, ...texts: string[]) => {
      const cosigners = texts.map((text) => ({ text, name: "" }));
      const facts = alice.session.readShared({ networkId: networkOf(alice), required, cosigners });
      return "error" in facts ? facts.error : "";
    };
    expect(refusal(2, a, b)).toBe("");
    expect(refusal(1, a)).toBe("A wallet is shared by 2 to 15 keys.");
    expect(refusal(1, ...Array.from({ length: 16 }, () => a))).toBe("A wallet is shared by 2 to 15 keys.");
    expect(refusal(3, a, b)).toBe("Of 2 keys 1 to 2 can be asked to sign.");
    expect(refusal(0, a, b)).toBe("Of 2 keys 1 to 2 can be asked to sign.");
    expect(refusal(2, a, a)).toMatch(/Keys 1 and 2 are the same/);
    expect(refusal(2, a, "nonsense")).toMatch(/^Key 2: This is no extended public key/);
    const networkId = networkOf(alice);
    const cosigners = [a, a].map((text) => ({ text, name: "" }));
    await expect(alice.session.addSharedWallet({ name: "No", networkId, required: 2, cosigners })).rejects.toThrow(
      /same/,
    );
    await expect(alice.session.ownCosigner(alice.open().wallets[0]!.id, 100)).rejects.toThrow(/from 0 to 99/);
    // The same wallet, whoever names its keys in whichever order.
    const make = (...texts: string[]) =>
      alice.session.addSharedWallet({
        name: "Twice",
        networkId,
        required: 2,
        cosigners: texts.map((text) => ({ text, name: "" })),
      });
    await make(a, b);
    await expect(make(b, a)).rejects.toThrow(/here already, on this network: it is "Twice"/);
    const { id, shared } = sharedOf(alice);
    await expect(alice.session.ownCosigner(id, 0)).rejects.toThrow(/only watches/);
    await expect(alice.session.nameCosigner(id, "no key", "Nobody")).rejects.toThrow(/no such key/);
    await alice.session.nameCosigner(id, shared!.cosigners[0]!.key, "x".repeat(100));
    expect(sharedOf(alice).shared!.cosigners[0]!.name).toHaveLength(60);
  });
}
