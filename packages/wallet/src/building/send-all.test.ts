import { describe, expect, test } from "vitest";
import { CENT, coinOf, newOutPoint, script } from "../selection/test-kit.ts";
import { isError } from "./build-request.ts";
import { buildSendAll, type SendAllRequest, type SendAllTransaction } from "./send-all.ts";
import { errorOf, P2WPKH_WEIGHT, type TestWalletParts, testWallet, walletCoins } from "./test-kit.ts";

const COIN = 100n * CENT;
const to = (amount?: bigint, fill = 9) => ({ scriptPubKey: script(fill), amount, name: `address-${fill}` });
const all: SendAllRequest = { outputs: [to()], feerateSatPerKvb: 10_000n };
const send = (request: Partial<SendAllRequest>, parts: TestWalletParts) =>
  buildSendAll({ ...all, ...request }, testWallet(parts));
const sent = (request: Partial<SendAllRequest>, parts: TestWalletParts): SendAllTransaction => {
  const outcome = send(request, parts);
  if (isError(outcome)) throw new Error(outcome.error);
  return outcome as SendAllTransaction;
};

describe("sending all", () => {
  test("spends every coin without change", () => {
    const tx = sent({}, { coins: walletCoins(COIN, CENT) });
    // 437 and 271 weight units: 177 vbytes.
    expect(tx).toMatchObject({ fee: 1770n, size: { virtualSize: 177 } });
    expect(tx.fields.outputs).toEqual([{ value: COIN + CENT - 1770n, scriptPubKey: script(9) }]);
    expect(tx.fields.inputs.map(({ sequence }) => sequence)).toEqual([0xfffffffd, 0xfffffffd]);
    expect(tx.fields.lockTime).toBeGreaterThan(100);
  });

  test("pays fixed amounts, and shares the rest", () => {
    const tx = sent({ outputs: [to(CENT, 1), to(undefined, 2), to(undefined, 3)] }, { coins: walletCoins(COIN + 1n) });
    const rest = COIN + 1n - CENT - tx.fee;
    expect(tx.fields.outputs.map(({ value }) => value)).toEqual([CENT, rest / 2n + (rest % 2n), rest / 2n]);
    expect(rest % 2n).toBe(1n);
  });

  test("leaves what costs more than it brings only where asked to", () => {
    const coins = walletCoins(COIN, 679n, 680n);
    expect(sent({}, { coins }).coins).toHaveLength(3);
    expect(sent({ sendsMost: true }, { coins }).coins.map(({ output }) => output.value)).toEqual([COIN, 680n]);
  });

  test("spends no unsafe coins, and none beyond the depths asked for", () => {
    const coins = [coinOf(COIN, { isSafe: false }), coinOf(CENT, { depth: 1 }), coinOf(2n * CENT, { depth: 3 })];
    expect(sent({}, { coins }).coins).toHaveLength(2);
    expect(sent({ depthMin: 2 }, { coins }).coins).toEqual([coins[2]]);
    expect(sent({ depthMax: 2 }, { coins }).coins).toEqual([coins[1]]);
  });

  test("of named inputs takes these, with their sequence numbers", () => {
    const coins = walletCoins(COIN, CENT);
    const inputs = [{ outPoint: coins[1]!.outPoint, sequence: 5 }];
    const tx = sent({ inputs }, { coins });
    expect(tx.coins).toEqual([coins[1]]);
    expect(tx.fields).toMatchObject({ lockTime: 0, inputs: [{ sequence: 5 }] });
    expect(sent({ lockTime: 9 }, { coins }).fields.lockTime).toBe(9);
  });

  test("pays for poor ancestors once", () => {
    const coins = walletCoins(COIN);
    expect(sent({}, { coins, combinedBumpFee: 1000n }).fee).toBe(1100n + 1000n);
  });
});

describe("sending all fails", () => {
  const coins = walletCoins(COIN);
  const truc = { depth: 0, version: 3, isFromMe: true, ancestorCount: 1, inputWeight: P2WPKH_WEIGHT };
  const many = (count: number, traits: object = {}) =>
    Array.from({ length: count }, () => coinOf(COIN, { inputWeight: P2WPKH_WEIGHT, ...traits }));
  const parent = newOutPoint();
  const siblings = (count: number) =>
    Array.from({ length: count }, (_, index) => coinOf(COIN, { ...truc, outPoint: { ...parent, index } }));
  test.each([
    [
      "without a share",
      { outputs: [to(CENT)] },
      { coins },
      "invalid-parameter",
      /^Must provide at least one address without a specified amount$/,
    ],
    ["with a feerate too low", { feerateSatPerKvb: 1n }, { coins }, "invalid-parameter", /^Fee rate \(0\.001/],
    ["without a feerate", { feerateSatPerKvb: undefined }, { coins }, "wallet", /^Fee estimation failed/],
    [
      "with spent inputs",
      { inputs: [{ outPoint: coins[0]!.outPoint, sequence: 0 }] },
      { spent: [coins[0]!.outPoint] },
      "invalid-parameter",
      /^Input not available\. UTXO \([0-9a-f]{64}:0\) was already spent\.$/,
    ],
    [
      "with inputs of others",
      { inputs: [{ outPoint: newOutPoint(), sequence: 0 }] },
      { coins },
      "invalid-parameter",
      /^Input not found\. UTXO \([0-9a-f]{64}:0\) is not part of wallet\.$/,
    ],
    [
      "with coins that nobody can spend",
      {},
      { coins: [coinOf(COIN, { inputWeight: undefined })] },
      "wallet",
      /^Unable to determine the size/,
    ],
    [
      "above the maximum fee",
      { feerateSatPerKvb: 100_000_000n },
      { coins },
      "wallet",
      /^Fee exceeds maximum configured by user/,
    ],
    ["with nothing", {}, {}, "insufficient-funds", /send_max' option\.$/],
    [
      "with too little",
      { sendsMost: true },
      { coins: walletCoins(1100n) },
      "insufficient-funds",
      /try using lower feerate\.$/,
    ],
    [
      "with too many coins",
      {},
      { coins: many(1476), settings: { feeMax: 10n ** 9n } },
      "wallet",
      /^Transaction too large\.$/,
    ],
    [
      "with more paid than there is",
      { outputs: [to(COIN + 1n), to()] },
      { coins },
      "insufficient-funds",
      /^Assigned more value to outputs/,
    ],
    [
      "with more paid than fees leave",
      { outputs: [to(COIN), to()] },
      { coins },
      "insufficient-funds",
      /^Insufficient funds for fees/,
    ],
    [
      "with a share of dust",
      {},
      { coins: walletCoins(1100n + 293n) },
      "insufficient-funds",
      /^Dynamically assigned remainder/,
    ],
    [
      "with dust",
      { outputs: [to(293n, 4), to()] },
      { coins },
      "invalid-parameter",
      /^Specified output amount to address-4 is below dust threshold\.$/,
    ],
    ["of version 3 with a large child", { version: 3 }, { coins: siblings(15) }, "wallet", /^Transaction too large\.$/],
  ] as const)("%s", (_, request, parts, kind, error) => {
    expect(send(request as Partial<SendAllRequest>, parts)).toEqual({ kind, error: expect.stringMatching(error) });
  });

  test("not at the edges", () => {
    expect(errorOf(send({}, { coins: walletCoins(1100n + 294n) }))).toBe("");
    expect(errorOf(send({}, { coins: many(1475), settings: { feeMax: 10n ** 9n } }))).toBe("");
    expect(errorOf(send({ version: 3 }, { coins: siblings(14) }))).toBe("");
    expect(errorOf(send({ version: 3 }, { coins: many(100).map((coin) => ({ ...coin, depth: 1 })) }))).toBe("");
  });
});
