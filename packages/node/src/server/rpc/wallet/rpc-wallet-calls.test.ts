import { describe, expect, test } from "vitest";
import { inTemporaryDirectory } from "../../../chain/test-kit.ts";
import { openWalletNode, type WalletNode } from "./test-kit.ts";

const FOREIGN = "bcrt1qs758ursh4q9z627kt3pp5yysm78ddny6txaqgw";

const withNode = (work: (wallets: WalletNode) => Promise<void>, args: readonly string[] = []) =>
  inTemporaryDirectory(async (path) => {
    const wallets = await openWalletNode(path, { args });
    try {
      await work(wallets);
    } finally {
      await wallets.close();
    }
  });

/** With a wallet "w" that has two mature rewards, of labels "one" and "two". */
const withFunds = (work: (wallets: WalletNode, addresses: readonly string[]) => Promise<void>) =>
  withNode(async (wallets) => {
    await wallets.result("createwallet", ["w"]);
    const addresses = [await wallets.result("getnewaddress", ["one"]), await wallets.result("getnewaddress", ["two"])];
    for (const address of addresses) await wallets.result("generatetoaddress", [1, address]);
    await wallets.result("generatetoaddress", [100, FOREIGN]);
    await work(wallets, addresses);
  });

const errorOf = async (wallets: WalletNode, method: string, params: unknown = []) =>
  (await wallets.call(method, params)).error;

describe("addresses", () => {
  test("of each kind, and the kinds that the node gives by default", () =>
    withNode(
      async (wallets) => {
        await wallets.result("createwallet", ["w"]);
        const starts = async (method: string, before: readonly unknown[]) => {
          const types = [undefined, "legacy", "p2sh-segwit", "bech32", "bech32m"];
          const given = types.map((type) => wallets.result(method, [...before, ...(type ? [type] : [])]));
          return (await Promise.all(given)).map((address) => address.slice(0, 6).replace(/^[2mn].*/, "base58"));
        };
        const expected = ["base58", "base58", "base58", "bcrt1q", "bcrt1p"];
        expect(await starts("getnewaddress", ["x"])).toEqual(expected);
        expect(await starts("getrawchangeaddress", [])).toEqual(["bcrt1p", ...expected.slice(1)]);
        expect(await wallets.result("getaddressesbylabel", ["x"])).toMatchObject({});
        expect(Object.keys(await wallets.result("getaddressesbylabel", ["x"]))).toHaveLength(5);
      },
      ["-addresstype=legacy", "-changetype=bech32m"],
    ));

  test("a wallet without keys has none to give; a label is looked at before the kind", () =>
    withNode(async (wallets) => {
      await wallets.result("createwallet", ["w", true]);
      for (const method of ["getnewaddress", "getrawchangeaddress"]) {
        const error = { code: -4, message: "Error: This wallet has no available keys" };
        expect(await errorOf(wallets, method)).toEqual(error);
      }
      await wallets.result("createwallet", ["v"]);
      const { error } = await wallets.call("getnewaddress", ["*", "nonsense"], "v");
      expect(error).toEqual({ code: -11, message: "Invalid label name" });
    }));

  test("labels of one's own and of others' addresses", () =>
    withNode(async (wallets) => {
      await wallets.result("createwallet", ["w"]);
      const own = await wallets.result("getnewaddress", ["b"]);
      await wallets.result("setlabel", [FOREIGN, "a"]);
      expect(await wallets.result("listlabels")).toEqual(["a", "b"]);
      expect(await wallets.result("listlabels", ["send"])).toEqual(["a"]);
      expect(await wallets.result("listlabels", ["receive"])).toEqual(["b"]);
      await wallets.result("setlabel", [own, "a"]);
      expect(await wallets.result("getaddressesbylabel", ["a"])).toEqual({
        [own]: { purpose: "receive" },
        [FOREIGN]: { purpose: "send" },
      });
      expect(await wallets.result("getaddressinfo", [FOREIGN])).toMatchObject({ ismine: false, labels: ["a"] });
    }));

  test("change is what was given out by nobody", () =>
    withNode(async (wallets) => {
      await wallets.result("createwallet", ["w"]);
      const change = await wallets.result("getrawchangeaddress");
      expect(await wallets.result("getaddressinfo", [change])).toMatchObject({ ischange: true, labels: [] });
      await wallets.result("setlabel", [change, ""]);
      expect(await wallets.result("getaddressinfo", [change])).toMatchObject({ ischange: false, labels: [""] });
    }));

  test("more keys ahead are watched, and are the wallet's from then on", () =>
    withNode(async (wallets) => {
      await wallets.result("createwallet", ["w"]);
      const { parent_desc } = await wallets.result("getaddressinfo", [await wallets.result("getnewaddress")]);
      const [ahead] = await wallets.result("deriveaddresses", [parent_desc, [30, 30]]);
      const given = await wallets.result("getnewaddress");
      expect(await wallets.result("getaddressinfo", [ahead])).toMatchObject({ ismine: false });
      await wallets.result("generatetoaddress", [1, given]);
      await wallets.result("keypoolrefill", [40]);
      expect(await wallets.result("getaddressinfo", [ahead])).toMatchObject({ ismine: true });
      expect((await wallets.result("getwalletinfo")).keypoolsize).toBe(160);
      const error = { code: -8, message: "Invalid parameter, expected valid size." };
      expect(await errorOf(wallets, "keypoolrefill", [-1])).toEqual(error);
    }));

  test("are watched to the last that -keypool says before a wallet is in use, however many those are", () =>
    withNode(
      async (wallets) => {
        await wallets.result("createwallet", ["w"]);
        expect((await wallets.result("getwalletinfo")).keypoolsize).toBe(4 * 1020);
      },
      ["-keypool=1020"],
    ));
});

describe("coins", () => {
  test("are listed with the address they pay, and are locked until they are unlocked", () =>
    withFunds(async (wallets, [first, second]) => {
      const coins = await wallets.result("listunspent");
      expect(coins.map((coin: { label: string }) => coin.label).sort()).toEqual(["one", "two"]);
      const [of] = await wallets.result("listunspent", [1, 9999999, [first]]);
      expect(of).toMatchObject({ address: first, amount: 50, confirmations: 102, solvable: true, safe: true });
      const given = [{ txid: of.txid, vout: of.vout }];
      expect(await wallets.result("lockunspent", [false, given])).toBe(true);
      expect(await wallets.result("listlockunspent")).toEqual(given);
      expect((await wallets.result("listunspent")).map((coin: { address: string }) => coin.address)).toEqual([second]);
      const locked = { code: -8, message: "Invalid parameter, output already locked" };
      expect(await errorOf(wallets, "lockunspent", [false, given])).toEqual(locked);
      expect(await wallets.result("lockunspent", [false, given, true])).toBe(true);
      expect(await wallets.result("lockunspent", [true, given])).toBe(true);
      const free = { code: -8, message: "Invalid parameter, expected locked output" };
      expect(await errorOf(wallets, "lockunspent", [true, given])).toEqual(free);
      expect(await wallets.result("listlockunspent")).toEqual([]);
    }));

  test("a lock ends with the wallet unless it is persistent", () =>
    withFunds(async (wallets) => {
      const [a, b] = await wallets.result("listunspent");
      const outPoint = ({ txid, vout }: { txid: string; vout: number }) => ({ txid, vout });
      await wallets.result("lockunspent", [false, [outPoint(a)]]);
      await wallets.result("lockunspent", [false, [outPoint(b)], true]);
      await wallets.result("unloadwallet", ["w"]);
      await wallets.result("loadwallet", ["w"]);
      expect(await wallets.result("listlockunspent")).toEqual([outPoint(b)]);
    }));

  test("balances and what was received, by confirmations", () =>
    withFunds(async (wallets, [first]) => {
      const { mine, lastprocessedblock } = await wallets.result("getbalances");
      expect(mine).toEqual({ trusted: 100, untrusted_pending: 0, immature: 0, nonmempool: 0 });
      expect(lastprocessedblock.height).toBe(102);
      expect(await wallets.result("getbalance", ["*", 102])).toBe(50);
      expect(await wallets.result("getreceivedbyaddress", [first, 102])).toBe(50);
      expect(await wallets.result("getreceivedbyaddress", [first, 103])).toBe(0);
      expect(await wallets.result("getreceivedbylabel", ["two"])).toBe(50);
      const listed = await wallets.result("listreceivedbylabel", [1, true]);
      expect(listed).toEqual([
        { amount: 50, confirmations: 102, label: "one" },
        { amount: 50, confirmations: 101, label: "two" },
      ]);
    }));
});

describe("transactions", () => {
  test("the newest entries come last; a page leaves newer ones out", () =>
    withFunds(async (wallets) => {
      const labels = async (...params: unknown[]) =>
        (await wallets.result("listtransactions", params)).map((entry: { label: string }) => entry.label);
      expect(await labels()).toEqual(["one", "two"]);
      expect(await labels("*", 1)).toEqual(["two"]);
      expect(await labels("*", 1, 1)).toEqual(["one"]);
      expect(await labels("*", 5, 2)).toEqual([]);
      expect(await labels("one")).toEqual(["one"]);
      expect(await labels("*", 0)).toEqual([]);
    }));

  test("a payment to others and oneself: entries of both kinds, fee and change", () =>
    withFunds(async (wallets, [first]) => {
      const txid = await wallets.result("sendmany", ["", { [FOREIGN]: 1, [first!]: 2 }]);
      const { amount, fee, details, decoded } = await wallets.result("gettransaction", [txid, false, true]);
      expect(amount).toBe(-1);
      expect(fee).toBeLessThan(0);
      const told = details.map((entry: { category: string; amount: number }) => [entry.category, entry.amount]);
      expect(told.sort()).toEqual([
        ["receive", 2],
        ["send", -1],
        ["send", -2],
      ]);
      expect(decoded.vout.filter((output: { ischange?: boolean }) => output.ischange)).toHaveLength(1);
      const simulated = await wallets.call("simulaterawtransaction", [
        [(await wallets.result("gettransaction", [txid])).hex],
      ]);
      expect(simulated.result.balance_change).toBeCloseTo(amount + fee, 8);
    }));

  test("since a block; of a branch that was left, what went with it", () =>
    withFunds(async (wallets) => {
      const reward = await wallets.result("getnewaddress");
      const [left] = await wallets.result("generatetoaddress", [1, reward]);
      await wallets.result("invalidateblock", [left]);
      await wallets.result("generatetoaddress", [2, FOREIGN]);
      const since = await wallets.result("listsinceblock", [left]);
      expect(since.transactions).toMatchObject([{ category: "orphan", confirmations: 0, abandoned: true }]);
      expect(since.removed.map((entry: { category: string }) => entry.category)).toEqual(["orphan"]);
      expect(since.lastblock).toBe(await wallets.result("getbestblockhash"));
      const all = await wallets.result("listsinceblock", ["", 3, false, false]);
      expect(all.transactions).toHaveLength(3);
      expect(all.removed).toBeUndefined();
      expect(all.lastblock).toBe(await wallets.result("getblockhash", [102]));
    }));

  test("abandoning gives back what was spent, and only of what is neither in block nor mempool", () =>
    withFunds(async (wallets) => {
      const txid = await wallets.result("sendtoaddress", [FOREIGN, 99]);
      const refusal = { code: -5, message: "Transaction not eligible for abandonment" };
      expect(await errorOf(wallets, "abandontransaction", [txid])).toEqual(refusal);
      const fees = await wallets.result("getbalances");
      expect(fees.mine.trusted).toBeLessThan(1);
      // One of the rewards that it spends is too young again: the mempool cannot keep it.
      await wallets.result("invalidateblock", [await wallets.result("getblockhash", [101])]);
      expect(await wallets.result("getrawmempool")).toEqual([]);
      await wallets.result("abandontransaction", [txid]);
      expect(await wallets.result("gettransaction", [txid])).toMatchObject({
        details: [{ category: "send", abandoned: true }],
      });
      expect((await wallets.result("getbalances")).mine).toMatchObject({ trusted: 0, immature: 100, nonmempool: 0 });
    }));
});

test("messages are signed with the key of an address, while it is unlocked", () =>
  withNode(async (wallets) => {
    await wallets.result("createwallet", ["w", false, false, "secret"]);
    const address = await wallets.result("getnewaddress", ["", "legacy"]);
    const locked = { code: -13, message: "Error: Please enter the wallet passphrase with walletpassphrase first." };
    expect(await errorOf(wallets, "signmessage", [address, "m"])).toEqual(locked);
    await wallets.result("walletpassphrase", ["secret", 60]);
    const signature = await wallets.result("signmessage", [address, "m"]);
    expect(await wallets.result("verifymessage", [address, signature, "m"])).toBe(true);
    expect(await wallets.result("verifymessage", [address, signature, "n"])).toBe(false);
    await wallets.result("walletlock");
  }));
