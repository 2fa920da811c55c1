import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GENESIS, MemoryLog, mine, mineMany, padded, submitAll } from "../../chain/test-kit.ts";
import { SystemClock } from "../../clock.ts";
import { EventStream } from "../events/event-stream.ts";
import { openTestNode, type TestNode } from "../test-kit.ts";
import { createWebApp } from "../web/web-app.ts";
import { WebState, webNodeOf } from "../web/web-state.ts";

const LARGE = mineMany(GENESIS, 60, { spoil: padded });
const TIPS = [...LARGE, ...mineMany(LARGE.at(-1)!, 288)];
const hashAt = (height: number) => displayHash(TIPS[height - 1]!.block.hash);
const timeAt = (height: number) => TIPS[height - 1]!.block.header.time;
const TWO_HOURS = 7200;

const OPTIONS = { network: regtestNetwork({ fastPrune: true }), fastPrune: true } as const;

async function inNode(
  prune: { readonly kind: "manual" } | { readonly kind: "automatic"; readonly targetBytes: number } | undefined,
  count: number,
  work: (node: TestNode) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-pruning-"));
  const node = await openTestNode(folder, TIPS.slice(0, count), [], { ...OPTIONS, ...(prune && { prune }) });
  try {
    await node.chain.startPruning();
    await work(node);
  } finally {
    await node.close();
    await rm(folder, { recursive: true, force: true });
  }
}

describe("pruneblockchain", () => {
  test("needs -prune, and a chain that is long enough", async () => {
    await inNode(undefined, 0, async (node) => {
      expect((await node.call("pruneblockchain", [1])).error).toEqual({
        code: -1,
        message: "Cannot prune blocks because node is not in prune mode.",
      });
      expect((await node.call("getblockchaininfo")).result).toMatchObject({ pruned: false });
    });
    await inNode({ kind: "manual" }, 99, async (node) => {
      const tooShort = { code: -1, message: "Blockchain is too short for pruning." };
      expect((await node.call("pruneblockchain", [1])).error).toEqual(tooShort);
      await submitAll(node.chain, TIPS.slice(99, 100));
      expect((await node.call("pruneblockchain", [1])).result).toBe(-1);
    });
  });

  test("refuses heights and times that are none", async () => {
    await inNode({ kind: "manual" }, 348, async (node) => {
      const errorOf = async (height: unknown) => (await node.call("pruneblockchain", [height])).error;
      expect(await errorOf(-1)).toEqual({ code: -8, message: "Negative block height." });
      const tooHigh = { code: -8, message: "Blockchain is shorter than the attempted prune height." };
      expect(await errorOf(349)).toEqual(tooHigh);
      expect(await errorOf(1_000_000_000)).toEqual(tooHigh);
      expect(await errorOf(timeAt(348) + TWO_HOURS + 1)).toEqual({
        code: -8,
        message: "Could not find block with at least the specified timestamp.",
      });
      expect((await errorOf("1"))!.code).toBe(-3);
    });
  });

  test("answers the last block that is gone, and -1 while none is", async () => {
    await inNode({ kind: "manual" }, 348, async (node) => {
      const prune = async (height: number) => (await node.call("pruneblockchain", [height])).result;
      expect([await prune(0), await prune(3)]).toEqual([-1, -1]);
      const first = await prune(25);
      expect(first).toBeGreaterThan(10);
      expect(first).toBeLessThanOrEqual(25);
      const last = await prune(348);
      expect(last).toBeGreaterThan(first);
      expect(last).toBeLessThanOrEqual(60);
      expect((await node.call("getblockchaininfo")).result).toMatchObject({
        pruned: true,
        pruneheight: last + 1,
        automatic_pruning: false,
      });
    });
  });

  test("takes a time for the first block that is so late, less two hours", async () => {
    let byHeight = 0;
    await inNode({ kind: "manual" }, 348, async (node) => {
      byHeight = (await node.call("pruneblockchain", [40])).result;
    });
    await inNode({ kind: "manual" }, 348, async (node) => {
      expect((await node.call("pruneblockchain", [timeAt(40) + TWO_HOURS])).result).toBe(byHeight);
    });
  });
});

describe("getblockchaininfo", () => {
  test("has Core's fields in Core's order", async () => {
    await inNode({ kind: "automatic", targetBytes: 576_716_800 }, 1, async (node) => {
      const { result } = await node.call("getblockchaininfo");
      expect(Object.keys(result).slice(-6)).toEqual([
        ...["size_on_disk", "pruned", "pruneheight", "automatic_pruning", "prune_target_size", "warnings"],
      ]);
      expect(result).toMatchObject({
        pruned: true,
        pruneheight: 0,
        automatic_pruning: true,
        prune_target_size: 576_716_800,
      });
    });
    await inNode({ kind: "manual" }, 1, async (node) => {
      expect((await node.call("getblockchaininfo")).result).not.toHaveProperty("prune_target_size");
    });
  });
});

describe("a block that was pruned", () => {
  let folder: string;
  let node: TestNode;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-pruned-"));
    node = await openTestNode(folder, TIPS, [], { ...OPTIONS, prune: { kind: "manual" } });
    await node.chain.startPruning();
    await node.chain.pruneUpTo(40);
  });
  afterAll(async () => {
    await node.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ["getblock", [hashAt(2)], "Block not available (pruned data)"],
    ["getblock", [hashAt(2), 0], "Block not available (pruned data)"],
    ["getblock", [hashAt(2), 3], "Block not available (pruned data)"],
    ["getblockstats", [2], "Block not available (pruned data)"],
    ["gettxoutproof", [["11".repeat(32)], hashAt(2)], "Block not available (pruned data)"],
    ["getrawtransaction", ["11".repeat(32), 0, hashAt(2)], "Block not available"],
  ])("is not there for %s %j", async (method, params, message) => {
    expect((await node.call(method, params)).error).toEqual({ code: -1, message });
  });

  test("is still known by its header", async () => {
    expect((await node.call("getblockheader", [hashAt(2)])).result).toMatchObject({ height: 2, nTx: 1 });
    expect((await node.call("getblock", [hashAt(300)])).error).toBeNull();
    const { result } = await node.call("gettxout", [displayHash(TIPS[1]!.block.transactions[0]!.txid), 0]);
    expect(result).toMatchObject({ confirmations: 347, coinbase: true });
  });

  test("is asked of a peer only where it is not above the tip", async () => {
    const next = mine(mine(TIPS.at(-1)!));
    const header = mine(TIPS.at(-1)!).block.header;
    await node.chain.submitHeaders([header, next.block.header]);
    expect((await node.call("getblockfrompeer", [displayHash(header.hash), 0])).error).toEqual({
      code: -1,
      message: "In prune mode, only blocks that the node has already synced previously can be fetched from a peer",
    });
    expect((await node.call("getblockfrompeer", [hashAt(2), 0])).error).toEqual({
      code: -1,
      message: "Peer does not exist",
    });
  });

  test("is shown by the page without what went with it", async () => {
    const [clock, state] = [new SystemClock(), new WebState()];
    const deps = { clock, log: new MemoryLog(), state, events: new EventStream({}, { clock }) };
    const app = await createWebApp({ version: "1", pageFolder: undefined }, deps);
    state.ready(webNodeOf(node));
    const get = async (path: string) => (await app.inject(`/api/v1/blockchain/blocks${path}`)).json();
    expect((await get("/2")).data).toMatchObject({ height: 2, transaction_count: 1, size_bytes: null, weight: null });
    expect((await get("/300")).data.size_bytes).toBe(TIPS[299]!.block.size);
    const { items } = (await get("?page=3&limit=100")).data;
    expect(items.at(-1)).toMatchObject({ height: 0, size_bytes: null, stripped_size_bytes: null });
    const refused = await get("/2/transactions");
    expect(refused.success).toBe(false);
    expect(JSON.stringify(refused.error)).toContain("Block 2 was pruned: only its header is kept.");
    await app.close();
  });

  test("comes back when it is submitted, but for the coins that it spent", async () => {
    const { block } = TIPS[2]!;
    const hex = Buffer.from(block.bytes).toString("hex");
    expect((await node.call("submitblock", [hex])).error).toBeNull();
    expect((await node.call("getblock", [hashAt(3), 0])).result).toBe(hex);
    expect((await node.call("getblockstats", [3])).error).toEqual({ code: -1, message: "Undo data not available" });
  });
});
