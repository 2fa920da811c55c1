import { expect, test } from "vitest";
import { inTemporaryDirectory } from "../../../chain/test-kit.ts";
import { openWalletNode, type WalletNode } from "./test-kit.ts";

/** What callers are told, and what becomes of a wallet, where its disk is full. */

const withFullDisk = (work: (node: WalletNode) => Promise<void>, args: readonly string[] = []) =>
  inTemporaryDirectory(async (path) => {
    const node = await openWalletNode(path, { args });
    try {
      await node.result("createwallet", ["w"]);
      node.manager.get("w")!.database.limitPages(1);
      await work(node);
    } finally {
      await node.close();
    }
  });

const FULL = { code: -4, message: expect.stringMatching(/^Error: No space is left .* The wallet is unloaded/) };

async function untilRefused(node: WalletNode, method: string, params: unknown) {
  for (let count = 0; count < 5_000; count++) {
    const { error } = await node.call(method, params);
    if (error !== null) return error;
  }
  throw new Error("nothing was refused");
}

test("addresses given out before and after the disk was full are the wallet's after a restart", () =>
  withFullDisk(async (node) => {
    expect(await untilRefused(node, "getnewaddress", ["x".repeat(5_000)])).toEqual(FULL);
    expect(await node.result("listwallets")).toEqual([]);
    await node.result("loadwallet", ["w"]);
    const given: string[] = [];
    for (let count = 0; count < 25; count++) given.push(await node.result("getnewaddress"));
    await node.result("unloadwallet", ["w"]);
    await node.result("loadwallet", ["w"]);
    for (const address of given) expect(await node.result("getaddressinfo", [address])).toMatchObject({ ismine: true });
  }));

test("no address is given out of descriptors that could not be written", () =>
  withFullDisk(
    async (node) => {
      await node.result("createwallet", ["blank", false, true]);
      await node.result("addhdkey", [], "blank");
      const [{ xpub: hdkey }] = await node.result("gethdkeys", [], "blank");
      node.manager.get("blank")!.database.limitPages(1);
      expect((await node.call("createwalletdescriptor", ["bech32", { hdkey }], "blank")).error).toEqual(FULL);
      expect(await node.result("listwallets")).toEqual(["w"]);
      await node.result("loadwallet", ["blank"]);
      expect((await node.call("getnewaddress", [], "blank")).error).toMatchObject({ code: -4 });
    },
    ["-keypool=300"],
  ));

test("a keypool is filled in pieces; one that nobody can wait for is refused", () =>
  inTemporaryDirectory(async (path) => {
    const node = await openWalletNode(path);
    await node.result("createwallet", ["w"]);
    const refused = { code: -8, message: "Invalid parameter, expected valid size." };
    for (const size of [-1, 1_000_001, 2 ** 31 - 1]) {
      expect((await node.call("keypoolrefill", [size])).error).toEqual(refused);
    }
    const filled = node.result("keypoolrefill", [100]);
    let isFilled = false;
    filled.then(() => {
      isFilled = true;
    });
    const [first] = await Promise.all([node.result("getnewaddress"), node.result("uptime").catch(() => {})]);
    expect(isFilled).toBe(false);
    await filled;
    expect((await node.result("getwalletinfo")).keypoolsize).toBe(400);
    await node.result("unloadwallet", ["w"]);
    await node.result("loadwallet", ["w"]);
    expect((await node.result("getwalletinfo")).keypoolsize).toBe(400);
    expect(await node.result("getaddressinfo", [first])).toMatchObject({ ismine: true });
    await node.close();
  }));

test("names that no file can have are refused", () =>
  inTemporaryDirectory(async (path) => {
    const node = await openWalletNode(path);
    for (const [name, problem] of [
      ["a\0b", "Wallet name cannot have a null character"],
      ["x".repeat(10_000), "Wallet name is too long"],
      ["é".repeat(120), "Wallet name is too long"],
      ["abc/".repeat(1_000), "Wallet name is too long"],
    ]) {
      const error = { code: -4, message: `Wallet file verification failed. ${problem}` };
      for (const method of ["createwallet", "loadwallet"]) {
        expect((await node.call(method, [name])).error, method).toEqual(error);
      }
      expect((await node.call("restorewallet", [name, `${path}/nothing`])).error).toEqual(error);
    }
    expect(await node.result("createwallet", ["x".repeat(200)])).toMatchObject({ name: "x".repeat(200) });
    await node.close();
  }));
