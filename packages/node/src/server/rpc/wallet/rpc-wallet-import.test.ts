import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeWif } from "@bitfleet/protocol/script/address.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { testKeys } from "@bitfleet/wallet/test-kit.ts";
import { describe, expect, test } from "vitest";
import { inTemporaryDirectory, NETWORK } from "../../../chain/test-kit.ts";
import { openWalletNode, type WalletNode } from "./test-kit.ts";

const FOREIGN = "bcrt1qs758ursh4q9z627kt3pp5yysm78ddny6txaqgw";
const [first, second] = testKeys(NETWORK.addressPrefixes);
const { xprv, xpub } = first!;
const WIF = encodeWif({ privateKey: first!.privateKey, compressed: true }, NETWORK.addressPrefixes);

const withNode = (work: (wallets: WalletNode, path: string) => Promise<void>) =>
  inTemporaryDirectory(async (path) => {
    const wallets = await openWalletNode(path);
    try {
      await work(wallets, path);
    } finally {
      await wallets.close();
    }
  });

/** A blank wallet that may have private keys, and one that only watches. */
const withBlank = (work: (wallets: WalletNode, path: string) => Promise<void>) =>
  withNode(async (wallets, path) => {
    await wallets.result("createwallet", ["keys", false, true]);
    await wallets.result("createwallet", ["watch", true, true]);
    await work(wallets, path);
  });

const descriptor = (text: string) => withChecksum(text);
const importOne = async (wallets: WalletNode, wallet: string, request: object) =>
  (await wallets.result("importdescriptors", [[{ timestamp: "now", ...request }]], wallet))[0];

describe("importdescriptors refuses in Core's words", () => {
  const ranged = descriptor(`wpkh(${xprv}/0/*)`);
  const single = descriptor(`wpkh(${WIF})`);
  const several = descriptor(`wpkh(${xprv}/<0;1>/*)`);
  const cases: readonly [what: string, wallet: string, request: object, code: number, message: string][] = [
    ["no descriptor", "keys", {}, -8, "Descriptor not found."],
    ["no checksum", "keys", { desc: `wpkh(${WIF})` }, -5, "Missing checksum"],
    [
      "a range of one key",
      "keys",
      { desc: single, range: 1 },
      -8,
      "Range should not be specified for an un-ranged descriptor",
    ],
    ["a range that ends too high", "keys", { desc: ranged, range: -1 }, -8, "End of range is too high"],
    [
      "a next index before the range",
      "keys",
      { desc: ranged, range: [5, 9], next_index: 4 },
      -8,
      "next_index is out of range",
    ],
    [
      "a next index behind the range",
      "keys",
      { desc: ranged, range: [5, 9], next_index: 10 },
      -8,
      "next_index is out of range",
    ],
    ["one active address", "keys", { desc: single, active: true }, -8, "Active descriptors must be ranged"],
    [
      "a label of many",
      "keys",
      { desc: ranged, range: 1, label: "a" },
      -8,
      "Ranged descriptors should not have a label",
    ],
    [
      "a label of two paths",
      "keys",
      { desc: several, range: 1, label: "a" },
      -8,
      "Multipath descriptors should not have a label",
    ],
    [
      "a label of change",
      "keys",
      { desc: single, internal: true, label: "a" },
      -8,
      "Internal addresses should not have a label",
    ],
    ["the label *", "keys", { desc: single, label: "*" }, -11, "Invalid label name"],
    [
      "two paths, both for change",
      "keys",
      { desc: several, internal: true },
      -5,
      "Cannot have multipath descriptor while also specifying 'internal'",
    ],
    [
      "several forms at once",
      "keys",
      { desc: descriptor(`combo(${xprv}/*)`), range: 1, active: true },
      -4,
      "Combo descriptors cannot be set to active",
    ],
    [
      "public keys where there are private ones",
      "keys",
      { desc: descriptor(`wpkh(${xpub}/*)`), range: 1 },
      -4,
      "Cannot import descriptor without private keys to a wallet with private keys enabled",
    ],
    [
      "private keys where there are none",
      "watch",
      { desc: single },
      -4,
      "Cannot import private keys to a wallet with private keys disabled",
    ],
    [
      "hardened steps of public keys",
      "watch",
      { desc: descriptor(`wpkh(${xpub}/1h/*)`), range: 1 },
      -4,
      "Cannot expand descriptor. Probably because of hardened derivations without private keys provided",
    ],
    [
      "keys for later where none may be",
      "watch",
      { desc: descriptor(`unused(${xpub})`) },
      -4,
      "Cannot import unused() to wallet without private keys enabled",
    ],
  ];
  test("whatever is wrong with a request, and goes on with the next one", () =>
    withBlank(async (wallets) => {
      for (const [what, wallet, request, code, message] of cases) {
        const answer = await importOne(wallets, wallet, request);
        expect([what, answer.success, answer.error]).toEqual([what, false, { code, message }]);
      }
      const good = { timestamp: "now", desc: single };
      const both = await wallets.result("importdescriptors", [[{ timestamp: "now" }, good]], "keys");
      expect(both.map(({ success }: { success: boolean }) => success)).toEqual([false, true]);
    }));

  test("a time that is missing, and fields of the wrong type: all at once", () =>
    withBlank(async (wallets) => {
      const errorOf = async (request: object) => (await wallets.call("importdescriptors", [[request]], "keys")).error;
      expect(await errorOf({ desc: single })).toEqual({
        code: -3,
        message: "Missing required timestamp field for key",
      });
      const message = 'Expected number or "now" timestamp value for key. got type string';
      expect(await errorOf({ desc: single, timestamp: "x" })).toEqual({ code: -3, message });
      expect(await errorOf({ desc: 1, timestamp: 0 })).toMatchObject({ code: -3 });
      expect(await errorOf({ desc: single, timestamp: 0, active: "yes" })).toMatchObject({ code: -3 });
    }));
});

describe("importdescriptors", () => {
  test("finds what was paid before, from a time on, and names the address", () =>
    withBlank(async (wallets) => {
      const desc = descriptor(`wpkh(${WIF})`);
      const { descriptor: publicText } = await wallets.result("getdescriptorinfo", [desc]);
      const [address] = await wallets.result("deriveaddresses", [publicText]);
      await wallets.result("generatetoaddress", [1, address]);
      await wallets.result("generatetoaddress", [100, FOREIGN]);
      expect(await importOne(wallets, "keys", { desc, label: "mine", timestamp: 0 })).toEqual({ success: true });
      expect((await wallets.result("getbalances", [], "keys")).mine.trusted).toBe(50);
      expect(await wallets.result("getaddressinfo", [address], "keys")).toMatchObject({
        ismine: true,
        labels: ["mine"],
      });
    }));

  test("only widens a range; both ways of writing a hardened step are one", () =>
    withBlank(async (wallets) => {
      const desc = descriptor(`wpkh(${xprv}/1h/*)`);
      const active = { active: true };
      expect(await importOne(wallets, "keys", { desc, range: [5, 20], ...active })).toEqual({ success: true });
      const refusal = {
        code: -4,
        message: `Could not add descriptor '${desc}': new range must include current range = [5,20]`,
      };
      for (const range of [
        [6, 20],
        [5, 19],
      ]) {
        expect(await importOne(wallets, "keys", { desc, range, ...active })).toMatchObject({ error: refusal });
      }
      const other = descriptor(`wpkh(${xprv}/1'/*)`);
      expect(await importOne(wallets, "keys", { desc: other, range: [0, 20], ...active })).toEqual({ success: true });
      const { descriptors } = await wallets.result("listdescriptors", [], "keys");
      expect(descriptors).toHaveLength(1);
      expect(descriptors[0]).toMatchObject({ active: true, internal: false, range: [0, 20], next_index: 0 });
    }));

  test("makes active, and takes that back only for the same addresses", () =>
    withBlank(async (wallets) => {
      const desc = descriptor(`wpkh(${xprv}/0/*)`);
      const state = async () => {
        const { descriptors } = await wallets.result("listdescriptors", [], "keys");
        return descriptors.map((one: { active: boolean; internal?: boolean }) => [one.active, one.internal]);
      };
      await importOne(wallets, "keys", { desc, range: 30, active: true });
      expect(await state()).toEqual([[true, false]]);
      await importOne(wallets, "keys", { desc, range: 30, internal: true });
      expect(await state()).toEqual([[true, false]]);
      await importOne(wallets, "keys", { desc, range: 30 });
      expect(await state()).toEqual([[false, undefined]]);
      const paths = descriptor(`tr(${xprv}/<0;1>/*)`);
      expect(await importOne(wallets, "keys", { desc: paths, range: 30, active: true })).toEqual({ success: true });
      expect((await state()).filter(([active]: [boolean]) => active)).toHaveLength(2);
      expect(await wallets.result("getrawchangeaddress", ["bech32m"], "keys")).toMatch(/^bcrt1p/);
    }));

  test("warns of private keys that are missing, and of times that wait for less than they say", () =>
    withBlank(async (wallets) => {
      const partial = { desc: descriptor(`wsh(multi(1,${xprv}/*,${second!.xpub}/*))`), range: 2 };
      const missing = "Not all private keys provided. Some wallet functionality may return unexpected errors";
      expect(await importOne(wallets, "keys", partial)).toEqual({ success: true, warnings: [missing] });
      const unranged = { desc: descriptor(`wpkh(${xprv}/7/*)`) };
      const byDefault = "Range not given, using default keypool range";
      expect(await importOne(wallets, "keys", unranged)).toEqual({ success: true, warnings: [byDefault] });
      const older = { desc: descriptor(`wsh(and_v(v:pk(${xpub}/*),older(65536)))`), range: 2 };
      const { warnings } = await importOne(wallets, "watch", older);
      expect(warnings).toEqual(["height-based relative locktime: older(65536) > 65535 blocks is unsafe"]);
    }));

  test("keeps what it added through a restart", () =>
    withBlank(async (wallets) => {
      await importOne(wallets, "keys", { desc: descriptor(`wpkh(${xprv}/0h/*h)`), range: [0, 3], active: true });
      const list = await wallets.result("listdescriptors", [true], "keys");
      expect(list.descriptors[0].desc).toContain(xprv);
      const address = await wallets.result("getnewaddress", [], "keys");
      await wallets.result("unloadwallet", ["keys"]);
      await wallets.result("loadwallet", ["keys"]);
      const again = await wallets.result("listdescriptors", [true], "keys");
      expect(again.descriptors[0]).toEqual({
        ...list.descriptors[0],
        next: 1,
        next_index: 1,
        range: expect.anything(),
      });
      expect(await wallets.result("getaddressinfo", [address], "keys")).toMatchObject({ ismine: true });
    }));
});

test("a locked wallet tells all of addresses behind hardened steps, also when it was loaded again", () =>
  withNode(async (wallets, path) => {
    await wallets.result("createwallet", ["w", false, true, "secret"]);
    await wallets.result("walletpassphrase", ["secret", 1000]);
    const texts = [
      `wpkh(${xprv}/0h/*h)`,
      `sh(wsh(multi(2,${xprv}/1h/*h,${second!.xpub}/3/*,[01020304/5h]${xprv}/2/*h)))`,
      `tr(${xprv}/3/*,pk(${xprv}/4/*h))`,
    ];
    const first: string[] = [];
    for (const [place, text] of texts.entries()) {
      const isActive = place !== 1;
      const request = { desc: descriptor(text), range: [0, 3], active: isActive, timestamp: "now" };
      const [answer] = await wallets.result("importdescriptors", [[request]]);
      expect(answer.success).toBe(true);
      const { descriptor: publicText } = await wallets.result("getdescriptorinfo", [descriptor(text)]);
      expect(publicText).toContain("*h");
      const [address] = await wallets.result("deriveaddresses", [descriptor(text), [0, 0]]);
      first.push(address);
    }
    const told = async () => Promise.all(first.map((address) => wallets.result("getaddressinfo", [address], "w")));
    const unlocked = await told();
    for (const info of unlocked) expect(info).toMatchObject({ ismine: true, solvable: true });
    expect(unlocked[0]).toMatchObject({ hdkeypath: "m/0h/0h" });
    await wallets.result("walletlock");
    expect(await told()).toEqual(unlocked);
    const backup = join(path, "w.bak");
    await wallets.result("backupwallet", [backup]);
    await wallets.result("unloadwallet", ["w"]);
    await wallets.result("loadwallet", ["w"]);
    expect(await told()).toEqual(unlocked);
    const given = await wallets.result("getnewaddress", [], "w");
    expect(await wallets.result("getaddressinfo", [given], "w")).toMatchObject({ solvable: true });
    await wallets.result("unloadwallet", ["w"]);
    await wallets.result("restorewallet", ["w2", backup]);
    const restored = await Promise.all(first.map((address) => wallets.result("getaddressinfo", [address], "w2")));
    expect(restored).toEqual(unlocked);
  }));

test("a wallet locks itself when its time is over, and not before", () =>
  withNode(async (wallets) => {
    await wallets.result("createwallet", ["w", false, false, "secret"]);
    await wallets.result("walletpassphrase", ["secret", 100]);
    const until = async () => (await wallets.result("getwalletinfo")).unlocked_until;
    expect(await until()).toBeGreaterThan(0);
    await wallets.result("mockscheduler", [99]);
    expect(await until()).toBeGreaterThan(0);
    await wallets.result("mockscheduler", [2]);
    // The timer asks first whether a search is under way.
    await new Promise((resume) => setImmediate(resume));
    expect(await until()).toBe(0);
    expect((await wallets.call("listdescriptors", [true])).error).toMatchObject({ code: -13 });
  }));

test("a copy that watches has all but the private keys; a backup has these too", () =>
  withNode(async (wallets, path) => {
    await wallets.result("createwallet", ["w"]);
    const address = await wallets.result("getnewaddress", ["label"]);
    await wallets.result("generatetoaddress", [101, address]);
    const exported = join(path, "export.dat");
    expect(await wallets.result("exportwatchonlywallet", [exported])).toEqual({ exported_file: exported });
    const twice = `Error: Export destination '${exported}' already exists`;
    expect((await wallets.call("exportwatchonlywallet", [exported])).error).toEqual({ code: -4, message: twice });
    await wallets.result("backupwallet", [join(path, "backup.dat")]);
    const original = await wallets.result("listdescriptors", [], "w");
    const balances = await wallets.result("getbalances", [], "w");
    const secrets = await wallets.result("listdescriptors", [true], "w");
    await wallets.result("unloadwallet", ["w"]);
    await wallets.result("restorewallet", ["watching", exported]);
    expect((await wallets.result("listdescriptors", [], "watching")).descriptors).toEqual(original.descriptors);
    expect(await wallets.result("getbalances", [], "watching")).toEqual(balances);
    expect(await wallets.result("getaddressinfo", [address], "watching")).toMatchObject({ labels: ["label"] });
    expect((await wallets.call("listdescriptors", [true], "watching")).error?.code).toBe(-4);
    await wallets.result("restorewallet", ["again", join(path, "backup.dat")]);
    expect((await wallets.result("listdescriptors", [true], "again")).descriptors).toEqual(secrets.descriptors);
  }));

test("what is no backup leaves nothing behind", () =>
  withNode(async (wallets, path) => {
    const file = join(path, "nonsense");
    writeFileSync(file, toHex(new Uint8Array(600)));
    const target = join(path, "wallets", "x");
    const message = `Wallet file verification failed. Failed to load database path '${target}'. Data is not in recognized format.`;
    expect((await wallets.call("restorewallet", ["x", file])).error).toEqual({ code: -18, message });
    const missing = { code: -8, message: "Backup file does not exist" };
    expect((await wallets.call("restorewallet", ["x", `${file}.no`])).error).toEqual(missing);
    expect(existsSync(target)).toBe(false);
  }));
