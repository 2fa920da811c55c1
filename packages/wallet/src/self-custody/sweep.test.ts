import { networkByName } from "@bitfleet/protocol/consensus/networks.ts";
import { sha256 } from "@bitfleet/protocol/crypto/hash.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { feeFor } from "@bitfleet/protocol/policy/feerate.ts";
import { STANDARD_WEIGHT_MAX } from "@bitfleet/protocol/policy/standardness.ts";
import { COINBASE_INDEX, Transaction, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import { type BlockHash, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { STANDARD_SCRIPT_FLAGS } from "@bitfleet/protocol/script/flags.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { verifyInput } from "@bitfleet/protocol/script/verify.ts";
import { describe, expect, test } from "vitest";
import { FEE_SETTINGS_DEFAULT } from "../building/fee-policy.ts";
import { SigningMaterial } from "../signing/signing-material.ts";
import { allAtOnce } from "../steps.ts";
import type { CustodyAccount } from "./custody-account.ts";
import type { SpendingFacts } from "./custody-spending.ts";
import { signDraft } from "./payments.ts";
import { draftSweep, foundOfKey, type SweepDraft, sweptAccount } from "./sweep.ts";
import { sweptKinds } from "./swept-key.ts";

const context = { prefixes: networkByName("regtest")!.addressPrefixes, secp256k1: portableSecp256k1 };
const PRIVATE_KEY = sha256(new TextEncoder().encode("a key on paper"));
const TIP = { hash: sha256(Uint8Array.of(1)) as BlockHash, height: 200 };
const NOW_SECONDS = 1_700_000_000;
const RATE = 5_000n;
/** P2WPKH: 31 bytes. */
const TARGET = { script: Uint8Array.of(0, 20, ...new Uint8Array(20).fill(7)), address: "an address" };

const facts: SpendingFacts = {
  settings: {
    ...FEE_SETTINGS_DEFAULT,
    feeMax: 10n ** 9n,
    addressType: "bech32m",
    changeType: undefined,
    spendsZeroConfirmationChange: true,
    avoidsPartialSpends: false,
    partialSpendsFeeMax: 0n,
    rejectsLongChains: true,
    ancestorCountMax: 25,
    descendantCountMax: 25,
  },
  node: {
    relayMinFeerateSatPerKvb: 1_000n,
    mempoolMinFeerateSatPerKvb: 1_000n,
    incrementalFeerateSatPerKvb: 1_000n,
    dustFeerateSatPerKvb: 3_000n,
    estimateBlocksMax: 0,
    estimate: () => ({ feerateSatPerKvb: undefined, reason: "None" }),
  },
  tip: { height: TIP.height, ageSeconds: 0, isInitialBlockDownload: false },
  random: { unit: () => 0.5 },
  feeOf: () => undefined,
};

let salt = 0;
const outside = () => ({
  previousOutput: { txid: sha256(Uint8Array.of(2, salt & 255, ++salt >> 8, salt & 255)) as Txid, index: 0 },
  scriptSig: new Uint8Array(),
  witness: [],
  sequence: 0xffffffff,
});

type Height = number | "waits";
interface Arrival {
  readonly transaction: Transaction;
  readonly height: Height;
}

const paying = (outputs: readonly TxOutput[], height: Height = 100): Arrival => ({
  transaction: new Transaction({ version: 2, inputs: [outside()], outputs, lockTime: 0 }),
  height,
});

function mined(output: TxOutput, height: number): Arrival {
  const previousOutput = { txid: ZERO_HASH as Txid, index: COINBASE_INDEX };
  const input = { previousOutput, scriptSig: Uint8Array.of(2, height & 255, height >> 8), witness: [], sequence: 0 };
  return { transaction: new Transaction({ version: 2, inputs: [input], outputs: [output], lockTime: 0 }), height };
}

/** What a key has when these have come to it. */
function accountWith(key: { readonly compressed: boolean }, arrivals: (scripts: readonly Uint8Array[]) => Arrival[]) {
  const account = sweptAccount({ privateKey: PRIVATE_KEY, ...key }, context);
  const scripts = sweptKinds(key).map((_, place) => account.scriptAt(place + 1, 0)!);
  const transactions = arrivals(scripts).map(({ transaction, height }, at) => ({
    transaction,
    seenAt: 0,
    place:
      height === "waits"
        ? undefined
        : {
            block: { hash: sha256(Uint8Array.of(3, height)) as BlockHash, height },
            blockTime: NOW_SECONDS,
            indexInBlock: transaction.inputs[0]!.previousOutput.index === COINBASE_INDEX ? 0 : at + 1,
          },
  }));
  allAtOnce(account.takeSnapshot({ tip: TIP, sameUpTo: -1, transactions }, NOW_SECONDS));
  return account;
}

const COMPRESSED = { compressed: true };
const to = (scriptPubKey: Uint8Array, value: bigint): TxOutput => ({ value, scriptPubKey });

function drafted(account: CustodyAccount, rate = RATE): SweepDraft {
  const draft = draftSweep(account, TARGET, rate, facts);
  if ("error" in draft) throw new Error(draft.error);
  return draft;
}

function errorOf(account: CustodyAccount, rate = RATE): string {
  const draft = draftSweep(account, TARGET, rate, facts);
  return "error" in draft ? draft.error : "none";
}

function signed(account: CustodyAccount, { payment }: SweepDraft, key: { readonly compressed: boolean }): Transaction {
  const secrets = new SigningMaterial();
  secrets.addPrivateKey({ privateKey: PRIVATE_KEY.slice(), ...key }, portableSecp256k1);
  return allAtOnce(signDraft(account, payment, secrets));
}

function expectValid(transaction: Transaction, spent: readonly TxOutput[]): void {
  const cache = new SighashCache(transaction, spent);
  for (const at of transaction.inputs.keys())
    expect(verifyInput(transaction, at, cache, STANDARD_SCRIPT_FLAGS, portableSecp256k1)).toBeUndefined();
}

describe.each([
  ["compressed", COMPRESSED, ["p2tr", "p2wpkh", "p2sh-p2wpkh", "p2pkh", "p2pk"]],
  ["uncompressed", { compressed: false }, ["p2pkh", "p2pk"]],
] as const)("all kinds of outputs of a %s key", (_name, key, kinds) => {
  const account = accountWith(key, (scripts) => [
    paying(scripts.map((script, at) => to(script, BigInt(at + 1) * 10_000n))),
    paying(scripts.map((script) => to(script, 50_000n))),
  ]);

  test("are found, with what they have", () => {
    const found = foundOfKey(account, key);
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
    expect(found.map(({ ready }) => ready)).toEqual(
      kinds.map((_, at) => ({ count: 2, sats: BigInt(at + 1) * 10_000n + 50_000n })),
    );
    expect(found.map(({ address }) => address === undefined)).toEqual(kinds.map((kind) => kind === "p2pk"));
  });

  test("are swept by one payment, whose signatures nodes take and whose fee is what was asked", () => {
    const draft = drafted(account);
    const transaction = signed(account, draft, key);
    expect(transaction.inputs).toHaveLength(2 * kinds.length);
    expectValid(
      transaction,
      draft.payment.coins.map(({ output }) => output),
    );
    const total = draft.payment.coins.reduce((sum, { output }) => sum + output.value, 0n);
    expect(transaction.outputs).toEqual([{ value: total - draft.payment.fee, scriptPubKey: TARGET.script }]);
    expect(draft.payment.fee).toBe(feeFor(RATE, draft.payment.virtualSize));
    // Signatures may be a byte shorter than was reckoned with, and never longer.
    expect(transaction.virtualSize).toBeLessThanOrEqual(draft.payment.virtualSize);
    expect(transaction.virtualSize).toBeGreaterThan(draft.payment.virtualSize - 2 * kinds.length);
    expect(draft).toMatchObject({ dust: { count: 0 }, beyond: { count: 0 } });
    // It may be replaced, and the next block alone may have it.
    expect(transaction.inputs.every(({ sequence }) => sequence === 0xfffffffd)).toBe(true);
    expect(transaction.lockTime).toBe(TIP.height);
  });

  test("another key signs none of them", () => {
    const secrets = new SigningMaterial();
    secrets.addPrivateKey({ privateKey: sha256(PRIVATE_KEY), ...key }, portableSecp256k1);
    expect(() => allAtOnce(signDraft(account, drafted(account).payment, secrets))).toThrow(/do not suffice/);
  });
});

test("a key that nobody ever paid has nothing", () => {
  const account = accountWith(COMPRESSED, () => []);
  expect(foundOfKey(account, COMPRESSED)).toEqual([]);
  expect(errorOf(account)).toMatch(/no coins that can be spent now/);
});

test("what waits in no block yet is told, and left out", () => {
  const account = accountWith(COMPRESSED, ([taproot, segwit]) => [
    paying([to(taproot!, 40_000n)]),
    paying([to(taproot!, 60_000n), to(segwit!, 7_000n)], "waits"),
  ]);
  expect(foundOfKey(account, COMPRESSED)).toMatchObject([
    { kind: "p2tr", ready: { count: 1, sats: 40_000n }, waiting: { count: 1, sats: 60_000n } },
    { kind: "p2wpkh", ready: { count: 0 }, waiting: { count: 1, sats: 7_000n } },
  ]);
  expect(drafted(account).payment.coins.map(({ output }) => output.value)).toEqual([40_000n]);
});

test("what is spent by a payment that waits is on its way, and what a block has spent is gone", () => {
  const account = accountWith(COMPRESSED, ([, segwit]) => {
    const [first, second] = [paying([to(segwit!, 40_000n)]), paying([to(segwit!, 60_000n)])];
    const spend = ({ transaction }: Arrival, height: Height): Arrival => ({
      transaction: new Transaction({
        version: 2,
        inputs: [{ ...outside(), previousOutput: { txid: transaction.txid, index: 0 } }],
        outputs: [to(TARGET.script, 1_000n)],
        lockTime: 0,
      }),
      height,
    });
    return [first, second, spend(first, "waits"), spend(second, 150)];
  });
  expect(foundOfKey(account, COMPRESSED)).toMatchObject([
    { kind: "p2wpkh", ready: { count: 0 }, leaving: { count: 1, sats: 40_000n } },
  ]);
  expect(errorOf(account)).toMatch(/no coins that can be spent now/);
});

test("a mined coin is swept once a hundred blocks are upon its own", () => {
  // 200 is the newest block: of 101 and those before the coins may be in the next one; wallets wait for one more.
  const account = accountWith(COMPRESSED, ([, , , legacy]) => [
    mined(to(legacy!, 50_000n), 100),
    mined(to(legacy!, 70_000n), 101),
    mined(to(legacy!, 80_000n), 150),
  ]);
  expect(foundOfKey(account, COMPRESSED)).toMatchObject([
    { kind: "p2pkh", ready: { count: 1, sats: 50_000n }, immature: { count: 2, sats: 150_000n, blocks: 50 } },
  ]);
  expect(drafted(account).payment.coins.map(({ output }) => output.value)).toEqual([50_000n]);
});

describe("dust", () => {
  // P2WPKH: 68 vbytes an input, 5 sat each.
  const [worthless, worth] = [340n, 341n];

  test("stays where spending it costs more than it brings", () => {
    const account = accountWith(COMPRESSED, ([, segwit]) => [
      paying([to(segwit!, worthless), to(segwit!, worth), to(segwit!, 30_000n)]),
    ]);
    const draft = drafted(account);
    expect(draft.payment.coins.map(({ output }) => output.value)).toEqual([30_000n, worth]);
    expect(draft.dust).toEqual({ count: 1, sats: worthless });
    // At a lower feerate it is worth it.
    expect(drafted(account, 1_000n)).toMatchObject({ dust: { count: 0 }, payment: { coins: { length: 3 } } });
  });

  test("alone is not swept, and it is said why", () => {
    const account = accountWith(COMPRESSED, ([, segwit]) => [paying([to(segwit!, worthless)])]);
    expect(errorOf(account)).toMatch(/^At 5\.000 sat\/vB the fee would leave nothing/);
  });

  test("is nothing that arrives either: an output below the limit is passed on by nobody", () => {
    // One input and one output: 110 vbytes at 5 sat, and 294 sat are the least for an output of segwit.
    const least = 110n * 5n + 294n;
    const one = (value: bigint) => accountWith(COMPRESSED, ([, segwit]) => [paying([to(segwit!, value)])]);
    expect(errorOf(one(least - 1n))).toMatch(/would leave nothing that could be passed on/);
    expect(drafted(one(least)).payment.fields.outputs).toEqual([to(TARGET.script, 294n)]);
  });
});

test("more coins than one payment has room for: the largest go, the others stay, and a further sweep takes them", () => {
  const COUNT = 1_600;
  const account = accountWith(COMPRESSED, ([, segwit]) => [
    paying(Array.from({ length: COUNT }, (_, at) => to(segwit!, 10_000n + BigInt(at)))),
  ]);
  const draft = drafted(account, 1_000n);
  const { coins, virtualSize } = draft.payment;
  expect(coins.length + draft.beyond.count).toBe(COUNT);
  expect(draft.beyond.count).toBeGreaterThan(0);
  expect(virtualSize * 4).toBeLessThanOrEqual(STANDARD_WEIGHT_MAX);
  // One more would not have fitted.
  expect((virtualSize + 69) * 4).toBeGreaterThan(STANDARD_WEIGHT_MAX - 20);
  expect(coins.map(({ output }) => output.value)).not.toContain(10_000n);
  expect(draft.beyond.sats).toBe(
    Array.from({ length: draft.beyond.count }, (_, at) => 10_000n + BigInt(at)).reduce((sum, value) => sum + value),
  );
});
