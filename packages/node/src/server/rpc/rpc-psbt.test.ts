import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { payToPublicKeyHash, payToTaproot, payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { psbtFromBase64, psbtToBase64 } from "@bitfleet/wallet/psbt/codec.ts";
import { convertedPsbt } from "@bitfleet/wallet/psbt/construct.ts";
import { withInput } from "@bitfleet/wallet/psbt/psbt.ts";
import { testKeys } from "@bitfleet/wallet/test-kit.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, NETWORK } from "../../chain/test-kit.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";

/** Calls about PSBTs. What they answer is compared with Core in core-oracle-psbt. */

const [first, second] = testKeys(NETWORK.addressPrefixes) as [
  ReturnType<typeof testKeys>[0],
  ReturnType<typeof testKeys>[0],
];
const WITNESS = payToWitnessPublicKeyHash(hash160(first.publicKey));
const TAPROOT = payToTaproot(second.publicKey.subarray(1));
const LEGACY = payToPublicKeyHash(hash160(first.publicKey));
const ADDRESS = "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn";

let folder: string;
let node: TestNode;
/** Outpoints of the outputs above, in that order. */
let coins: readonly { readonly txid: string; readonly vout: number }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-psbt-"));
  const outputs = [WITNESS, TAPROOT, LEGACY].map((scriptPubKey) => ({ value: 100_000n, scriptPubKey }));
  const funding = mine(GENESIS, {
    coinbaseValue: 4_000_000_000n,
    spoil: ([coinbase, ...rest]) => [
      new Transaction({ ...coinbase!, outputs: [...coinbase!.outputs, ...outputs] }),
      ...rest,
    ],
  });
  const [coinbase] = funding.block.transactions;
  const txid = displayHash(coinbase!.txid);
  coins = outputs.map((_, index) => ({ txid, vout: coinbase!.outputs.length - outputs.length + index }));
  node = await openTestNode(folder, [funding, ...mineMany(funding, 1)]);
});

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a call answers; errors as their text. */
const call = async (method: string, ...params: readonly unknown[]) => {
  const text = await node.resultText(method, params);
  return text.startsWith("error") ? text : JSON.parse(text);
};
const refusal = (code: number, message: string) => `error: ${JSON.stringify({ code, message })}`;

const created = (inputs: readonly unknown[], ...more: readonly unknown[]): Promise<string> =>
  call("createpsbt", inputs, [{ [ADDRESS]: 0.0005 }], ...more);

describe("making", () => {
  test("version 2, or another one that is asked for", async () => {
    const psbt = await created([coins[0]]);
    expect(await call("decodepsbt", psbt)).toMatchObject({ psbt_version: 2, tx_version: 2, input_count: 1 });
    const version0 = await created([coins[0]], 9, true, 3, 0);
    const decoded = await call("decodepsbt", version0);
    expect(decoded).toMatchObject({ psbt_version: 0, tx: { version: 3, locktime: 9, vin: [coins[0]] } });
    expect(Object.keys(decoded)).toEqual([
      "tx",
      "global_xpubs",
      "psbt_version",
      "proprietary",
      "unknown",
      "inputs",
      "outputs",
    ]);
    const refused = refusal(-8, "The PSBT version can only be 2 or 0");
    for (const version of [1, 3]) expect(await created([coins[0]], 0, true, 2, version)).toBe(refused);
  });

  test("of a transaction that nobody has signed", async () => {
    const raw = await call("createrawtransaction", [coins[2]], [{ [ADDRESS]: 0.0005 }]);
    expect(await call("converttopsbt", raw)).toBe(await created([coins[2]]));
    const { hex } = await call("signrawtransactionwithkey", raw, [first.wif]);
    const refused = refusal(-22, "Inputs must not have scriptSigs and scriptWitnesses");
    expect(await call("converttopsbt", hex)).toBe(refused);
    expect(await call("converttopsbt", hex, true)).toBe(await created([coins[2]]));
    expect(await call("converttopsbt", raw, false, null, 1)).toBe(refusal(-8, "The PSBT version can only be 2 or 0"));
    for (const text of ["", "zz", raw.slice(2)]) {
      expect(await call("converttopsbt", text)).toBe(refusal(-22, "TX decode failed"));
    }
  });
});

describe("what is no PSBT", () => {
  test.each([
    ["decodepsbt", []],
    ["analyzepsbt", []],
    ["finalizepsbt", []],
    ["utxoupdatepsbt", []],
    ["descriptorprocesspsbt", [[]]],
  ])("%s", async (method, more) => {
    const psbt = await created([coins[0]]);
    const failed = (reason: string) => refusal(-22, `TX decode failed ${reason}`);
    expect(await call(method, ";", ...more)).toBe(failed("invalid base64"));
    expect(await call(method, "AAAAAAAA", ...more)).toBe(failed("Invalid PSBT magic bytes: iostream error"));
    const trailing = Buffer.concat([Buffer.from(psbt, "base64"), Buffer.of(0)]).toString("base64");
    expect(await call(method, trailing, ...more)).toBe(failed("extra data after PSBT"));
    const cut = Buffer.from(psbt, "base64").subarray(0, -1).toString("base64");
    expect(await call(method, cut, ...more)).toMatch(
      "Separator is missing at the end of an output map: iostream error",
    );
  });
});

describe("on the way to a transaction", () => {
  const descriptors = [`wpkh(${first.wif})`, `rawtr(${second.wif})`, `pkh(${first.wif})`];

  test("updated, signed, finalized", async () => {
    const psbt = await created(coins.slice(0, 2));
    expect(await call("analyzepsbt", psbt)).toMatchObject({ next: "updater", inputs: [{ has_utxo: false }, {}] });
    const updated = await call("utxoupdatepsbt", psbt, descriptors);
    expect(await call("analyzepsbt", updated)).toMatchObject({
      next: "updater",
      fee: 0.0015,
      inputs: [{ has_utxo: true, is_final: false, next: "signer" }, { next: "updater" }],
    });
    const half = await call("descriptorprocesspsbt", updated, descriptors.slice(0, 1));
    expect(half).toMatchObject({ complete: false });
    const whole = await call("descriptorprocesspsbt", half.psbt, descriptors, null, true, false);
    expect(whole).toMatchObject({ complete: false });
    const finalized = await call("finalizepsbt", whole.psbt, false);
    expect(finalized).toMatchObject({ complete: true });
    expect(await call("analyzepsbt", finalized.psbt)).toMatchObject({ next: "extractor" });
    const extracted = await call("finalizepsbt", finalized.psbt);
    expect(Object.keys(extracted)).toEqual(["hex", "complete"]);
    const [accepted] = await call("testmempoolaccept", [extracted.hex]);
    expect(accepted["reject-reason"] ?? "allowed").toMatch(/allowed|bad-txns-premature-spend-of-coinbase/);
    expect(await call("descriptorprocesspsbt", psbt, descriptors)).toMatchObject({
      complete: true,
      hex: extracted.hex,
    });
  });

  test("of a legacy output the chain alone does not tell enough", async () => {
    const psbt = await created([coins[2]]);
    const { psbt: done, complete } = await call("descriptorprocesspsbt", psbt, descriptors);
    expect([done, complete]).toEqual([psbt, false]);
  });

  test("combined", async () => {
    const psbt = await created(coins.slice(0, 2));
    const [a, b] = await Promise.all(descriptors.slice(0, 2).map((one) => call("descriptorprocesspsbt", psbt, [one])));
    const combined = await call("combinepsbt", [a.psbt, b.psbt]);
    expect(await call("finalizepsbt", combined)).toMatchObject({ complete: true });
    expect(await call("combinepsbt", [])).toBe(refusal(-8, "Parameter 'txs' cannot be empty"));
    const refused = refusal(-8, "PSBTs not compatible (different transactions)");
    expect(await call("combinepsbt", [psbt, await created([coins[0]])])).toBe(refused);
  });

  test("hash types", async () => {
    const psbt = await created([coins[0]]);
    const { psbt: single } = await call("descriptorprocesspsbt", psbt, descriptors, "SINGLE", true, false);
    const { inputs } = await call("decodepsbt", single);
    expect(inputs[0].sighash).toBe("SINGLE");
    const mismatch = refusal(-22, "Specified sighash value does not match value stored in PSBT");
    expect(await call("descriptorprocesspsbt", single, descriptors)).toBe(mismatch);
    expect(await call("descriptorprocesspsbt", single, descriptors, "ALL")).toBe(mismatch);
    expect(await call("descriptorprocesspsbt", single, descriptors, "SINGLE")).toMatchObject({ complete: true });
    const invalid = refusal(-8, "'all' is not a valid sighash parameter.");
    expect(await call("descriptorprocesspsbt", psbt, descriptors, "all")).toBe(invalid);
  });

  test("a transaction that cannot be", async () => {
    const psbt = psbtFromBase64(await created(coins.slice(0, 2)), portableSecp256k1);
    const timed = withInput(psbt, 0, { ...psbt.inputs[0]!, requiredTimeLock: 500_000_000 });
    const both = psbtToBase64(withInput(timed, 1, { ...psbt.inputs[1]!, requiredHeightLock: 1 }));
    expect(await call("utxoupdatepsbt", both)).toBe(refusal(-25, "The transaction cannot be valid"));
    expect(await call("analyzepsbt", both)).toEqual({
      next: "creator",
      error: "PSBT cannot be made into a valid transaction",
    });
    expect(await call("finalizepsbt", both)).toEqual({ psbt: both, complete: false });
  });

  test("descriptors that are none", async () => {
    const psbt = await created([coins[0]]);
    for (const method of ["utxoupdatepsbt", "descriptorprocesspsbt"]) {
      const message = "Descriptor needs to be provided in scan object";
      expect(await call(method, psbt, [{}])).toBe(refusal(-8, message));
      expect(await call(method, psbt, ["wpkh()"])).toMatch(/^error: \{"code":-5/);
    }
  });
});

describe("joining", () => {
  test("all inputs and outputs, in an order that changes", async () => {
    const [a, b] = [await created(coins.slice(0, 2), 5, true, 2, 0), await created([coins[2]], 4, true, 3, 0)];
    const joined: string[] = [];
    for (let round = 0; round < 20; round++) joined.push(await call("joinpsbts", [a, b]));
    // Of six orders one twenty times: once in 6¹⁹ runs.
    expect(new Set(joined).size).toBeGreaterThan(1);
    const { tx } = await call("decodepsbt", joined[0]);
    expect(tx).toMatchObject({ version: 3, locktime: 4 });
    const spent = tx.vin.map(({ txid, vout }: { txid: string; vout: number }) => `${txid}:${vout}`).sort();
    expect(spent).toEqual(coins.map(({ txid, vout }) => `${txid}:${vout}`).sort());
    expect(tx.vout).toHaveLength(2);
  });

  test("refused", async () => {
    const a = await created([coins[0]], 0, true, 2, 0);
    const twice = `Input ${coins[0]!.txid}:${coins[0]!.vout} exists in multiple PSBTs`;
    expect(await call("joinpsbts", [a, a])).toBe(refusal(-8, twice));
    expect(await call("joinpsbts", [a])).toBe(refusal(-8, "At least two PSBTs are required to join PSBTs."));
    const version2 = psbtToBase64(convertedPsbt(psbtFromBase64(a, portableSecp256k1), 2)!);
    const refused = refusal(-8, "joinpsbts only operates on version 0 PSBTs");
    expect(await call("joinpsbts", [a, version2])).toBe(refused);
  });
});
