import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mine, rewardOf, spend, spendableOf, type Tip } from "../../chain/test-kit.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { BITCOIND, Core } from "./core-test-kit.ts";

/**
 * Bitcoin Core beside us: what miners are told, and what they are answered, digit for digit. Set CORE_BITCOIND to the path of
 * a bitcoind to run this.
 */
if (BITCOIND === undefined) process.stdout.write("core-oracle-mining: skipped, CORE_BITCOIND names no bitcoind\n");

const ADDRESS = "bcrt1qamhwamhwamhwamhwamhwamhwamhwamhwvnk9pn";
const SEGWIT = { rules: ["segwit"] };

describe.skipIf(BITCOIND === undefined)("Bitcoin Core and we tell miners the same", () => {
  const tips: readonly Tip[] = spendingChain();
  const tip = tips.at(-1)!;
  let now = tip.block.header.time + 60;
  let core: Core;
  let node: TestNode;
  let folders: readonly string[] = [];

  beforeAll(async () => {
    folders = await Promise.all(["ours", "theirs"].map((name) => mkdtemp(join(tmpdir(), `bitfleet-${name}-`))));
    node = await openTestNode(folders[0]!, tips);
    core = await Core.start(folders[1]!);
    for (const { block } of tips) await core.resultText("submitblock", [toHex(block.bytes)]);
    await both("setmocktime", [now]);
  }, 60_000);

  afterAll(async () => {
    await node?.close();
    await core?.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  /** Both answers, but for the count of changes, which each counts in its own way, and for what Core says of test builds. */
  const both = async (method: string, params: unknown = []) => {
    const plain = (text: string) =>
      text.replace(/("longpollid":"[0-9a-f]{64})\d+"/, '$1"').replace(/"warnings":\[[^\]]*\]/, '"warnings":[]');
    const ours = plain(await node.resultText(method, params));
    return { ours, theirs: plain(await core.resultText(method, params)) };
  };
  const expectSame = async (method: string, params: unknown = []): Promise<string> => {
    const { ours, theirs } = await both(method, params);
    expect(ours, `${method} ${JSON.stringify(params).slice(0, 200)}`).toBe(theirs);
    return ours;
  };

  test("templates of an empty mempool, and of transactions that hang together", async () => {
    expect(await expectSame("getmininginfo")).not.toContain("currentblocktx");
    await expectSame("getblocktemplate", [SEGWIT]);
    expect(await expectSame("getmininginfo")).toContain('"currentblocktx":0');
    const parent = spend([rewardOf(tips[20]!)], { outputCount: 2 });
    const child = spend([spendableOf(parent, 0), spendableOf(parent, 1)], { fee: 30_000n });
    const rich = spend([rewardOf(tips[1]!)], { fee: 90_000n });
    for (const tx of [parent, child, rich])
      expect(await expectSame("sendrawtransaction", [toHex(tx.bytes)])).toBe(`"${displayHash(tx.txid)}"`);
    // Within five seconds the template stays.
    expect(await expectSame("getblocktemplate", [SEGWIT])).toContain('"transactions":[]');
    now += 6;
    await both("setmocktime", [now]);
    expect(await expectSame("getblocktemplate", [SEGWIT])).toContain('"depends":[2,2]');
    now += 100;
    await both("setmocktime", [now]);
    await expectSame("getblocktemplate", [{ rules: ["segwit", "taproot", "testdummy"], capabilities: ["longpoll"] }]);
    expect(await expectSame("getmininginfo")).toContain('"currentblocktx":3');
  });

  test("requests that are none", async () => {
    const requests: readonly unknown[] = [
      {},
      { rules: [] },
      { rules: "segwit" },
      { rules: ["segwit", 1] },
      { mode: "x", ...SEGWIT },
      { mode: 1, ...SEGWIT },
      { mode: null, ...SEGWIT },
      { longpollid: "00", ...SEGWIT },
      { longpollid: "zz".repeat(32), ...SEGWIT },
      { longpollid: "00".repeat(32), ...SEGWIT },
      { mode: "proposal" },
      { mode: "proposal", data: 1 },
      { mode: "proposal", data: "00" },
      "segwit",
      null,
      [],
    ];
    for (const request of requests) await expectSame("getblocktemplate", [request]);
  });

  test("proposals", async () => {
    const propose = (data: string) => expectSame("getblocktemplate", [{ mode: "proposal", data }]);
    const good = mine(tip);
    await propose(toHex(good.block.bytes));
    await propose(toHex(tip.block.bytes));
    await propose(toHex(mine(tips.at(-2)!, { salt: 3 }).block.bytes));
    await propose(toHex(mine(tip, { coinbaseValue: 5_100_000_000n }).block.bytes));
    await propose(toHex(mine(tip, { time: 1 }).block.bytes));
    await propose(toHex(mine(tip, { time: now + 7201 }).block.bytes));
    await propose(toHex(mine(tip, { transactions: [spend([rewardOf(tips[110]!)])] }).block.bytes));
    await propose(toHex(mine(tip, { transactions: [spend([rewardOf(tips[10]!)])] }).block.bytes));
    await propose(toHex(mine(tip, { spoil: () => [] }).block.bytes));
    const bytes = toHex(good.block.bytes);
    await propose(`${bytes.slice(0, 72)}${bytes.slice(72, 74) === "00" ? "01" : "00"}${bytes.slice(74)}`);
    await propose(`${bytes}00`);
  });

  test("hash rates", async () => {
    const params = [
      [],
      [1],
      [-1],
      [0],
      [-2],
      [500],
      [120, 0],
      [120, 1],
      [10, 50],
      [10, -1],
      [10, -2],
      [10, 121],
      [-1, 119],
    ];
    for (const each of params) await expectSame("getnetworkhashps", each);
  });

  test("blocks that cannot be generated", async () => {
    const spent = toHex(spend([rewardOf(tips[10]!)]).bytes);
    const early = toHex(spend([rewardOf(tips[110]!)]).bytes);
    const calls: readonly (readonly [string, unknown])[] = [
      ["generateblock", [ADDRESS, [spent]]],
      ["generateblock", [ADDRESS, [early]]],
      ["generateblock", [ADDRESS, [spent.slice(0, -2)]]],
      ["generateblock", [ADDRESS, [displayHash(tip.block.transactions[0]!.txid)]]],
      ["generateblock", ["", []]],
      ["generateblock", [ADDRESS, "x"]],
      ["generateblock", [ADDRESS, [], 1]],
      ["generatetodescriptor", [1, ""]],
      ["generatetodescriptor", [1, "addr(foo)"]],
      ["generatetodescriptor", ["x", "raw(51)"]],
      ["generatetodescriptor", [1, "raw(51)", -1]],
      ["generatetoaddress", [-1, ADDRESS]],
      ["generatetoaddress", [1, ADDRESS, 0]],
      ["prioritisetransaction", ["00".repeat(32), "x", 1]],
      ["prioritisetransaction", ["00".repeat(32), 1, 1]],
      ["prioritisetransaction", ["00".repeat(32), null, 1]],
      ["prioritisetransaction", { txid: "00".repeat(32), fee_delta: 1 }],
      ["getprioritisedtransactions", []],
    ];
    for (const [method, params] of calls) await expectSame(method, params);
  });
});
