import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash160 } from "@bitfleet/protocol/crypto/hash.ts";
import { encodeAddress, encodeWif } from "@bitfleet/protocol/script/address.ts";
import { payToWitnessPublicKeyHash } from "@bitfleet/protocol/script/templates.ts";
import { seededRandom } from "@bitfleet/protocol/script/test-kit.ts";
import { withChecksum } from "@bitfleet/wallet/descriptors/descriptor-checksum.ts";
import { ADDRESS_TYPES } from "@bitfleet/wallet/keychain/descriptor-record.ts";
import { testKeys } from "@bitfleet/wallet/test-kit.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NETWORK } from "../../../chain/test-kit.ts";
import { BITCOIND, Core } from "../core-test-kit.ts";
import { importInto, openWalletNode, type WalletNode } from "./test-kit.ts";

/**
 * A wallet beside one of Bitcoin Core with the same descriptors, through the same random life: what calls tell of addresses, coins and
 * transactions is the same text. Set CORE_BITCOIND to the path of a bitcoind to run this; WALLET_SEED and WALLET_STEPS for other lives.
 */
if (BITCOIND === undefined) process.stdout.write("core-oracle-wallet: skipped, CORE_BITCOIND names no bitcoind\n");

const SEED = Number(process.env.WALLET_SEED ?? 1);
const STEPS = Number(process.env.WALLET_STEPS ?? 80);
const START_SECONDS = 1_700_000_000;
/** Of each block behind the one before, so that no rule about times holds anything up. */
const STEP_SECONDS = 600;
const EXCERPT_SIZE = 500;
const LABELS = ["", "rent", "käse", "z"];
const PURPOSES = { legacy: 44, "p2sh-segwit": 49, bech32: 84, bech32m: 86 } as const;
const FUNCTIONS = { legacy: "pkh(KEY)", "p2sh-segwit": "sh(wpkh(KEY))", bech32: "wpkh(KEY)", bech32m: "tr(KEY)" };

const keys = testKeys(NETWORK.addressPrefixes);
const foreign = keys[3]!;
const FOREIGN_ADDRESS = encodeAddress(payToWitnessPublicKeyHash(hash160(foreign.publicKey)), NETWORK.addressPrefixes)!;
const FOREIGN_WIF = encodeWif({ privateKey: foreign.privateKey, compressed: true }, NETWORK.addressPrefixes);

/** Of wallets that both have. The others are not asked for addresses. */
const UNUSUAL = [
  `pk(${keys[1]!.xprv}/1)`,
  `wsh(multi(1,${keys[1]!.xprv}/2,${keys[2]!.xpub}/3))`,
  `sh(wsh(sortedmulti(1,${keys[1]!.xprv}/4,${keys[2]!.xpub}/5)))`,
  `sh(multi(1,${keys[1]!.xprv}/6,${keys[2]!.xpub}/7))`,
  `tr(${keys[2]!.xpub}/8,pk(${keys[1]!.xprv}/9))`,
  `wsh(and_v(v:pk(${keys[1]!.xprv}/10),older(3)))`,
  `combo(${keys[1]!.xprv}/11)`,
];

describe.skipIf(BITCOIND === undefined)("a wallet beside Bitcoin Core's", () => {
  const random = seededRandom(SEED);
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;
  let path: string;
  let ours: WalletNode;
  let core: Core;
  let nowSeconds = START_SECONDS;
  const given: string[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: whatever the call answers
  const coreResult = async (method: string, params: unknown = []): Promise<any> => {
    const text = await core.resultText(method, params);
    if (text.startsWith("error")) throw new Error(`Core: ${method} ${JSON.stringify(params)}: ${text}`);
    return JSON.parse(text);
  };

  /** The same call to both. */
  const both = async (method: string, params: unknown = []): Promise<string> => {
    const [mine, theirs] = await Promise.all([ours.resultText(method, params), core.resultText(method, params)]);
    expectSame(mine, theirs, `${method} ${JSON.stringify(params)}`);
    return mine;
  };

  /** The same, of lists whose order is nobody's promise. */
  const bothSorted = async (method: string, params: unknown = []) => {
    const [mine, theirs] = await Promise.all([ours.resultText(method, params), core.resultText(method, params)]);
    const sorted = (text: string) => JSON.stringify(sortedJson(JSON.parse(text)));
    expectSame(sorted(mine), sorted(theirs), `${method} ${JSON.stringify(params)}`);
  };

  const setTime = async (seconds: number) => {
    nowSeconds = seconds;
    await both("setmocktime", [seconds]);
  };

  /** Both wallets take in what has happened. */
  const settle = async () => {
    await core.resultText("syncwithvalidationinterfacequeue");
    ours.manager.get("w");
  };

  const submit = async (hash: string) => {
    const block = await ours.result("getblock", [hash, 0]);
    expect(await core.resultText("submitblock", [block])).toBe("null");
    await settle();
  };

  const mineTo = async (address: string) => {
    await setTime(nowSeconds + STEP_SECONDS);
    const [hash] = await ours.result("generatetoaddress", [1, address]);
    await submit(hash);
  };

  const newAddress = async (): Promise<string> => {
    const params = [pick(LABELS), pick(ADDRESS_TYPES)];
    const address = JSON.parse(await both("getnewaddress", params));
    given.push(address);
    return address;
  };

  /** A coin of a key that is in neither wallet. */
  const foreignCoin = async () => {
    const { unspents } = await coreResult("scantxoutset", ["start", [`addr(${FOREIGN_ADDRESS})`]]);
    const height = await coreResult("getblockcount");
    // biome-ignore lint/suspicious/noExplicitAny: as Core tells it
    const free: any[] = [];
    for (const coin of unspents) {
      if (coin.coinbase && height - coin.height < 100) continue;
      if ((await core.resultText("gettxout", [coin.txid, coin.vout, true])) !== "null") free.push(coin);
    }
    return pick(free);
  };

  // biome-ignore lint/suspicious/noExplicitAny: as Core tells it
  const payFrom = async (coin: any, address: string, fee: number): Promise<string> => {
    const total = Math.round(coin.amount * 1e8);
    const amount = Math.min(total - fee, 1000 + random(total - fee - 1000));
    const outputs = [{ [address]: amount / 1e8 }, { [FOREIGN_ADDRESS]: (total - fee - amount) / 1e8 }];
    const raw = await coreResult("createrawtransaction", [
      [{ txid: coin.txid, vout: coin.vout }],
      outputs.filter((output) => Object.values(output)[0]! > 0.00001),
    ]);
    const { hex } = await coreResult("signrawtransactionwithkey", [raw, [FOREIGN_WIF]]);
    return hex;
  };

  const send = async (hex: string): Promise<void> => {
    await both("sendrawtransaction", [hex, 0]);
    await settle();
  };

  const steps: Record<string, () => Promise<void>> = {
    address: async () => void (await newAddress()),
    change: async () => void (await both("getrawchangeaddress", [pick(ADDRESS_TYPES)])),
    reward: async () => mineTo(pick([await newAddress(), pick(given), FOREIGN_ADDRESS])),
    block: () => mineTo(FOREIGN_ADDRESS),
    later: () => setTime(nowSeconds + random(400)),
    payment: async () => send(await payFrom(await foreignCoin(), pick([await newAddress(), pick(given)]), 1000)),
    "payment to an address that nobody was told": async () => {
      const next = await newAddress();
      const info = await coreResult("getaddressinfo", [next]);
      const index = Number(/\/(\d+)$/.exec(info.hdkeypath)![1]);
      const [ahead] = await coreResult("deriveaddresses", [info.parent_desc, [index + 3, index + 3]]);
      await send(await payFrom(await foreignCoin(), ahead, 1000));
    },
    "spend to others": async () => spend(FOREIGN_ADDRESS),
    "spend to oneself": async () => spend(await newAddress()),
    replacement: async () => {
      const coin = await foreignCoin();
      await send(await payFrom(coin, await newAddress(), 1000));
      await send(await payFrom(coin, await newAddress(), 30_000));
    },
    "a block with the other one": async () => {
      const coin = await foreignCoin();
      await send(await payFrom(coin, await newAddress(), 1000));
      const other = await payFrom(coin, await newAddress(), 2000);
      await setTime(nowSeconds + STEP_SECONDS);
      const { hash } = await ours.result("generateblock", [FOREIGN_ADDRESS, [other]]);
      await submit(hash);
    },
    reorganisation: async () => {
      const depth = 1 + random(3);
      const height = await coreResult("getblockcount");
      const hash = await coreResult("getblockhash", [height - depth + 1]);
      await both("invalidateblock", [hash]);
      await settle();
      await compare();
      for (let count = 0; count <= depth; count++) await mineTo(FOREIGN_ADDRESS);
      await bothSorted("listsinceblock", [hash, 1, false, true, pick([true, false])]);
    },
    label: async () => void (await both("setlabel", [pick([...given, FOREIGN_ADDRESS]), pick(LABELS)])),
    lock: async () => {
      const coins = await coreResult("listunspent", [0]);
      if (coins.length === 0) return;
      const { txid, vout } = pick<{ txid: string; vout: number }>(coins);
      await both("lockunspent", [random(2) === 0, [{ txid, vout }], random(2) === 0]);
      await both("listlockunspent");
    },
    "all unlocked": async () => void (await both("lockunspent", [true])),
    given_up: async () => {
      const all = await coreResult("listtransactions", ["*", 1000]);
      if (all.length > 0) await both("abandontransaction", [pick<{ txid: string }>(all).txid]);
    },
    simulation: async () => {
      const hex = await payFrom(await foreignCoin(), pick(given), 1000);
      await both("simulaterawtransaction", [[hex]]);
      await both("simulaterawtransaction", [[hex, hex]]);
    },
    message: async () => void (await both("signmessage", [pick(given), `message ${random(9)}`])),
  };

  /** Core's wallet makes it, both mempools get it. */
  async function spend(address: string): Promise<void> {
    const { trusted } = (await coreResult("getbalances")).mine;
    if (trusted < 1) return;
    const amount = Math.max(0.001, Number((trusted * (random(90) / 100)).toFixed(8)));
    const sent = await core.resultText("sendtoaddress", [address, amount]);
    if (sent.startsWith("error")) return;
    const { hex } = await coreResult("gettransaction", [JSON.parse(sent)]);
    await send(hex);
  }

  async function compare(): Promise<void> {
    await bothSorted("getrawmempool");
    await both("getbalances");
    await both("getbalance", ["*", random(5)]);
    await both("listtransactions", ["*", 1000]);
    await both("listtransactions", ["*", 1 + random(5), random(20)]);
    await both("listtransactions", [pick(LABELS), 1000]);
    await bothSorted("listsinceblock");
    const height = await coreResult("getblockcount");
    const hash = await coreResult("getblockhash", [Math.max(0, height - random(6))]);
    await bothSorted("listsinceblock", [hash, 1 + random(5)]);
    await bothSorted("listunspent", [0, 9_999_999, [], true]);
    await bothSorted("listunspent", [1, 100, [], false, { include_immature_coinbase: true, minimumAmount: 1 }]);
    await bothSorted("listreceivedbyaddress", [random(3), random(2) === 0, false, "", random(2) === 0]);
    await both("listreceivedbylabel", [random(3), random(2) === 0, false, random(2) === 0]);
    await both("listaddressgroupings");
    await both("listlabels", [pick(["", "send", "receive", "refund", "other"])]);
    for (const label of LABELS) {
      await both("getaddressesbylabel", [label]);
      await both("getreceivedbylabel", [label, random(3)]);
    }
    for (const address of [pick(given), pick(given), FOREIGN_ADDRESS]) {
      await both("getaddressinfo", [address]);
      await both("getreceivedbyaddress", [address, random(3), random(2) === 0]);
    }
    const listed = await coreResult("listtransactions", ["*", 1000]);
    for (let count = 0; count < 5 && listed.length > 0; count++) {
      await both("gettransaction", [pick<{ txid: string }>(listed).txid, false, random(2) === 0]);
    }
  }

  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), "bitfleet-core-wallet-"));
    ours = await openWalletNode(path, { deprecated: ["bip125"] });
    // Core's wallet is to bring nothing into its mempool by itself, as it would now and then.
    const more = ["-disablewallet=0", "-keypool=10", "-fallbackfee=0.0002", "-walletbroadcast=0"];
    core = await Core.start(path, [...more, "-deprecatedrpc=bip125"]);
    await setTime(START_SECONDS);
    await ours.result("createwallet", ["w", false, true]);
    await coreResult("createwallet", ["w", false, true]);
    for (const type of ADDRESS_TYPES) {
      for (const isInternal of [false, true]) {
        const key = `${keys[0]!.xprv}/${PURPOSES[type]}h/1h/0h/${Number(isInternal)}/*`;
        await add(FUNCTIONS[type].replace("KEY", key), { addressType: type, isInternal });
      }
    }
    for (const text of UNUSUAL) await add(text, undefined);
    for (const text of UNUSUAL) {
      const answer = await core.resultText("deriveaddresses", [withChecksum(publicText(text))]);
      if (!answer.startsWith("error")) given.push(...JSON.parse(answer));
    }
    for (let count = 0; count < 4; count++) await mineTo(await newAddress());
    for (let count = 0; count < 105; count++) await mineTo(FOREIGN_ADDRESS);
  }, 240_000);

  function publicText(text: string): string {
    return text.replaceAll(keys[1]!.xprv, keys[1]!.xpub);
  }

  async function add(
    text: string,
    use: { addressType: (typeof ADDRESS_TYPES)[number]; isInternal: boolean } | undefined,
  ) {
    const full = withChecksum(text);
    importInto(ours, "w", full, use, START_SECONDS);
    const request = {
      desc: full,
      timestamp: START_SECONDS,
      ...(use && { active: true, internal: use.isInternal, range: [0, 9] }),
      ...(!use && { internal: true }),
    };
    const [answer] = await coreResult("importdescriptors", [[request]]);
    expect(answer.success, JSON.stringify(answer)).toBe(true);
  }

  afterAll(async () => {
    await core?.stop();
    await ours?.close();
    await rm(path, { recursive: true, force: true });
  });

  test("a random life", { timeout: 900_000 }, async () => {
    await compare();
    const trace: string[] = [];
    try {
      for (let step = 0; step < STEPS; step++) {
        const [name, work] = pick(Object.entries(steps));
        trace.push(name);
        await work();
        if (random(3) === 0) await compare();
      }
      await compare();
    } catch (error) {
      process.stdout.write(`seed ${SEED}, steps: ${trace.join(", ")}\n`);
      throw error;
    }
  });

  test("errors are told in the same words", async () => {
    const unknown = "ab".repeat(32);
    const calls: readonly (readonly [string, readonly unknown[]])[] = [
      ["getnewaddress", ["*"]],
      ["getnewaddress", ["", "bech33"]],
      ["getrawchangeaddress", [""]],
      ["setlabel", ["nonsense", "x"]],
      ["setlabel", [FOREIGN_ADDRESS, "*"]],
      ["getaddressesbylabel", ["nobody"]],
      ["getaddressesbylabel", ["*"]],
      ["listlabels", ["nonsense"]],
      ["getaddressinfo", ["nonsense"]],
      ["getaddressinfo", [`${FOREIGN_ADDRESS}q`]],
      ["keypoolrefill", [-1]],
      ["keypoolrefill", [12]],
      ["getbalance", ["x"]],
      ["getbalance", ["*", 0, false, true]],
      ["getbalance", ["*", 0, false, false]],
      ["getreceivedbyaddress", ["nonsense"]],
      ["getreceivedbyaddress", [FOREIGN_ADDRESS]],
      ["getreceivedbylabel", ["nobody"]],
      ["listreceivedbyaddress", [1, false, false, "nonsense"]],
      ["listunspent", [1, 2, ["nonsense"]]],
      ["listunspent", [1, 2, [FOREIGN_ADDRESS, FOREIGN_ADDRESS]]],
      ["listunspent", [1, 2, [3]]],
      ["listunspent", [1, 2, [], true, { maximumCount: "x" }]],
      ["listunspent", [1, 2, [], true, { minimumAmount: -1 }]],
      ["listunspent", [1, 2, [], true, { nonsense: 1 }]],
      ["lockunspent", [false, [{ txid: unknown, vout: 0 }]]],
      ["lockunspent", [false, [{ txid: unknown }]]],
      ["lockunspent", [false, [{ txid: "ab", vout: 0 }]]],
      ["lockunspent", [false, [{ txid: unknown, vout: -1 }]]],
      ["lockunspent", [false, ["x"]]],
      ["lockunspent", [true]],
      ["listtransactions", ["", 1]],
      ["listtransactions", ["*", -1]],
      ["listtransactions", ["*", 1, -1]],
      ["listsinceblock", [unknown]],
      ["listsinceblock", ["ab"]],
      ["listsinceblock", ["", 0]],
      ["gettransaction", [unknown]],
      ["gettransaction", ["ab"]],
      ["gettransaction", [unknown.replace("a", "x")]],
      ["abandontransaction", [unknown]],
      ["abandontransaction", ["zz"]],
      ["simulaterawtransaction", []],
      ["simulaterawtransaction", [["00"]]],
      ["signmessage", ["nonsense", "m"]],
      ["signmessage", [FOREIGN_ADDRESS, "m"]],
      ["signmessage", ["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "m"]],
    ];
    for (const [method, params] of calls) await both(method, params);
  });
});

/** Shows of long texts what is around the first difference. */
function expectSame(mine: string, theirs: string, what: string): void {
  if (mine === theirs) return;
  let at = 0;
  while (mine[at] === theirs[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - EXCERPT_SIZE), at + EXCERPT_SIZE);
  expect(around(mine), what).toBe(around(theirs));
}

/** With every list in the order of its entries' text. */
function sortedJson(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortedJson).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sortedJson(member)]));
}
