import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { SighashType } from "@bitfleet/protocol/script/sighash.ts";
import { payToPublicKeyHash, payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { describe, expect, test } from "vitest";
import type { Coin } from "../selection/coin.ts";
import { CENT, coinOf, newOutPoint, script } from "../selection/test-kit.ts";
import { signTransaction } from "../signing/signer.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { type TestKey, testKeys } from "../test-kit.ts";
import { isError } from "./build-request.ts";
import { bumpFee } from "./bump-fee.ts";
import type { BumpableTransaction, BumpedTransaction, BumpRequest } from "./bump-request.ts";
import { externalInputWeight, signedInputWeight } from "./external-input-weight.ts";
import { balanceOf, CHANGE_SCRIPT, P2WPKH_WEIGHT, type TestWalletParts, testWallet } from "./test-kit.ts";

const COIN = 100n * CENT;
const FEE = 1410n;
const coin = coinOf(COIN, { inputWeight: P2WPKH_WEIGHT });
const other = coinOf(COIN, { inputWeight: P2WPKH_WEIGHT });
/** 141 vbytes, as a signature and a key make it. */
const signed = [new Uint8Array(71), new Uint8Array(33)];
const payment: TxOutput = { value: COIN / 2n, scriptPubKey: script(9) };
const change: TxOutput = { value: COIN / 2n - FEE, scriptPubKey: CHANGE_SCRIPT };

function original(
  outputs: readonly TxOutput[] = [payment, change],
  coins: readonly Coin[] = [coin],
): BumpableTransaction {
  const inputs = coins.map(({ outPoint }) => ({
    previousOutput: outPoint,
    scriptSig: new Uint8Array(),
    sequence: 0xfffffffd,
    witness: signed,
  }));
  const tx = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
  return { tx, depth: 0, hasWalletDescendants: false, hasMempoolDescendants: false };
}

function bump(request: Partial<BumpRequest> = {}, old: Partial<BumpableTransaction> = {}, parts: TestWalletParts = {}) {
  const bumpable = { ...original(), ...old };
  const wallet = testWallet({ coins: [other], others: [coin], bumpable, ...parts });
  return bumpFee({ txid: bumpable.tx.txid, requiresOwnInputs: true, ...request }, wallet);
}

function bumped(...how: Parameters<typeof bump>): BumpedTransaction {
  const outcome = bump(...how);
  if (isError(outcome)) throw new Error(outcome.error);
  return outcome as BumpedTransaction;
}

describe("a bumped fee", () => {
  test("is higher by the wallet's increment, and change pays it", () => {
    const tx = bumped();
    // 10,000 and 1 and 5,000 satoshis a thousand vbytes, for 141 vbytes.
    expect(tx).toMatchObject({ oldFee: FEE, fee: 2116n, feerate: { feerateSatPerKvb: 15_001n } });
    expect(tx.fields.inputs.map(({ previousOutput }) => previousOutput)).toEqual([coin.outPoint]);
    const outputs = [...tx.fields.outputs].sort((a, b) => Number(b.value - a.value));
    expect(outputs).toEqual([payment, { ...change, value: change.value - 2116n + FEE }]);
    expect(balanceOf(tx).spent).toBe(balanceOf(tx).paid);
  });

  test("is higher by the node's increment where that is more, and as high as estimated", () => {
    expect(bumped({}, {}, { node: { incrementalFeerateSatPerKvb: 5001n } }).feerate.feerateSatPerKvb).toBe(15_002n);
    const estimate = () => ({ feerateSatPerKvb: 15_002n, reason: "" });
    expect(bumped({}, {}, { node: { estimate } }).feerate.feerateSatPerKvb).toBe(15_002n);
  });

  test("takes confirmed coins where there is no change to take it from", () => {
    const single = original([{ ...payment, value: COIN - 1100n }]);
    expect(bumped({}, single).coins).toEqual([expect.objectContaining({ outPoint: coin.outPoint }), other]);
    const young = { ...other, depth: 0, isFromMe: true };
    expect(bump({}, single, { coins: [young] })).toMatchObject({
      kind: "wallet",
      error: expect.stringMatching(/^Unable to create transaction\. /),
    });
  });

  test("is paid by change alone where all is change", () => {
    const tx = bumped({}, original([{ ...change, value: COIN - 900n }]));
    expect(tx.fields.outputs).toEqual([{ value: COIN - tx.fee, scriptPubKey: CHANGE_SCRIPT }]);
    expect(tx.coins).toHaveLength(1);
  });

  test("goes with other outputs, or another change", () => {
    const elsewhere = { value: CENT, scriptPubKey: script(5) };
    const tx = bumped({ outputs: [elsewhere] });
    expect(tx.fields.outputs).toContainEqual(elsewhere);
    expect(tx.fields.outputs).toHaveLength(2);
    const swapped = bumped({ originalChangeIndex: 0 });
    expect(swapped.fields.outputs).toContainEqual(change);
    expect(swapped.fields.outputs[swapped.changeIndex!]).toEqual({
      ...payment,
      value: payment.value - swapped.fee + FEE,
    });
  });

  test("can be asked for", () => {
    // 14.1 satoshis more than before are needed, and 1,424 rounded down suffice for no 141 vbytes.
    expect(bumped({ feerateSatPerKvb: 10_107n }).fee).toBe(1426n);
    expect(bump({ feerateSatPerKvb: 10_099n })).toEqual({
      kind: "invalid-parameter",
      error:
        "Insufficient total fee 0.00001424, must be at least 0.00001425 (oldFee 0.0000141 + incrementalFee 0.00000015)",
    });
  });
});

describe("no fee is bumped", () => {
  const txid = new Uint8Array(32).fill(7) as Txid;
  test.each([
    [
      "with outputs and a change position",
      { outputs: [payment], originalChangeIndex: 0 },
      {},
      {},
      "invalid-parameter",
      /are incompatible\. You can only/,
    ],
    [
      "of an unknown transaction",
      {},
      {},
      { bumpable: undefined },
      "invalid-address-or-key",
      /^Invalid or non-wallet transaction id$/,
    ],
    [
      "with change that is not there",
      { originalChangeIndex: 2 },
      {},
      {},
      "invalid-parameter",
      /^Change position is out of range$/,
    ],
    ["of spent inputs", {}, {}, { others: [] }, "misc", /^[0-9a-f]{64}:0 is already spent$/],
    ["with descendants in the wallet", {}, { hasWalletDescendants: true }, {}, "invalid-parameter", /in the wallet$/],
    [
      "with descendants in the mempool",
      {},
      { hasMempoolDescendants: true },
      {},
      "invalid-parameter",
      /in the mempool$/,
    ],
    ["of a mined one", {}, { depth: 1 }, {}, "wallet", /^Transaction has been mined, or is conflicted/],
    ["of a conflicted one", {}, { depth: -1 }, {}, "wallet", /^Transaction has been mined, or is conflicted/],
    [
      "twice",
      {},
      { replacedBy: txid },
      {},
      "wallet",
      /^Cannot bump transaction [0-9a-f]{64} which was already bumped by transaction (07){32}$/,
    ],
    [
      "below the mempool's minimum",
      { feerateSatPerKvb: 11_999n },
      {},
      { node: { mempoolMinFeerateSatPerKvb: 12_000n } },
      "wallet",
      /^New fee rate \(0\.00011999\) is lower than the minimum fee rate \(0\.00012\) to get into the mempool -- $/,
    ],
    [
      "where nobody can tell bump fees",
      { feerateSatPerKvb: 20_000n },
      {},
      { unknown: true },
      "wallet",
      /enormous cluster/,
    ],
    [
      "below the required fee",
      { feerateSatPerKvb: 10_200n },
      {},
      { settings: { minFeerateSatPerKvb: 10_210n } },
      "invalid-parameter",
      /^Insufficient total fee \(cannot be less than required fee 0\.0000144\)$/,
    ],
    [
      "above the maximum",
      { feerateSatPerKvb: 100_000_000n },
      {},
      {},
      "wallet",
      /^Specified or calculated fee 0\.141 is too high \(cannot be higher than -maxtxfee 0\.10\)$/,
    ],
  ] as const)("%s", (_, request, old, parts, kind, error) => {
    const { unknown, ...others } = parts as TestWalletParts & { unknown?: boolean };
    const bumpable = "bumpable" in parts ? undefined : { ...original(), ...old };
    const wallet = testWallet({ coins: [other], others: [coin], ...others, ...(bumpable && { bumpable }) });
    const asked = { txid, requiresOwnInputs: true, ...request };
    const outcome = bumpFee(asked, unknown ? { ...wallet, combinedBumpFee: () => undefined } : wallet);
    expect(outcome).toEqual({ kind, error: expect.stringMatching(error) });
  });

  test("of inputs of others, unless only a PSBT is asked for", () => {
    const foreign = coinOf(COIN, { inputWeight: P2WPKH_WEIGHT, script: script(3) });
    const bumpable = original([payment, { ...change, value: COIN + change.value }], [coin, foreign]);
    const wallet = { ...testWallet({ coins: [other], others: [coin], bumpable }) };
    const unspentOutput = (outPoint: typeof coin.outPoint) =>
      [coin, foreign].find((one) => one.outPoint === outPoint)?.output;
    const ask = (requiresOwnInputs: boolean) => bumpFee({ txid, requiresOwnInputs }, { ...wallet, unspentOutput });
    expect(ask(true)).toMatchObject({ error: "Transaction contains inputs that don't belong to this wallet" });
    expect(isError(ask(false))).toBe(false);
  });
});

describe("an input of somebody else's", () => {
  test("weighs what it weighs, and what its signatures may grow by", () => {
    const input = { previousOutput: newOutPoint(), scriptSig: Uint8Array.of(1, 2), sequence: 0, witness: signed };
    expect(signedInputWeight(input)).toBe(4 * (40 + 1 + 2) + 1 + 72 + 34);
    expect(signedInputWeight({ ...input, scriptSig: new Uint8Array(253), witness: [] })).toBe(4 * (40 + 3 + 253) + 1);
    // Signatures that do not hold are none.
    const tx = { version: 2, inputs: [input], outputs: [payment], lockTime: 0 };
    expect(externalInputWeight(tx, 0, [payment], portableSecp256k1)).toBe(signedInputWeight(input));
  });
});

describe("signatures of somebody else's", () => {
  const [key] = testKeys(regtestNetwork().addressPrefixes) as readonly [TestKey];
  const keyHash = hash160(key.publicKey);
  const material = new SigningMaterial();
  material.addPrivateKey({ privateKey: key.privateKey, compressed: true }, portableSecp256k1);

  test.each([
    // Outpoint, sequence and length; the signature at 72 bytes and the key, each behind its length.
    ["in a scriptSig", payToPublicKeyHash(keyHash), 4 * (40 + 1 + 73 + 34) + 1],
    ["in a witness", payToWitnessPublicKeyHash(keyHash), 4 * 41 + 1 + 73 + 34],
  ])("%s count at their largest", (_, scriptPubKey, weight) => {
    const spent = [{ value: COIN, scriptPubKey }];
    const input = { previousOutput: newOutPoint(), scriptSig: new Uint8Array(), sequence: 0, witness: [] };
    const unsigned = { version: 2, inputs: [input], outputs: [payment], lockTime: 0 };
    const { transaction } = signTransaction(unsigned, spent, SighashType.ALL, material, portableSecp256k1);
    expect(signedInputWeight(transaction.inputs[0]!)).toBeLessThan(weight);
    expect(externalInputWeight(transaction, 0, spent, portableSecp256k1)).toBe(weight);
  });
});
