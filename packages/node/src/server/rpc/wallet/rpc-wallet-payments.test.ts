import { describe, expect, test } from "vitest";
import { inTemporaryDirectory } from "../../../chain/test-kit.ts";
import { openWalletNode, type WalletNode } from "./test-kit.ts";

const FOREIGN = "bcrt1qs758ursh4q9z627kt3pp5yysm78ddny6txaqgw";

/** A node with a wallet "w" that has two mature rewards. */
const withFunds = (work: (wallets: WalletNode) => Promise<void>, args: readonly string[] = []) =>
  inTemporaryDirectory(async (path) => {
    const wallets = await openWalletNode(path, { args });
    try {
      await wallets.result("createwallet", ["w"]);
      await wallets.result("generatetoaddress", [2, await wallets.result("getnewaddress")]);
      await wallets.result("generatetoaddress", [100, FOREIGN]);
      await work(wallets);
    } finally {
      await wallets.close();
    }
  });

const errorOf = async (wallets: WalletNode, method: string, params: unknown, wallet?: string) =>
  (await wallets.call(method, params, wallet)).error;

/** Satoshis of what a call answers in coins. */
const satsOf = (coins: number) => Math.round(coins * 1e8);

describe("payments", () => {
  test("by sendtoaddress are in the mempool, with comment and reason of the fee", () =>
    withFunds(async (wallets) => {
      const params = { address: FOREIGN, amount: 1, comment: "c", comment_to: "t", verbose: true };
      const { txid, fee_reason } = await wallets.result("sendtoaddress", params);
      expect(fee_reason).toBe("Fallback fee");
      expect(await wallets.result("getrawmempool")).toEqual([txid]);
      expect(await wallets.result("gettransaction", [txid])).toMatchObject({ comment: "c", to: "t", amount: -1 });
    }));

  test("at a feerate pay it; a recipient may bear the fee", () =>
    withFunds(async (wallets) => {
      const txid = await wallets.result("sendtoaddress", {
        address: FOREIGN,
        amount: 1,
        fee_rate: 7,
        subtractfeefromamount: true,
      });
      const { fees, vsize } = await wallets.result("getmempoolentry", [txid]);
      const fee = satsOf(fees.base);
      expect(fee).toBeGreaterThanOrEqual(7 * vsize);
      expect(fee).toBeLessThanOrEqual(7 * (vsize + 1));
      const { vout } = await wallets.result("getrawtransaction", [txid, true]);
      const paid = vout.find(
        (output: { scriptPubKey: { address: string } }) => output.scriptPubKey.address === FOREIGN,
      );
      expect(satsOf(paid.value)).toBe(1e8 - fee);
    }));

  test.each([
    ["more than there is", { amount: 101 }, { code: -6, message: "Insufficient funds" }],
    ["dust", { amount: "0.00000293" }, { code: -6, message: "Transaction amount too small" }],
    [
      "a feerate and a target",
      { amount: 1, fee_rate: 1, conf_target: 2 },
      {
        code: -8,
        message: expect.stringContaining("Cannot specify both conf_target and fee_rate"),
      },
    ],
    [
      "a feerate below the least",
      { amount: 1, fee_rate: 0.999 },
      {
        code: -6,
        message: expect.stringContaining(
          "Fee rate (0.999 sat/vB) is lower than the minimum fee rate setting (1.000 sat/vB)",
        ),
      },
    ],
    [
      "a mode that is none",
      { amount: 1, estimate_mode: "foo" },
      {
        code: -8,
        message: 'Invalid estimate_mode parameter, must be one of: "unset", "economical", "conservative"',
      },
    ],
    [
      "a target out of range",
      { amount: 1, conf_target: 1009, estimate_mode: "economical" },
      {
        code: -8,
        message: expect.stringContaining("Invalid conf_target, must be between 1 and"),
      },
    ],
    [
      "reuse avoided by a wallet that does not",
      { amount: 1, avoid_reuse: true },
      {
        code: -4,
        message: 'wallet does not have the "avoid reuse" feature enabled',
      },
    ],
  ])("are refused: %s", (_what, params, error) =>
    withFunds(async (wallets) => {
      expect(await errorOf(wallets, "sendtoaddress", { address: FOREIGN, ...params })).toEqual(error);
    }),
  );

  test("of a wallet that is locked, or has no keys, are refused", () =>
    withFunds(async (wallets) => {
      await wallets.result("createwallet", { wallet_name: "locked", passphrase: "p" });
      await wallets.result("createwallet", ["watching", true]);
      expect(await errorOf(wallets, "sendtoaddress", [FOREIGN, 1], "locked")).toMatchObject({ code: -13 });
      expect(await errorOf(wallets, "sendtoaddress", [FOREIGN, 1], "watching")).toEqual({
        code: -4,
        message: "Error: Private keys are disabled for this wallet",
      });
    }));
});

describe("send and sendall", () => {
  test("answer a PSBT and bytes where nothing is to be sent, and leave the coins", () =>
    withFunds(async (wallets) => {
      const options = { add_to_wallet: false, fee_rate: 2 };
      const answer = await wallets.result("send", [{ [FOREIGN]: 1 }, null, "unset", null, options]);
      expect(Object.keys(answer)).toEqual(["psbt", "txid", "hex", "complete"]);
      expect(answer.complete).toBe(true);
      expect(await wallets.result("getrawmempool")).toEqual([]);
      const [{ allowed }] = await wallets.result("testmempoolaccept", [[answer.hex]]);
      expect(allowed).toBe(true);
    }));

  test("leave nothing behind, or what the options keep back", () =>
    withFunds(async (wallets) => {
      const options = { fee_rate: 2 };
      const none = await errorOf(wallets, "sendall", [[{ [FOREIGN]: 1 }], null, "unset", null, options]);
      expect(none).toEqual({ code: -8, message: "Must provide at least one address without a specified amount" });
      const { complete } = await wallets.result("sendall", [[FOREIGN], null, "unset", null, options]);
      expect(complete).toBe(true);
      expect(await wallets.result("listunspent", [0])).toEqual([]);
    }));

  test("know options by one name, each in one place", () =>
    withFunds(async (wallets) => {
      const send = (...rest: readonly unknown[]) => errorOf(wallets, "send", [{ [FOREIGN]: 1 }, ...rest]);
      const twice = "Pass the fee_rate either as an argument, or in the options object, but not both";
      expect(await send(null, "unset", 1, { fee_rate: 1 })).toEqual({ code: -8, message: twice });
      const old = "Use fee_rate (sat/vB) instead of feeRate";
      expect(await send(6, "economical", null, { feeRate: 1 })).toEqual({ code: -8, message: old });
      expect(await send(6)).toEqual({ code: -8, message: "Specify estimate_mode" });
      const unknown = { code: -3, message: "Unexpected key totalFee" };
      expect(await send(null, "unset", 1, { totalFee: 1 })).toEqual(unknown);
    }));
});

describe("funding", () => {
  test("adds coins and change in its place, locks what is asked for, and can be signed and sent", () =>
    withFunds(async (wallets) => {
      const raw = await wallets.result("createrawtransaction", [[], { [FOREIGN]: 1 }]);
      const options = { changePosition: 0, lockUnspents: true, fee_rate: 3 };
      const { hex, changepos } = await wallets.result("fundrawtransaction", [raw, options]);
      expect(changepos).toBe(0);
      expect(await wallets.result("listlockunspent")).toHaveLength(1);
      const signed = await wallets.result("signrawtransactionwithwallet", [hex]);
      expect(signed).toMatchObject({ complete: true });
      await wallets.result("sendrawtransaction", [signed.hex]);
      expect(await wallets.result("getrawmempool")).toHaveLength(1);
    }));

  test("as a PSBT tells all that signing takes, of either version", () =>
    withFunds(async (wallets) => {
      for (const version of [0, 2]) {
        const made = await wallets.result("walletcreatefundedpsbt", {
          outputs: { [FOREIGN]: 1 },
          psbt_version: version,
          fee_rate: 3,
        });
        const decoded = await wallets.result("decodepsbt", [made.psbt]);
        expect(decoded.inputs[0]).toMatchObject({ non_witness_utxo: {}, bip32_derivs: [{}] });
        const unsigned = await wallets.result("walletprocesspsbt", [made.psbt, false]);
        expect(unsigned.complete).toBe(false);
        const signed = await wallets.result("walletprocesspsbt", [made.psbt]);
        expect(signed.complete).toBe(true);
        expect(await wallets.result("testmempoolaccept", [[signed.hex]])).toMatchObject([{ allowed: true }]);
      }
    }));

  test.each([
    [{ changePosition: 2 }, { code: -8, message: "changePosition out of bounds" }],
    [{ change_type: "x" }, { code: -5, message: "Unknown change type 'x'" }],
    [{ changeAddress: "x" }, { code: -5, message: "Change address must be a valid bitcoin address" }],
    [{ minconf: -1 }, { code: -8, message: "Negative minconf" }],
    [
      { minconf: 2, maxconf: 1 },
      { code: -8, message: "maxconf can't be lower than minconf: 1 < 2" },
    ],
    [
      { fee_rate: 1, feeRate: 1 },
      {
        code: -8,
        message: "Cannot specify both fee_rate (sat/vB) and feeRate (BTC/kvB)",
      },
    ],
    [
      { subtractFeeFromOutputs: [1] },
      {
        code: -8,
        message: "Invalid parameter 'subtract fee from output', position too large: 1",
      },
    ],
    [{ foo: 1 }, { code: -3, message: "Unexpected key foo" }],
  ])("refuses %j", (options, error) =>
    withFunds(async (wallets) => {
      const raw = await wallets.result("createrawtransaction", [[], { [FOREIGN]: 1 }]);
      expect(await errorOf(wallets, "fundrawtransaction", [raw, options])).toEqual(error);
    }),
  );
});

describe("bumping", () => {
  test("replaces a transaction in the mempool, and says so of both", () =>
    withFunds(async (wallets) => {
      const old = await wallets.result("sendtoaddress", { address: FOREIGN, amount: 1, fee_rate: 2, comment: "c" });
      const { txid, origfee, fee, errors } = await wallets.result("bumpfee", [old]);
      expect(errors).toEqual([]);
      expect(fee).toBeGreaterThan(origfee);
      expect(await wallets.result("getrawmempool")).toEqual([txid]);
      expect(await wallets.result("gettransaction", [old])).toMatchObject({ replaced_by_txid: txid });
      expect(await wallets.result("gettransaction", [txid])).toMatchObject({ replaces_txid: old, comment: "c" });
      const again = {
        code: -4,
        message: `Cannot bump transaction ${old} which was already bumped by transaction ${txid}`,
      };
      expect(await errorOf(wallets, "bumpfee", [old])).toEqual(again);
    }));

  test("as a PSBT sends nothing", () =>
    withFunds(async (wallets) => {
      const old = await wallets.result("sendtoaddress", { address: FOREIGN, amount: 1, fee_rate: 2 });
      const { psbt } = await wallets.result("psbtbumpfee", [old, { fee_rate: 9 }]);
      expect(await wallets.result("getrawmempool")).toEqual([old]);
      expect(await wallets.result("walletprocesspsbt", [psbt])).toMatchObject({ complete: true });
    }));

  test("needs a transaction of the wallet", () =>
    withFunds(async (wallets) => {
      const error = { code: -5, message: "Invalid or non-wallet transaction id" };
      expect(await errorOf(wallets, "bumpfee", ["00".repeat(32)])).toEqual(error);
    }));
});
