import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rpcMethods } from "@bitfleet/api/rpc/rpc-methods.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GENESIS, mine, mineMany, rewardOf, spend, type Tip } from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";

const ADDRESS = "bcrt1pamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhqz6nvlh";
const UNKNOWN = "11".repeat(32);

let folder: string;
let node: TestNode;
const tips: readonly Tip[] = spendingChain();
const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-"));
  node = await openTestNode(folder, tips);
}, 60_000);

afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

/** Each test of the group has a chain of its own, which it may change. */
function onOwnChain(): void {
  const shared = { node: undefined as TestNode | undefined, folder: "" };
  beforeEach(async () => {
    shared.node = node;
    shared.folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-own-"));
    node = await openTestNode(shared.folder, tips);
  });
  afterEach(async () => {
    await node.close();
    await rm(shared.folder, { recursive: true, force: true });
    node = shared.node!;
  });
}

const resultOf = async (method: string, params?: unknown) => {
  const { result, error } = await node.call(method, params);
  expect(error).toBeNull();
  return result;
};
const errorOf = async (method: string, params?: unknown) => (await node.call(method, params)).error;

describe("reading the chain", () => {
  test("getblockchaininfo has Core's fields in Core's order", async () => {
    const info = await resultOf("getblockchaininfo");
    expect(Object.keys(info)).toEqual([
      ...["chain", "blocks", "headers", "bestblockhash", "bits", "target", "difficulty", "time", "mediantime"],
      ...["verificationprogress", "initialblockdownload", "chainwork", "size_on_disk", "pruned", "warnings"],
    ]);
    expect(info).toMatchObject({
      chain: "regtest",
      blocks: 120,
      headers: 120,
      bestblockhash: hashAt(120),
      pruned: false,
    });
    expect(await node.resultText("getdifficulty")).toBe("4.656542373906925e-10");
  });

  test("getblock at each verbosity", async () => {
    const { block } = tips[119]!;
    expect(await resultOf("getblock", [hashAt(120), 0])).toBe(toHex(block.bytes));
    const described = await resultOf("getblock", [hashAt(120)]);
    expect(described).toMatchObject({
      height: 120,
      confirmations: 1,
      nTx: block.transactions.length,
      size: block.size,
    });
    expect(described.tx).toEqual(block.transactions.map((tx) => displayHash(tx.txid)));
    expect(described.nextblockhash).toBeUndefined();
    const detailed = await resultOf("getblock", [hashAt(120), 2]);
    expect(detailed.tx[0].fee).toBeUndefined();
    expect(detailed.tx[1].fee).toBe(0.00001);
    expect(detailed.tx[1].vin[0].prevout).toBeUndefined();
    const withPrevouts = await resultOf("getblock", [hashAt(120), 3]);
    expect(withPrevouts.tx[1].vin[0].prevout).toMatchObject({ generated: true, value: 50 });
    expect(await node.resultText("getblock", [hashAt(120), 3])).toContain('"fee":0.00001000');
  });

  test("gettxout knows spent from unspent", async () => {
    const reward = (tip: Tip) => displayHash(rewardOf(tip).outPoint.txid);
    expect(await resultOf("gettxout", [reward(tips[5]!), 0])).toBeNull();
    const found = await resultOf("gettxout", [reward(tips[119]!), 0]);
    expect(found).toMatchObject({ confirmations: 1, coinbase: true, bestblock: hashAt(120), value: 50 });
  });

  test("gettxoutsetinfo counts and hashes", async () => {
    const none = await resultOf("gettxoutsetinfo", ["none"]);
    expect(Object.keys(none)).toEqual([
      ...["height", "bestblock", "txouts", "bogosize", "total_amount", "transactions", "disk_size"],
    ]);
    expect((await resultOf("gettxoutsetinfo")).hash_serialized_3).toMatch(/^[0-9a-f]{64}$/);
    expect((await resultOf("gettxoutsetinfo", ["muhash"])).muhash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("verifychain", async () => {
    expect(await resultOf("verifychain", [4, 0])).toBe(true);
  });
});

describe("changing the chain", () => {
  onOwnChain();

  test("generatetoaddress, invalidateblock, reconsiderblock, preciousblock", async () => {
    const before = await resultOf("getbestblockhash");
    const hashes = await resultOf("generatetoaddress", [2, ADDRESS]);
    expect(hashes.length).toBe(2);
    expect(await resultOf("getbestblockhash")).toBe(hashes[1]);
    const coinbase = (await resultOf("getblock", [hashes[1], 2])).tx[0];
    expect(coinbase.vout[0].scriptPubKey.address).toBe(ADDRESS);
    await resultOf("invalidateblock", [hashes[0]]);
    expect(await resultOf("getbestblockhash")).toBe(before);
    expect((await resultOf("getchaintips")).map((tip: { status: string }) => tip.status)).toContain("invalid");
    await resultOf("reconsiderblock", [hashes[0]]);
    expect(await resultOf("getbestblockhash")).toBe(hashes[1]);
    await resultOf("preciousblock", [hashes[1]]);
    await resultOf("invalidateblock", [hashes[0]]);
  });

  test("generatetoaddress gives up after so many tries, and never where they are negative", async () => {
    expect(await resultOf("generatetoaddress", [1, ADDRESS, 0])).toEqual([]);
    expect(await resultOf("generatetoaddress", [1, ADDRESS, -1])).toHaveLength(1);
  });

  test("generateblock with and without submitting; what it refuses", async () => {
    const previous = { block: await node.chain.readBlock(node.chain.tip), height: node.chain.tip.height };
    const mature = tips[previous.height - 100]!;
    const tx = spend([rewardOf(mature)]);
    const made = await resultOf("generateblock", [`raw(51)`, [toHex(tx.bytes)], false]);
    expect(made.hex).toContain(toHex(tx.bytes));
    expect(await resultOf("getblockcount")).toBe(previous.height);
    expect(await resultOf("submitblock", [made.hex])).toBeNull();
    expect(await resultOf("getbestblockhash")).toBe(made.hash);
    const rival = spend([rewardOf(mature)], { fee: 2000n });
    const again = await errorOf("generateblock", [ADDRESS, [toHex(rival.bytes)]]);
    expect(again?.code).toBe(-25);
    expect(again?.message).toMatch(/^TestBlockValidity failed: bad-txns-inputs-missingorspent/);
    await resultOf("invalidateblock", [made.hash]);
  });

  test("submitblock says what BIP22 has it say", async () => {
    const tip = tips[119]!;
    const [first, second] = mineMany(tip, 2, { salt: 21 });
    const rival = mine(tip, { salt: 22 });
    const greedy = mine(tip, { salt: 23, coinbaseValue: 5_100_000_000n });
    const submit = (one: Tip) => resultOf("submitblock", [toHex(one.block.bytes)]);
    expect(await submit(second!)).toBe("prev-blk-not-found");
    expect(await submit(first!)).toBeNull();
    expect(await submit(first!)).toBe("duplicate");
    expect(await submit(rival)).toBe("inconclusive");
    expect(await submit(greedy)).toBe("inconclusive");
    expect(await submit(second!)).toBeNull();
    const tooGreedy = mine(second!, { salt: 24, coinbaseValue: 5_100_000_000n });
    expect(await submit(tooGreedy)).toBe("bad-cb-amount");
    expect(await submit(tooGreedy)).toBe("duplicate-invalid");
    expect(await errorOf("submitheader", [toHex(mine(tooGreedy).block.bytes.subarray(0, 80))])).toEqual({
      code: -25,
      message: "bad-prevblk",
    });
    await resultOf("invalidateblock", [displayHash(first!.block.hash)]);
    await resultOf("invalidateblock", [displayHash(rival.block.hash)]);
    await resultOf("invalidateblock", [displayHash(greedy.block.hash)]);
    expect(await resultOf("getbestblockhash")).toBe(hashAt(120));
  });

  test("a block that commits to witnesses without the reserved value gets it, as miners expect", async () => {
    const { block } = mine(tips[119]!, { salt: 31 });
    const [coinbase, ...rest] = block.transactions;
    const bare = new Transaction({
      ...pick(coinbase!),
      inputs: coinbase!.inputs.map((input) => ({ ...input, witness: [] })),
    });
    expect(coinbase!.hasWitness).toBe(true);
    expect(bare.txid).toEqual(coinbase!.txid);
    const without = new Block(block.header, [bare, ...rest]);
    expect(await resultOf("submitblock", [toHex(without.bytes)])).toBeNull();
    expect(await resultOf("getblock", [displayHash(block.hash), 0])).toBe(toHex(block.bytes));
  });
});

const pick = ({ version, outputs, lockTime }: Transaction) => ({ version, outputs, lockTime });

describe("waiting", () => {
  onOwnChain();

  test("for a block, a height, and any change", async () => {
    const waits = [
      node.call("waitforblockheight", [121]),
      node.call("waitfornewblock"),
      node.call("waitfornewblock", [0, UNKNOWN]),
      node.call("waitforblock", [hashAt(120), 1000]),
      node.call("waitforblockheight", [500, 50]),
    ];
    const [hash] = await resultOf("generatetoaddress", [1, ADDRESS]);
    const answers = (await Promise.all(waits)).map(({ result }) => result);
    expect(answers.slice(0, 2)).toEqual([
      { hash, height: 121 },
      { hash, height: 121 },
    ]);
    expect(answers[2].height).toBe(120);
    expect(answers[3]).toEqual({ hash: hashAt(120), height: 120 });
    expect(answers[4].height).toBe(121);
    await resultOf("invalidateblock", [hash]);
  });

  test("a negative time is refused", async () => {
    for (const [method, params] of [
      ["waitfornewblock", [-1]],
      ["waitforblock", [UNKNOWN, -1]],
      ["waitforblockheight", [1, -1]],
    ] as const) {
      expect(await errorOf(method, params)).toEqual({ code: -1, message: "Negative timeout" });
    }
  });
});

describe("errors, in Core's words", () => {
  test.each([
    ["getblock", ["0"], -8, "blockhash must be of length 64 (not 1, for '0')"],
    ["getblock", ["Z".repeat(64)], -8, `blockhash must be hexadecimal string (not '${"Z".repeat(64)}')`],
    ["getblock", [UNKNOWN], -5, "Block not found"],
    ["getblockheader", ["nonsense"], -8, "hash must be of length 64 (not 8, for 'nonsense')"],
    ["getblockheader", [UNKNOWN], -5, "Block not found"],
    ["getblockhash", [-1], -8, "Block height out of range"],
    ["getblockhash", [121], -8, "Block height out of range"],
    ["gettxout", ["foo", 0], -8, "txid must be of length 64 (not 3, for 'foo')"],
    ["gettxout", [UNKNOWN, -1], -1, "JSON integer out of range"],
    ["gettxoutsetinfo", ["foo hash"], -8, "'foo hash' is not a valid hash_type"],
    ["gettxoutsetinfo", ["none", 1], -8, "Querying specific block heights requires coinstatsindex"],
    ["invalidateblock", [UNKNOWN], -5, "Block not found"],
    ["reconsiderblock", [UNKNOWN], -5, "Block not found"],
    ["preciousblock", [UNKNOWN], -5, "Block not found"],
    ["submitblock", ["00"], -22, "Block decode failed"],
    ["submitheader", ["00"], -22, "Block header decode failed"],
    ["submitheader", ["ff".repeat(80)], -25, `Must submit previous header (${"ff".repeat(32)}) first`],
    [
      "generate",
      [],
      -32601,
      "generate\n\nhas been replaced by the -generate cli option. Refer to -help for more information.\n",
    ],
    ["generatetoaddress", [1, "foo"], -5, "Error: Invalid address"],
    ["generatetodescriptor", [1, "foo"], -5, "'foo' is not a valid descriptor function"],
    ["generateblock", ["foo", []], -5, "Error: Invalid address or descriptor"],
    ["generateblock", [ADDRESS, [UNKNOWN]], -5, `Transaction ${UNKNOWN} not in mempool.`],
    [
      "generateblock",
      [ADDRESS, ["00"]],
      -22,
      "Transaction decode failed for 00. Make sure the tx has at least one input.",
    ],
    ["getnetworkhashps", [0], -8, "Invalid nblocks. Must be a positive number or -1."],
    ["getnetworkhashps", [1, 999], -8, "Block does not exist at specified height"],
    ["decoderawtransaction", ["00"], -22, "TX decode failed"],
    ["decodescript", ["xyz"], -8, "argument must be hexadecimal string (not 'xyz')"],
    ["getrawtransaction", ["x"], -8, "parameter 1 must be of length 64 (not 1, for 'x')"],
    ["getrawtransaction", [UNKNOWN, 0, UNKNOWN], -5, "Block hash not found"],
    ["setmocktime", [-1], -8, "Mocktime must be in the range [0, 4294967295], not -1."],
    ["setmocktime", [4294967296], -8, "Mocktime must be in the range [0, 4294967295], not 4294967296."],
    ["mockscheduler", [0], -1, "delta_time must be between 1 and 3600 seconds (1 hr)"],
    ["mockscheduler", [3601], -1, "delta_time must be between 1 and 3600 seconds (1 hr)"],
    ["logging", [["nosuch"]], -8, "unknown logging category nosuch"],
    ["getrawmempool", [true, true], -8, "Verbose results cannot contain mempool sequence values."],
    ["createrawtransaction", [[], null], -8, "Invalid parameter, output argument must be non-null"],
    ["createrawtransaction", [[], [], 0, true, -1], -1, "JSON integer out of range"],
    ["createrawtransaction", [[], [], 0, true, 4], -8, "Invalid parameter, version out of range(1~3)"],
    ["verifytxoutproof", [""], -8, "proof must be hexadecimal string (not '')"],
    [
      "gettxspendingprevout",
      [[{ txid: UNKNOWN, vout: 0 }], 1],
      -3,
      'Wrong type passed:\n{\n    "Position 2 (options)": "JSON value of type number is not of expected type object"\n}',
    ],
    ["nosuchmethod", [], -32601, "Method not found"],
  ])("%s %j", async (method, params, code, message) => {
    expect(await errorOf(method, params)).toEqual({ code, message });
  });
});

describe("the node itself", () => {
  test("uptime, stop, logging, help, empty network and mempool", async () => {
    expect(await resultOf("uptime")).toBe(42);
    expect(node.stopRequested()).toBe(false);
    expect(await resultOf("stop", [1])).toBe("Bitfleet stopping");
    expect(node.stopRequested()).toBe(true);
    expect(await resultOf("logging", [["rpc"], []])).toEqual({ http: false, net: false, rpc: true });
    expect(await resultOf("logging", [["all"], ["net"]])).toEqual({ http: true, net: false, rpc: true });
    expect(await resultOf("logging", [[], ["1"]])).toEqual({ http: false, net: false, rpc: false });
    expect(await resultOf("help", ["uptime"])).toContain("uptime\n\n");
    expect(await resultOf("getconnectioncount")).toBe(0);
    expect((await resultOf("getnetworkinfo")).connections).toBe(0);
    expect(await resultOf("getrawmempool")).toEqual([]);
    expect(await resultOf("syncwithvalidationinterfacequeue")).toBeNull();
    expect(await resultOf("getrpcinfo")).toMatchObject({ logpath: "/somewhere/debug.log" });
  });

  test("prioritisetransaction takes any integer of 64 bits, exactly, and stays within them", async () => {
    const add = async (delta: string) => {
      const body = `{"jsonrpc":"2.0","id":1,"method":"prioritisetransaction","params":["${UNKNOWN}",null,${delta}]}`;
      return (await node.answer(body)).error?.message ?? (await node.resultText("getprioritisedtransactions"));
    };
    const answer = (delta: string) => `{"${UNKNOWN}":{"fee_delta":${delta},"in_mempool":false}}`;
    expect(await add("9007199254740993")).toBe(answer("9007199254740993"));
    expect(await add("9223372036854775807")).toBe(answer("9223372036854775807"));
    expect(await add("9223372036854775808")).toBe("JSON integer out of range");
    expect(await add("-9223372036854775808")).toBe(answer("-1"));
    expect(await add("1.0")).toBe("JSON integer out of range");
    expect(await add("1")).toBe("{}");
  });

  test("mockscheduler has run what is due before it answers, and leaves the clock alone", async () => {
    const ran: string[] = [];
    const cancel = node.clock.scheduler.after(7_200_000, () => void ran.push("too early"));
    node.clock.scheduler.after(3_600_000, () => void ran.push("due"));
    const nowMs = node.clock.nowMs();
    expect(await resultOf("mockscheduler", [3600])).toBeNull();
    expect(ran).toEqual(["due"]);
    expect(node.clock.nowMs() - nowMs).toBeLessThan(3_600_000);
    cancel();
  });

  test("getrawtransaction finds what is in the given block only", async () => {
    const { block } = tips[119]!;
    const tx = block.transactions[1]!;
    const where = displayHash(block.hash);
    expect(await resultOf("getrawtransaction", [displayHash(tx.txid), 0, where])).toBe(toHex(tx.bytes));
    expect(await resultOf("getrawtransaction", [displayHash(tx.txid), 2, where])).toMatchObject({
      in_active_chain: true,
      confirmations: 1,
      fee: 0.00001,
    });
    expect((await errorOf("getrawtransaction", [displayHash(tx.txid), 0, hashAt(119)]))?.code).toBe(-5);
    expect((await errorOf("getrawtransaction", [displayHash(tx.txid)]))?.code).toBe(-5);
    const genesisRoot = displayHash(GENESIS.block.header.merkleRoot);
    expect((await errorOf("getrawtransaction", [genesisRoot]))?.message).toContain("genesis block coinbase");
  });
});

describe("decodescript, by Bitcoin Core's vectors", () => {
  const path = join(
    process.env.VECTORS_DIR ?? resolve(import.meta.dirname, "../../../../../shared/vectors"),
    "core/rpc_decodescript.json",
  );
  const cases: readonly (readonly [string, object])[] = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
  if (cases.length === 0) process.stdout.write(`decodescript vectors: skipped, ${path} is not there\n`);
  test.skipIf(cases.length === 0)("every case", async () => {
    for (const [script, wanted] of cases) expect(await resultOf("decodescript", [script])).toEqual(wanted);
    process.stdout.write(`decodescript vectors: ${cases.length} cases\n`);
  });
});

describe("whatever parameters come", () => {
  /** Calls that end soon. */
  const SAFE = Object.keys(rpcMethods).filter(
    (name) => !/^(generate|waitfor|stop|setmocktime|verifychain|gettxoutsetinfo)/.test(name),
  );
  const parameter = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      hashAt(1),
      hashAt(120),
      UNKNOWN,
      ADDRESS,
      0,
      -1,
      1,
      2,
      3,
      4294967295,
      1e300,
      0.5,
      "",
      "00",
      true,
      null,
    ),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map(toHex),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => toHex(tips[119]!.block.bytes.subarray(0, 600)) + toHex(bytes)),
  );
  const named = fc.dictionary(
    fc.oneof(
      fc.string(),
      fc.constantFrom("blockhash", "verbosity", "args", "hexdata", "txid", "n", "height", "hexstring", "address"),
    ),
    parameter,
    { maxKeys: 4 },
  );

  test("the answer is a result or a declared error, never a failure of ours", async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SAFE),
        fc.oneof(fc.array(parameter, { maxLength: 4 }), named),
        async (method, params) => {
          const { error } = await node.call(method, params);
          expect(error?.code).not.toBe(-32603);
          seen.set(error?.code ?? 0, (seen.get(error?.code ?? 0) ?? 0) + 1);
        },
      ),
      { numRuns: 3000 },
    );
    for (const code of [0, -1, -3, -8]) expect(seen.get(code) ?? 0).toBeGreaterThan(0);
    // Some calls mark blocks invalid; whatever they did, the chain is whole.
    await resultOf("reconsiderblock", [hashAt(1)]);
    expect(await resultOf("getblockcount")).toBeGreaterThanOrEqual(120);
    expect(await resultOf("verifychain", [4, 0])).toBe(true);
  }, 60_000);
});
