import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { formatMoney } from "@bitfleet/protocol/consensus/amount.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { decodeTransaction, type OutPoint, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash, outPointKey, parseDisplayHash, type Txid } from "@bitfleet/protocol/primitives/types.ts";
import { type BuildRequest, isError } from "@bitfleet/wallet/building/build-request.ts";
import { buildTransaction } from "@bitfleet/wallet/building/build-transaction.ts";
import { bumpFee } from "@bitfleet/wallet/building/bump-fee.ts";
import { buildSendAll } from "@bitfleet/wallet/building/send-all.ts";
import type { SpendingWallet } from "@bitfleet/wallet/building/spending-wallet.ts";
import { testWallet } from "@bitfleet/wallet/building/test-kit.ts";
import type { Descriptor } from "@bitfleet/wallet/descriptors/descriptor.ts";
import { parseDescriptor } from "@bitfleet/wallet/descriptors/descriptor-parser.ts";
import { isWitnessDescriptor, maxInputWeight } from "@bitfleet/wallet/descriptors/satisfaction-weight.ts";
import { AncestorBumpFees, type WaitingTransaction } from "@bitfleet/wallet/selection/ancestor-bump-fees.ts";
import type { Coin } from "@bitfleet/wallet/selection/coin.ts";
import { seededRandom } from "@bitfleet/wallet/selection/test-kit.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NETWORK } from "../../chain/test-kit.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";

/**
 * Transactions built beside Bitcoin Core from the same coins: the same fees to the satoshi, the same errors. Set CORE_BITCOIND to the
 * path of a bitcoind to run this.
 */
if (BITCOIND === undefined) process.stdout.write("core-oracle-building: skipped, CORE_BITCOIND names no bitcoind\n");

const SEED = Number(process.env.BUILDING_SEED ?? 1);
const CASE_COUNT = 150;
const FALLBACK = 20_000n;
const TYPES = ["legacy", "p2sh-segwit", "bech32", "bech32m"] as const;
type Type = (typeof TYPES)[number];

interface Place {
  readonly address: string;
  readonly script: Uint8Array;
  readonly type: Type;
  /** As coins of it have them. */
  readonly spending: Pick<Coin, "inputWeight" | "isSegwit">;
}

const CONTEXT = { prefixes: NETWORK.addressPrefixes, secp256k1: portableSecp256k1 };

function spendingOf(desc: string): Place["spending"] {
  const parsed = parseDescriptor(desc, CONTEXT);
  if ("error" in parsed) throw new Error(parsed.error);
  const [descriptor] = parsed.descriptors as readonly [Descriptor];
  const inputWeight = maxInputWeight(descriptor, { useMaxSig: false, inWitnessTransaction: true });
  return { inputWeight, isSegwit: isWitnessDescriptor(descriptor) };
}

let core: Core;
let dataPath: string;
let coins: readonly Coin[];
let places: readonly Place[];
let changes: readonly Place[];

/** JSON, numbers with a point as text: amounts stay exact. */
async function ask<Answer>(method: string, params: unknown): Promise<Answer> {
  const text = await core.resultText(method, params);
  if (text.startsWith("error")) throw new Error(`${method}: ${text}`);
  return JSON.parse(text.replaceAll(/:\s*(-?\d+\.\d+(?:e-?\d+)?)/g, ':"$1"'));
}

const errorIn = (text: string): string => JSON.parse(text.slice("error: ".length)).message;
const satsOf = (text: string) => BigInt(Math.round(Number(text) * 1e8));
const btc = (sats: bigint) => formatMoney(sats);

async function placeOf(type: Type, method: "getnewaddress" | "getrawchangeaddress"): Promise<Place> {
  const address = await ask<string>(method, method === "getnewaddress" ? ["", type] : [type]);
  const { scriptPubKey, desc } = await ask<{ scriptPubKey: string; desc: string }>("getaddressinfo", [address]);
  return { address, script: fromHex(scriptPubKey), type, spending: spendingOf(desc) };
}

interface Unspent {
  readonly txid: string;
  readonly vout: number;
  readonly scriptPubKey: string;
  readonly amount: string;
  readonly confirmations: number;
  readonly desc: string;
  readonly safe: boolean;
}

function typeOf({ desc }: Unspent): Type {
  const prefix = /^\w+/.exec(desc)![0];
  return ({ pkh: "legacy", sh: "p2sh-segwit", wpkh: "bech32", tr: "bech32m" } as const)[prefix]!;
}

function coinOf(unspent: Unspent): Coin {
  const type = typeOf(unspent);
  return {
    outPoint: { txid: parseDisplayHash<Txid>(unspent.txid)!, index: unspent.vout },
    output: { value: satsOf(unspent.amount), scriptPubKey: fromHex(unspent.scriptPubKey) },
    type,
    depth: unspent.confirmations,
    ...spendingOf(unspent.desc),
    isFromMe: false,
    isSafe: unspent.safe,
    version: 2,
  };
}

const decode = (hex: string): Transaction => decodeTransaction(new Reader(fromHex(hex)));

function walletOf(own: readonly Coin[], spendable = own) {
  const taken = new Set(spendable);
  const wallet = testWallet({
    coins: spendable,
    others: own.filter((coin) => !taken.has(coin)),
    settings: { fallbackFeerateSatPerKvb: FALLBACK, partialSpendsFeeMax: 0n },
    changeTypes: TYPES,
  });
  const isOwn = [...places, ...changes];
  return {
    ...wallet,
    inputWeightOf: (script: Uint8Array) => {
      return isOwn.find((one) => toHex(one.script) === toHex(script))?.spending.inputWeight;
    },
  };
}

describe.skipIf(BITCOIND === undefined)("transactions beside Core", () => {
  beforeAll(async () => {
    dataPath = await mkdtemp(join(tmpdir(), "core-building-"));
    core = await Core.start(dataPath, ["-disablewallet=0", `-fallbackfee=${btc(FALLBACK)}`]);
    await ask("createwallet", ["w"]);
    places = await Promise.all(TYPES.map((type) => placeOf(type, "getnewaddress")));
    changes = await Promise.all(TYPES.map((type) => placeOf(type, "getrawchangeaddress")));
    await ask("generatetoaddress", [110, places[2]!.address]);
    const random = seededRandom(SEED).unit;
    for (let round = 0; round < 5; round++) {
      const outputs: Record<string, string> = {};
      for (const place of places) outputs[place.address] = btc(BigInt(1000 + Math.floor(random() * 3_000_000)));
      await ask("sendmany", ["", outputs, 1, "", [], true, null, "unset", 2]);
      await ask("generatetoaddress", [1, "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"]);
    }
    coins = (await ask<Unspent[]>("listunspent", [])).map(coinOf).filter(({ output }) => output.value < 10_000_000n);
    expect(coins.length).toBeGreaterThan(15);
  }, 120_000);

  afterAll(async () => {
    await core?.stop();
    if (dataPath) await rm(dataPath, { recursive: true, force: true });
  });

  /** The same request to both: fee, place of change and values of outputs, or the error. */
  async function compare(
    chosen: readonly Coin[],
    request: BuildRequest,
    addresses: readonly string[],
    change: Place,
    more: Partial<SpendingWallet> = {},
  ) {
    const inputs = chosen.map(({ outPoint }) => ({ txid: displayHash(outPoint.txid), vout: outPoint.index }));
    const outputs = request.recipients.map(({ amount }, index) => ({ [addresses[index]!]: btc(amount) }));
    const raw = await ask<string>("createrawtransaction", [inputs, outputs]);
    const subtracting = request.recipients.flatMap(({ subtractsFee }, index) => (subtractsFee ? [index] : []));
    const feerate = Number(request.feerateSatPerKvb) / 1000;
    const options = {
      add_inputs: false,
      changeAddress: change.address,
      changePosition: request.changePosition,
      fee_rate: feerate,
      subtractFeeFromOutputs: subtracting,
    };
    const text = await core.resultText("fundrawtransaction", [raw, options]);
    const preselected = chosen.map(({ outPoint }) => ({ outPoint, sequence: 0xfffffffd }));
    const own = { ...request, preselected, changeScript: change.script, allowsOtherInputs: false, lockTime: 0 };
    const outcome = buildTransaction(own, { ...walletOf(coins), ...more });
    if (text.startsWith("error")) {
      expect(isError(outcome) ? outcome.error : "a transaction").toBe(errorIn(text));
      return false;
    }
    if (isError(outcome)) throw new Error(`ours: ${outcome.error}; Core's: ${text}`);
    const answer = JSON.parse(text.replaceAll(/:\s*(-?\d+\.\d+(?:e-?\d+)?)/g, ':"$1"'));
    const theirs = decode(answer.hex);
    expect({
      fee: outcome.fee,
      changepos: outcome.changeIndex ?? -1,
      inputs: outcome.fields.inputs,
      outputs: outcome.fields.outputs,
    }).toEqual({
      fee: satsOf(answer.fee),
      changepos: answer.changepos,
      inputs: theirs.inputs,
      outputs: theirs.outputs,
    });
    return true;
  }

  test("funded from the same inputs", async () => {
    const random = seededRandom(SEED).unit;
    const pick = (bound: number) => Math.floor(random() * bound);
    let funded = 0;
    for (let number = 0; number < CASE_COUNT; number++) {
      const chosen = [...coins].sort(() => random() - 0.5).slice(0, 1 + pick(6));
      const total = chosen.reduce((sum, { output }) => sum + output.value, 0n);
      const count = 1 + pick(3);
      const to = [...places].sort(() => random() - 0.5).slice(0, count);
      const all = pick(4) === 0;
      const recipients = to.map(({ script }) => {
        const share = total / BigInt(count);
        const amount = all ? share : (share * BigInt(pick(1020))) / 1000n;
        return { scriptPubKey: script, amount, subtractsFee: pick(3) === 0 };
      });
      const feerateSatPerKvb = BigInt([1000, 1001, 5000, 12_345, 50_000, 300_000][pick(6)]!);
      const changePosition = pick(count + 1);
      const request = { recipients, feerateSatPerKvb, changePosition };
      const isFunded = await compare(
        chosen,
        request,
        to.map(({ address }) => address),
        changes[pick(4)]!,
      );
      if (isFunded) funded++;
    }
    expect(funded).toBeGreaterThan(CASE_COUNT / 3);
    expect(funded).toBeLessThan(CASE_COUNT);
  }, 120_000);

  test("sent with all there is of some inputs", async () => {
    const random = seededRandom(SEED + 1).unit;
    for (let number = 0; number < 60; number++) {
      const chosen = [...coins].sort(() => random() - 0.5).slice(0, 1 + Math.floor(random() * 5));
      const total = chosen.reduce((sum, { output }) => sum + output.value, 0n);
      const feerateSatPerKvb = BigInt([1000, 3333, 50_000, 300_000][Math.floor(random() * 4)]!);
      const isSplit = random() < 0.5;
      const fixed = (total * BigInt(Math.floor(random() * 1100))) / 1000n;
      const inputs = chosen.map(({ outPoint }) => ({ txid: displayHash(outPoint.txid), vout: outPoint.index }));
      const [first, second, third] = places as readonly [Place, Place, Place, Place];
      const recipients = isSplit ? [{ [third.address]: btc(fixed) }, first.address, second.address] : [first.address];
      const options = { inputs, add_to_wallet: false, locktime: 0 };
      const feerate = Number(feerateSatPerKvb) / 1000;
      const text = await core.resultText("sendall", [recipients, null, "unset", feerate, options]);
      const outputs = [
        ...(isSplit ? [{ scriptPubKey: third.script, amount: fixed, name: third.address }] : []),
        ...(isSplit ? [first, second] : [first]).map(({ script, address }) => ({
          scriptPubKey: script,
          name: address,
        })),
      ];
      const own = chosen.map(({ outPoint }) => ({ outPoint, sequence: 0xfffffffd }));
      const outcome = buildSendAll({ outputs, inputs: own, feerateSatPerKvb, lockTime: 0 }, walletOf(coins));
      if (text.startsWith("error")) {
        expect(isError(outcome) ? outcome.error : "sent").toBe(errorIn(text));
        continue;
      }
      if (isError(outcome)) throw new Error(`ours: ${outcome.error}; Core's: ${text}`);
      expect(outcome.fields.outputs).toEqual(decode(JSON.parse(text).hex).outputs);
    }
  }, 120_000);

  test("with ancestors that pay too little", async () => {
    const places3 = [places[0]!, places[2]!, places[3]!] as const;
    const outputs = Object.fromEntries(places3.map(({ address }) => [address, btc(200_000n)]));
    const waiting: WaitingTransaction[] = [];
    const unconfirmed: Coin[] = [];
    for (const feerate of [1, 3]) {
      const txid = await ask<string>("sendmany", ["", outputs, 1, "", [], true, null, "unset", feerate]);
      const { fees, vsize } = await ask<{ fees: { modified: string }; vsize: number }>("getmempoolentry", [txid]);
      const parent = parseDisplayHash<Txid>(txid)!;
      waiting.push({ txid: parent, fee: satsOf(fees.modified), virtualSize: vsize, parents: [] });
      const all = (await ask<Unspent[]>("listunspent", [0, 0])).filter((one) => one.txid === txid).map(coinOf);
      unconfirmed.push(...all);
    }
    expect(unconfirmed.length).toBeGreaterThan(5);
    const pairs = unconfirmed.flatMap((one, index) => [[one], [one, unconfirmed[(index + 1) % unconfirmed.length]!]]);
    for (const chosen of pairs) {
      for (const feerateSatPerKvb of [1000n, 2500n, 20_000n]) {
        const lacks = new AncestorBumpFees(waiting, feerateSatPerKvb);
        const more = {
          coin: (outPoint: OutPoint) => chosen.find((one) => outPointKey(one.outPoint) === outPointKey(outPoint)),
          bumpFees: (outPoints: readonly OutPoint[]) => outPoints.map((one) => lacks.of(one)),
          combinedBumpFee: (outPoints: readonly OutPoint[]) => lacks.ofAll(outPoints),
        };
        const recipients = [{ scriptPubKey: places[1]!.script, amount: 50_000n }];
        const request = { recipients, feerateSatPerKvb, changePosition: 1 };
        expect(await compare(chosen, request, [places[1]!.address], changes[2]!, more)).toBe(true);
      }
    }
  }, 120_000);

  test("with fees bumped", async () => {
    const [place, change] = [places[1]!, changes[3]!];
    for (const [index, asked] of [undefined, 5000n, 5101n, 60_000n, 5100n].entries()) {
      const amount = 100_000n + BigInt(index);
      const { txid } = await ask<{ txid: string }>("send", [
        [{ [place.address]: btc(amount) }],
        null,
        "unset",
        5,
        { change_address: change.address, minconf: 1 },
      ]);
      const sent = decode(await ask<string>("getrawtransaction", [txid]));
      const spent = await Promise.all(
        sent.inputs.map(async ({ previousOutput }) => {
          const parent = await ask<{ hex: string }>("gettransaction", [displayHash(previousOutput.txid)]);
          const output = decode(parent.hex).outputs[previousOutput.index]!;
          const { desc } = await ask<{ desc: string }>("getaddressinfo", [await addressOf(output.scriptPubKey)]);
          return { ...coins[0]!, outPoint: previousOutput, output, ...spendingOf(desc) };
        }),
      );
      const wallet = {
        ...walletOf(spent, []),
        bumpable: () => ({ tx: sent, depth: 0, hasWalletDescendants: false, hasMempoolDescendants: false }),
        isChange: ({ scriptPubKey }: { scriptPubKey: Uint8Array }) => toHex(scriptPubKey) === toHex(change.script),
      };
      const feerateSatPerKvb = asked;
      const outcome = bumpFee(
        { txid: sent.txid, requiresOwnInputs: true, replaceable: true, feerateSatPerKvb },
        wallet,
      );
      const text = await core.resultText("psbtbumpfee", [
        txid,
        asked === undefined ? {} : { fee_rate: Number(asked) / 1000 },
      ]);
      if (text.startsWith("error")) {
        expect(isError(outcome) ? outcome.error : "bumped").toBe(errorIn(text));
        continue;
      }
      if (isError(outcome)) throw new Error(`ours: ${outcome.error}; Core's: ${text}`);
      const answer = JSON.parse(text.replaceAll(/:\s*(-?\d+\.\d+(?:e-?\d+)?)/g, ':"$1"'));
      expect([outcome.oldFee, outcome.fee]).toEqual([satsOf(answer.origfee), satsOf(answer.fee)]);
      expect(new Set(outcome.fields.inputs.map(({ previousOutput }) => outPointKey(previousOutput)))).toEqual(
        new Set(sent.inputs.map(({ previousOutput }) => outPointKey(previousOutput))),
      );
    }
  }, 120_000);

  async function addressOf(script: Uint8Array): Promise<string> {
    return (await ask<{ address: string }>("decodescript", [toHex(script)])).address;
  }
});
