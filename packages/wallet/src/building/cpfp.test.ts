import { COIN } from "@bitfleet/protocol/consensus/amount.ts";
import { describe, expect, test } from "vitest";
import { coinOf, newOutPoint } from "../selection/test-kit.ts";
import { isError } from "./build-request.ts";
import { buildCpfp, type CpfpTransaction } from "./cpfp.ts";
import { CHANGE_SCRIPT, errorOf, P2WPKH_WEIGHT, type TestWalletParts, testWallet } from "./test-kit.ts";

const parent = newOutPoint().txid;
const waiting = { depth: 0, isSafe: false, ancestorCount: 1, version: 2, inputWeight: P2WPKH_WEIGHT };
let outputs = 0;
/** An output of the parent that is the wallet's. */
const paid = (value: bigint, traits = {}) =>
  coinOf(value, { ...waiting, outPoint: { txid: parent, index: outputs++ }, ...traits });

const LACK = 1900n;
const child = (parts: TestWalletParts, request = {}) =>
  buildCpfp({ parent, feerateSatPerKvb: 10_000n, ...request }, testWallet({ combinedBumpFee: LACK, ...parts }));

function made(outcome: ReturnType<typeof child>): CpfpTransaction {
  if (isError(outcome)) throw new Error(outcome.error);
  return outcome;
}

describe("a child that pays for its parent", () => {
  test("pays for itself and what is lacking, and brings the rest back to the wallet", () => {
    const coin = paid(COIN);
    const { fields, fee, size, coins } = made(child({ coins: [paid(COIN / 2n), coin, coinOf(9n * COIN)] }));
    // One input and one output of witness key hashes.
    expect(size.virtualSize).toBe(110);
    expect(fee).toBe(1100n + LACK);
    expect(coins).toEqual([coin]);
    expect(fields.inputs.map((input) => input.previousOutput)).toEqual([coin.outPoint]);
    expect(fields.inputs[0]?.sequence).toBe(0xfffffffd);
    expect(fields.outputs).toEqual([{ value: COIN - fee, scriptPubKey: CHANGE_SCRIPT }]);
    expect(fields.version).toBe(2);
  });

  test("spends more of the parent's outputs where one does not suffice, and nothing else", () => {
    // With a second input it has 177 vbytes; 294 satoshis must be left.
    const enough = LACK + 1770n + 294n;
    expect(made(child({ coins: [paid(2000n), paid(enough - 2000n)] })).fields.outputs[0]?.value).toBe(294n);
    expect(errorOf(child({ coins: [paid(2000n), paid(enough - 2001n), coinOf(COIN)] }))).toBe(
      "The child would have to pay 3670 satoshis, and what the wallet can spend of the transaction is worth 3963: choose a lower feerate.",
    );
  });

  test("keeps its script where it comes to be, and gives it back where it does not", () => {
    const good = testWallet({ coins: [paid(COIN)], combinedBumpFee: LACK });
    buildCpfp({ parent, feerateSatPerKvb: 10_000n }, good);
    expect(good.reservations).toMatchObject({ kept: 1, released: 0 });
    const poor = testWallet({ coins: [paid(300n)], combinedBumpFee: LACK });
    buildCpfp({ parent, feerateSatPerKvb: 10_000n }, poor);
    expect(poor.reservations).toMatchObject({ kept: 0, released: 1 });
  });

  test.each([
    ["nothing lacks", { combinedBumpFee: 0n }, "Miners who take 10.000 sat/vB take the transaction as it is"],
    ["the fee is too high", { settings: { feeMax: 2999n } }, "Fee exceeds maximum configured by user"],
    ["there is no script to pay to", { changeError: "Error: none." }, "Transaction needs a change address"],
  ])("is refused where %s", (_, parts, message) => {
    expect(errorOf(child({ coins: [paid(COIN)], ...parts }))).toContain(message);
  });

  test("is refused where the wallet has nothing of the parent that it could spend", () => {
    const message = "The transaction has no unspent output of the wallet that a child could spend";
    expect(errorOf(child({ coins: [coinOf(COIN)] }))).toContain(message);
    expect(errorOf(child({ coins: [paid(COIN, { inputWeight: undefined })] }))).toContain(message);
  });

  test("is asked no less than the least feerate", () => {
    expect(errorOf(child({ coins: [paid(COIN)] }, { feerateSatPerKvb: 999n }))).toContain("lower than the minimum");
    expect(isError(child({ coins: [paid(COIN)] }, { feerateSatPerKvb: 1000n }))).toBe(false);
  });

  test("of version 3 is of version 3, small, and the only one", () => {
    const truc = { version: 3 };
    expect(made(child({ coins: [paid(COIN, truc)] })).fields.version).toBe(3);
    for (const traits of [{ hasChildInMempool: true }, { ancestorCount: 2 }])
      expect(errorOf(child({ coins: [paid(COIN, { ...truc, ...traits })] }))).toContain(
        "The transaction has version 3",
      );
    // 14 inputs fit into 1000 vbytes; 15 do not.
    const value = 1000n;
    const many = (count: number, traits = {}) => Array.from({ length: count }, () => paid(value, traits));
    /** What is lacking where exactly so many coins suffice. */
    const lack = (count: number) => {
      const size = Math.ceil((166 + count * P2WPKH_WEIGHT) / 4);
      return { combinedBumpFee: BigInt(count) * value - 10n * BigInt(size) - 294n };
    };
    expect(made(child({ coins: many(20, truc), ...lack(14) })).coins).toHaveLength(14);
    expect(errorOf(child({ coins: many(20, truc), ...lack(15) }))).toContain("choose a lower feerate");
    expect(made(child({ coins: many(20), ...lack(15) })).coins).toHaveLength(15);
  });
});
