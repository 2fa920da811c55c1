import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mine, mineMany, type Tip } from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";

/**
 * Bitcoin Core beside us: both are given the same blocks, and every call that reads must answer the same text, digit for
 * digit. Set CORE_BITCOIND to the path of a bitcoind to run this.
 */
if (BITCOIND === undefined) process.stdout.write("core-oracle: skipped, CORE_BITCOIND names no bitcoind\n");

/** Output scripts of every kind, and some that are none. */
const SCRIPTS = [
  "76a914eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee88ac",
  "a914eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee87",
  "0014eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  "0020eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  "5120eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c",
  "51024e73",
  "5102eeee",
  "6010eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  "210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798ac",
  "410479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8ac",
  "410679be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8ac",
  "51210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f817982102c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee552ae",
  "6a04deadbeef",
  "6a",
  "6aee",
  "51",
  "",
  "4c",
  "02eeee",
  "0400000080",
  "b2b1ac",
  "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
  "0014751e76e8199196d454941c45d1b3a323f1433bd6",
  "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487",
  "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
] as const;

/** Addresses, good and bad, of several networks. */
const ADDRESSES = [
  "bcrt1qamhwamhwamhwamhwamhwamhwamhwamhwvnk9pn",
  "bcrt1pamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhqz6nvlh",
  "BCRT1QAMHWAMHWAMHWAMHWAMHWAMHWAMHWAMHWVNK9PN",
  "bcrt1pfeesnyr2tx",
  "bcrt1pamhqk96edn",
  "2NF2b3KS8xXb9XHvbRMXdZh8s5g92rUZHtp",
  "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
  "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
  "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
  "bcrt1qamhwamhwamhwamhwamhwamhwamhwamhwvnk9pq",
  "bcrt1pamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhwamhqz6nvlq",
  "bcrt1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5ea3te",
  "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdlq2h8",
  "bcrt1aamhw",
  "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfm",
  "mipcBbFg9gMiCh81Kj0tqqdgoZub1ZJRfn",
  "asfah14i8fajz0123f",
  "",
  "bcrt1",
  "!",
] as const;

const GENESIS_HASH = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we answer the same", () => {
  let core: Core;
  let node: TestNode;
  let tips: readonly Tip[];
  let folders: readonly string[] = [];

  /** A block whose coinbase pays to every script, the rest to the key. */
  const withScripts = (previous: Tip): Tip =>
    mine(previous, {
      coinbaseValue: 4_000_000_000n,
      spoil: ([coinbase, ...rest]) => [
        new Transaction({ ...coinbase!, outputs: [...coinbase!.outputs, ...scriptOutputs] }),
        ...rest,
      ],
    });
  const scriptOutputs = SCRIPTS.map((hex, index) => ({ value: BigInt(index), scriptPubKey: fromHex(hex) }));

  beforeAll(async () => {
    folders = await Promise.all(["ours", "theirs"].map((name) => mkdtemp(join(tmpdir(), `bitfleet-${name}-`))));
    const spending = spendingChain();
    tips = [...spending, withScripts(spending.at(-1)!)];
    node = await openTestNode(folders[0]!, tips);
    core = await Core.start(folders[1]!);
    for (const { block } of tips) await core.resultText("submitblock", [toHex(block.bytes)]);
  }, 60_000);

  afterAll(async () => {
    await node?.close();
    await core?.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** Both answers, one after the other. */
  const both = async (method: string, params: unknown = []) => {
    const ours = await node.resultText(method, params);
    return { ours, theirs: await core.resultText(method, params) };
  };
  const expectSame = async (method: string, params: unknown = []) => {
    const { ours, theirs } = await both(method, params);
    expect(ours, `${method} ${JSON.stringify(params).slice(0, 200)}`).toBe(theirs);
  };
  const allHashes = () => tips.map(({ block }) => displayHash(block.hash));

  test("blocks, headers and hashes", async () => {
    for (const [height, hash] of [GENESIS_HASH, ...allHashes()].entries()) {
      await expectSame("getblockstats", [height]);
      await expectSame("getblockstats", [hash, ["txs", "avgfee", "feerate_percentiles"]]);
    }
    for (const [height, hash] of allHashes().entries()) {
      await expectSame("getblockhash", [height + 1]);
      await expectSame("getblockheader", [hash]);
      await expectSame("getblockheader", [hash, false]);
      for (const verbosity of [0, 1, 2, 3, true, false]) await expectSame("getblock", [hash, verbosity]);
    }
    for (const method of ["getblockcount", "getbestblockhash", "getdifficulty", "getchaintips"])
      await expectSame(method);
  });

  test("statistics of the coins", async () => {
    for (const hash of ["hash_serialized_3", "muhash", "none"]) {
      const { ours, theirs } = await both("gettxoutsetinfo", [hash]);
      const withoutDiskSize = (text: string) => text.replace(/"disk_size":\d+/, "");
      expect(withoutDiskSize(ours)).toBe(withoutDiskSize(theirs));
    }
  });

  test("unspent and spent outputs", async () => {
    for (const { block } of tips) {
      for (const tx of block.transactions) {
        for (let n = 0; n <= tx.outputs.length; n++) await expectSame("gettxout", [displayHash(tx.txid), n]);
        for (const verbosity of [0, 1, 2]) {
          await expectSame("getrawtransaction", [displayHash(tx.txid), verbosity, displayHash(block.hash)]);
        }
        await expectSame("decoderawtransaction", [toHex(tx.bytes)]);
      }
    }
  });

  test("proofs of transactions, given or found through what is unspent", async () => {
    for (const { block } of tips.slice(-20)) {
      const hash = displayHash(block.hash);
      const txids = block.transactions.map((tx) => displayHash(tx.txid));
      for (const wanted of [txids, ...txids.map((txid) => [txid])]) {
        await expectSame("gettxoutproof", [wanted]);
        await expectSame("gettxoutproof", [wanted, hash]);
        await expectSame("verifytxoutproof", [JSON.parse(await node.resultText("gettxoutproof", [wanted, hash]))]);
      }
    }
    const [first, second] = tips.slice(-2).map(({ block }) => displayHash(block.transactions[0]!.txid));
    const hash = displayHash(tips.at(-1)!.block.hash);
    const proof = JSON.parse(await node.resultText("gettxoutproof", [[second], hash])) as string;
    for (const params of [
      [[]],
      [[first, second]],
      [[first, first]],
      [[first], hash],
      [["11".repeat(32)]],
      [["00"]],
      [["Z".repeat(64)]],
      [[1]],
      [first],
      [[first], "11".repeat(32)],
      [[first], "x"],
    ]) {
      await expectSame("gettxoutproof", params);
    }
    const badProofs = [
      proof.replace(/^../, "ff"),
      `${proof}00`,
      proof.replace(/.$/, "0"),
      `${"00".repeat(80)}01000000`,
    ];
    for (const text of badProofs) {
      const { ours, theirs } = await both("verifytxoutproof", [text]);
      // The sentence about bytes that end too early is that of Core's stream class.
      expect(ours.replace(/"message":.*/, "")).toBe(theirs.replace(/"message":.*/, ""));
    }
    for (const text of ["zz", "0", ""]) await expectSame("verifytxoutproof", [text]);
  });

  test("searches through all coins", async () => {
    const rewardScript = toHex(tips[0]!.block.transactions[0]!.outputs[0]!.scriptPubKey);
    const key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    for (const objects of [
      [`raw(${rewardScript})`],
      SCRIPTS.filter((script) => script !== "").map((script) => `raw(${script})`),
      ADDRESSES.slice(0, 7).map((address) => `addr(${address})`),
      [{ desc: `raw(${rewardScript})` }, { desc: "raw(51)", range: 5 }, "raw(51)"],
      [`pk(${key})`, `pkh(${key})`, `wpkh(${key})`],
      [`combo(${key})`],
      [`combo(${key.toUpperCase()})`, `raw(21${key}ac)`],
      ["rawtr(79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798)"],
      [`combo(${SCRIPTS[10].slice(2, -2)})`],
      [],
      [{}],
      [{ desc: 1 }],
      [1],
      ["raw(51)#aaaaaaaa"],
    ]) {
      await expectSame("scantxoutset", ["start", objects]);
    }
    for (const params of [["start"], ["status"], ["abort"], ["x"], [1], ["start", "x"]]) {
      await expectSame("scantxoutset", params);
    }
  });

  test("what counts and measures", async () => {
    for (const params of [[], [0], [1], [5], [118], [119], [120], [-1], [5, displayHash(tips[50]!.block.hash)]]) {
      await expectSame("getchaintxstats", params);
    }
    await expectSame("getchaintxstats", [1, "11".repeat(32)]);
    await expectSame("getchaintxstats", [1, "zz"]);
    for (const hash of [GENESIS_HASH, ...allHashes()]) await expectSame("getdeploymentinfo", [hash]);
    for (const params of [[], ["11".repeat(32)], ["zz"], [1]]) await expectSame("getdeploymentinfo", params);
    for (const params of [
      [-1],
      [9999],
      ["11".repeat(32)],
      ["x"],
      [[]],
      [1, ["nothing"]],
      [1, [1]],
      [1, "txs"],
      [1, []],
    ]) {
      await expectSame("getblockstats", params);
    }
    for (const method of ["getpeerinfo", "listbanned", "getconnectioncount", "getindexinfo"]) await expectSame(method);
    for (const params of [["txindex"], ["x"], [1]]) await expectSame("getindexinfo", params);
    for (const params of [["x"], [1]]) await expectSame("getmemoryinfo", params);
    const { ours, theirs } = await both("getchainstates");
    const withoutSizes = (text: string) => text.replace(/(cache_bytes":)\d+/g, "$1");
    expect(withoutSizes(ours)).toBe(withoutSizes(theirs));
    const names = (text: string) => text.match(/"\w+"/g);
    for (const method of ["getnettotals", "getmemoryinfo"]) {
      const answers = await both(method);
      expect(names(answers.ours)).toEqual(names(answers.theirs));
    }
  });

  test("the state of chain and mining", async () => {
    await node.call("setmocktime", [1_800_000_000]);
    await core.resultText("setmocktime", [1_800_000_000]);
    const plain = (text: string) => text.replace(/"warnings":\[.*?\]/, "");
    for (const method of ["getblockchaininfo", "getmininginfo"]) {
      const { ours, theirs } = await both(method);
      expect(plain(ours)).toBe(plain(theirs));
    }
    for (const params of [[], [1], [-1], [120, 50], [5, 0], [0], [-2], [1, 9999]]) {
      await expectSame("getnetworkhashps", params);
    }
  });

  test("scripts of every kind", async () => {
    for (const script of [...SCRIPTS, "zz", "abc"]) await expectSame("decodescript", [script]);
  });

  test("addresses, right and wrong", async () => {
    for (const address of ADDRESSES) await expectSame("validateaddress", [address]);
  });

  test("errors of every kind", async () => {
    const hash = displayHash(tips[0]!.block.hash);
    const unknown = "11".repeat(32);
    const calls: readonly (readonly [string, unknown])[] = [
      ["getblock", ["0"]],
      ["getblock", ["Z".repeat(64)]],
      ["getblock", [unknown]],
      ["getblock", [1]],
      ["getblock", [hash, "2"]],
      ["getblock", [hash, 1.5]],
      ["getblock", [hash, []]],
      ["getblock", { blockhash: hash, verbose: 1, verbosity: 1 }],
      ["getblock", { args: [hash], blockhash: hash }],
      ["getblock", { args: [hash], verbosity: 0 }],
      ["getblock", { hash }],
      ["getblockheader", ["nonsense"]],
      ["getblockheader", [hash, "true"]],
      ["getblockheader", [unknown]],
      ["getblockhash", [-1]],
      ["getblockhash", [99999]],
      ["getblockhash", ["1"]],
      ["getblockhash", [1.5]],
      ["getblockhash", [99999999999]],
      ["gettxout", ["foo", 0]],
      ["gettxout", [unknown, -1]],
      ["gettxout", [unknown, 0]],
      ["gettxoutsetinfo", ["foo hash"]],
      ["gettxoutsetinfo", ["none", 1]],
      ["invalidateblock", [unknown]],
      ["invalidateblock", ["00"]],
      ["reconsiderblock", [unknown]],
      ["preciousblock", [unknown]],
      ["submitblock", [""]],
      ["submitblock", ["00"]],
      ["submitblock", ["zz"]],
      ["submitblock", [toHex(tips[3]!.block.bytes)]],
      ["submitblock", [`${toHex(tips[3]!.block.bytes)}00`]],
      ["submitheader", ["ff".repeat(78)]],
      ["submitheader", ["xx".repeat(80)]],
      ["submitheader", ["ff".repeat(80)]],
      ["submitheader", [toHex(tips[3]!.block.bytes)]],
      ["generatetoaddress", [1, "foo"]],
      ["generatetoaddress", ["1", "foo"]],
      ["generatetoaddress", [0, ADDRESSES[1]]],
      ["generatetodescriptor", [1, "raw(51)#aaaaaaaa"]],
      ["generatetodescriptor", [1, "raw(51)#aaa"]],
      ["generatetodescriptor", [0, "raw(51)"]],
      ["generateblock", ["foo", []]],
      ["generateblock", [ADDRESSES[1], [unknown]]],
      ["generateblock", [ADDRESSES[1], ["00"]]],
      ["generateblock", [ADDRESSES[1], [1]]],
      ["generate", []],
      ["generate", [1]],
      ["decoderawtransaction", ["00"]],
      ["decoderawtransaction", [""]],
      ["getrawtransaction", [unknown]],
      ["getrawtransaction", ["x"]],
      ["getrawtransaction", [unknown, 1, unknown]],
      ["getrawtransaction", [unknown, 1, hash]],
      ["getrawtransaction", [unknown, true, "y"]],
      ["getrawtransaction", ["4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"]],
      ["setmocktime", [-1]],
      ["setmocktime", [4294967296]],
      ["setmocktime", ["1"]],
      ["mockscheduler", [0]],
      ["mockscheduler", [3601]],
      ["mockscheduler", [1]],
      ["waitforblock", [hash, -1]],
      ["waitforblock", ["00", 1]],
      ["waitforblockheight", [1, -1]],
      ["waitforblockheight", [1, 1]],
      ["waitfornewblock", [-1]],
      ["waitfornewblock", [1]],
      ["waitfornewblock", [1, "zz"]],
      ["getrawmempool", []],
      ["getrawmempool", [true]],
      ["getrawmempool", [false, true]],
      ["getrawmempool", [true, true]],
      ["help", [1]],
      ["help", { random: 1 }],
      ["help", ["nosuchmethod"]],
      ["nosuchmethod", []],
      ["echo", ["a", 1, null, { b: [1.5, "x"] }]],
      ["echojson", { arg0: 0, arg3: 3, arg9: 9 }],
      ["echojson", { args: [0, 1], arg3: 3 }],
      ["echojson", { args: [0, 1], arg1: 3 }],
      ["echojson", { args: 5 }],
      ["logging", [["nosuchcategory"]]],
      ["verifychain", [4, 10]],
      ["verifychain", ["4"]],
      ["uptime", "nonsense"],
    ];
    for (const [method, params] of calls) await expectSame(method, params);
  });

  test("branches, invalid blocks and what submitblock says of them", async () => {
    const base = tips[100]!;
    const branch = mineMany(base, 3, { salt: 7 });
    for (const { block } of branch) await expectSame("submitblock", [toHex(block.bytes)]);
    await expectSame("submitblock", [toHex(branch[0]!.block.bytes)]);
    await expectSame("submitheader", [toHex(mine(branch[2]!, { salt: 9 }).block.bytes.subarray(0, 80))]);
    await expectSame("submitheader", [toHex(branch[2]!.block.bytes.subarray(0, 80))]);
    const orphan = mine(mine(branch[2]!, { salt: 8 }), { salt: 8 });
    await expectSame("submitblock", [toHex(orphan.block.bytes)]);
    await expectSame("submitheader", [toHex(orphan.block.bytes.subarray(0, 80))]);
    const tip = tips.at(-1)!;
    const greedy = mine(tip, { coinbaseValue: 5_100_000_000n });
    await expectSame("submitblock", [toHex(greedy.block.bytes)]);
    await expectSame("submitblock", [toHex(greedy.block.bytes)]);
    const onGreedy = mine(greedy);
    await expectSame("submitblock", [toHex(onGreedy.block.bytes)]);
    await expectSame("submitheader", [toHex(onGreedy.block.bytes.subarray(0, 80))]);
    await expectSame("getchaintips");
    await expectSame("getblock", [displayHash(branch[2]!.block.hash), 3]);
    await expectSame("getblockheader", [displayHash(branch[2]!.block.hash)]);

    const victim = displayHash(tips[98]!.block.hash);
    await expectSame("invalidateblock", [victim]);
    for (const method of ["getchaintips", "getbestblockhash", "getblockcount"]) await expectSame(method);
    await expectSame("reconsiderblock", [victim]);
    for (const method of ["getchaintips", "getbestblockhash"]) await expectSame(method);
    await expectSame("preciousblock", [displayHash(branch[0]!.block.hash)]);
    await expectSame("getbestblockhash");
  });
});
