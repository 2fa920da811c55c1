import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BitfleetNetwork, startNetwork } from "../../packages/node/src/network/start-network.ts";
import { eventually, temporaryFolder } from "./test-node.ts";

const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const SATS = 1_000_000n;

describe.each(["in-process", "processes"] as const)("snapshot and revert, %s", (mode) => {
  let network: BitfleetNetwork;
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
    network = await startNetwork({ miners: 2, webservers: 1, mode, dataDir: folder });
    await network.mine(105);
  });
  afterAll(() => network.stop());

  const onAll = <Result>(method: string, ...params: unknown[]) =>
    Promise.all(network.nodes.map((node) => node.rpc<Result>(method, ...params)));
  /** Tip and mempool of each node. */
  const states = async () => {
    const tips = await onAll<string>("getbestblockhash");
    const mempools = await onAll<string[]>("getrawmempool");
    return tips.map((tip, index) => ({ tip, mempool: mempools[index]!.toSorted() }));
  };
  /** What is waiting has reached everybody. */
  const relayed = (count: number) =>
    eventually(async () => ((await states()).every(({ mempool }) => mempool.length === count) ? true : undefined));

  test("after blocks, payments and a reorganisation every node has tip and mempool again, as often as wanted", async () => {
    await network.faucet(NOBODY, SATS);
    await network.faucet(NOBODY, SATS);
    await relayed(2);
    const before = await states();
    const snapshot = await network.snapshot("base");
    expect(snapshot).toEqual({ name: "base", height: 105, hash: before[0]!.tip, transactions: 2 });

    await network.mine(1);
    await network.faucet(NOBODY, SATS, { mine: 2 });
    await network.reorg(4);
    await network.faucet(NOBODY, SATS);
    expect((await states()).map(({ tip }) => tip)).not.toContain(before[0]!.tip);
    await network.revert(snapshot);
    expect(await states()).toEqual(before);

    for (const depth of [1, 15]) {
      await network.mine(depth);
      await network.revert("base");
      expect(await states()).toEqual(before);
      expect(await onAll("getblockcount")).toEqual([105, 105, 105]);
    }
    const warnings = await onAll<{ warnings: unknown }>("getblockchaininfo");
    expect(warnings.flatMap((info) => info.warnings)).toEqual([]);
    const tips = await onAll<{ status: string }[]>("getchaintips");
    expect(tips.flat().map(({ status }) => status)).toEqual(["active", "active", "active"]);
    // And the network goes on.
    const [hash] = await network.mine(1);
    expect(await onAll("getbestblockhash")).toEqual([hash, hash, hash]);
    await relayed(0);
  });

  test("a later snapshot can be gone to from an earlier one", async () => {
    await network.revert("base");
    await network.mine(3);
    const later = await network.snapshot();
    expect(later).toMatchObject({ name: "1", height: 108, transactions: 0 });
    await network.revert("base");
    await network.mine(9);
    await network.revert(later);
    expect(await onAll("getbestblockhash")).toEqual([later.hash, later.hash, later.hash]);
    await network.revert("base");
    expect(await onAll("getblockcount")).toEqual([105, 105, 105]);
  });

  test("a partition, and a longer chain behind it, end with a revert", async () => {
    await network.partition("miner-0 | miner-1,webserver-0");
    await network.mine(3, "miner-0");
    await network.mine(6, "miner-1");
    await expect(network.snapshot()).rejects.toThrow("The network is partitioned");
    await network.revert("base");
    expect(await onAll("getblockcount")).toEqual([105, 105, 105]);
    expect(existsSync(join(folder, "partition.json"))).toBe(false);
    const [hash] = await network.mine(1, "miner-1");
    expect(await onAll("getbestblockhash")).toEqual([hash, hash, hash]);
  });

  test("mocked time goes back with the nodes", async () => {
    await network.revert("base");
    const { mediantime } = await network.node("miner-0").rpc<{ mediantime: number }>("getblockchaininfo");
    await network.node("miner-0").rpc("setmocktime", mediantime + 3000);
    await network.snapshot("mocked");
    await network.node("miner-0").rpc("setmocktime", mediantime + 6000);
    await network.mine(1);
    await network.revert("mocked");
    await network.node("miner-0").rpc("generatetoaddress", 1, NOBODY);
    const header = await network
      .node("miner-0")
      .rpc<{ time: number }>("getblockheader", await network.node("miner-0").rpc("getbestblockhash"));
    expect(header.time).toBe(mediantime + 3000);
    await network.revert("base");
    await network.mine(1);
    await network.revert("base");
  });

  test("miners that work by themselves stand still for it, and go on behind it", async () => {
    for (const name of ["miner-0", "miner-1"]) await network.node(name).rpc("setminer", "interval", 0.02, NOBODY);
    await eventually(async () =>
      (await network.node("miner-0").rpc<number>("getblockcount")) > 110 ? true : undefined,
    );
    await network.revert("base");
    const taken = await network.snapshot("running");
    await eventually(async () =>
      (await network.node("miner-1").rpc<number>("getblockcount")) > taken.height + 3 ? true : undefined,
    );
    await network.revert("running");
    const { pacing } = await network.node("miner-0").rpc<{ pacing: string }>("getminerinfo");
    expect(pacing).toBe("interval");
    for (const name of ["miner-0", "miner-1"]) await network.node(name).rpc("setminer", "off");
    // Their last blocks may have been found at the same moment: then one more decides, as soon as both are known everywhere.
    await eventually(async () => (new Set(await onAll("getblockcount")).size === 1 ? true : undefined));
    await network.mine(1);
    const ancestor = await onAll("getblockhash", taken.height);
    expect(ancestor).toEqual([taken.hash, taken.hash, taken.hash]);
    await network.revert("base");
  });

  test("where two miners have found a block at the same moment, all turn to one of them", async () => {
    await network.revert("base");
    const [first, second] = [network.node("miner-0"), network.node("miner-1")];
    await second.rpc("setnetworkactive", false);
    await first.rpc("generatetoaddress", 1, NOBODY);
    await second.rpc("generatetoaddress", 1, NOBODY);
    await second.rpc("setnetworkactive", true);
    const tips = async () => [...new Set(await onAll<string>("getbestblockhash"))];
    await eventually(async () => {
      const known = await second.rpc<{ height: number }[]>("getchaintips");
      return known.filter(({ height }) => height === 106).length === 2 ? true : undefined;
    });
    expect(await tips()).toHaveLength(2);
    const taken = await network.snapshot("tie");
    expect(taken.height).toBe(106);
    expect(await tips()).toEqual([taken.hash]);
    await network.revert("base");
    await network.revert(taken);
    expect(await tips()).toEqual([taken.hash]);
    await network.revert("base");
  });

  test("names that are none, and what is kept", async () => {
    await expect(network.revert("nothing")).rejects.toThrow(
      "There is no snapshot 'nothing'; there are base, 1, mocked, running, tie.",
    );
    for (const name of ["../x", ".x", "a b", ""]) {
      await expect(network.snapshot(name)).rejects.toThrow(`'${name}' is no name for a snapshot`);
      await expect(network.revert(name)).rejects.toThrow("There is no snapshot");
    }
    expect(readdirSync(join(folder, "snapshots")).sort()).toEqual([
      "1.json",
      "base.json",
      "mocked.json",
      "running.json",
      "tie.json",
    ]);
    expect(existsSync(join(folder, "operation.lock"))).toBe(false);
  });
});

describe("a node that is not there", () => {
  test("is killed in the middle of a revert, and is where the others are when it is back", async () => {
    const folder = temporaryFolder();
    await using network = await startNetwork({ miners: 2, webservers: 1, mode: "processes", dataDir: folder });
    await network.mine(101);
    await network.faucet(NOBODY, SATS);
    const before = await network.snapshot("base");
    for (let round = 0; round < 3; round++) {
      await network.mine(30);
      const reverting = network.revert("base");
      await new Promise((resume) => setTimeout(resume, round * 15));
      network.node("miner-1").kill();
      await reverting;
      await eventually(async () => {
        const tips = await Promise.all(network.nodes.map((node) => node.rpc("getbestblockhash").catch(() => "")));
        return tips.every((tip) => tip === before.hash) ? true : undefined;
      });
      await network.waitForSync();
    }
    const mempools = await Promise.all(network.nodes.map((node) => node.rpc<string[]>("getrawmempool")));
    expect(mempools.map(({ length }) => length)).toEqual([1, 1, 1]);
    const [hash] = await network.mine(1);
    expect(await network.node("miner-1").rpc("getbestblockhash")).toBe(hash);
  });

  test("that was stopped before goes back when it starts again", async () => {
    const folder = temporaryFolder();
    const at = { miners: 2, mode: "in-process", dataDir: folder } as const;
    let snapshot: { hash: string };
    {
      await using network = await startNetwork(at);
      await network.mine(101);
      await network.faucet(NOBODY, SATS);
      snapshot = await network.snapshot("base");
      await network.mine(20);
    }
    {
      // Without the second miner, which is still at height 121.
      await using network = await startNetwork({ ...at, miners: 1 });
      await network.revert("base");
      expect(await network.node("miner-0").rpc("getbestblockhash")).toBe(snapshot.hash);
    }
    await using network = await startNetwork(at);
    const heights = await Promise.all(network.nodes.map((node) => node.rpc<number>("getblockcount")));
    // Nobody has told it: its chain is the longer one, and miner-0 has set it aside.
    expect(heights).toEqual([101, 121]);
    await network.revert("base");
    expect(await network.node("miner-1").rpc("getbestblockhash")).toBe(snapshot.hash);
    expect(readFileSync(join(folder, "snapshots", "base.json"), "utf8")).toContain(snapshot.hash);
  });
});
