import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RpcError } from "@bitfleet/api/errors.ts";
import type { RpcValue } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { buildBasicFilter, filterHashOf, filterHeaderOf } from "@bitfleet/protocol/filters/block-filter.ts";
import { displayHash, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mineMany, submitAll, type Tip } from "../../chain/test-kit.ts";
import { FilterIndex } from "../../indexes/filter-index.ts";
import { NO_INDEXES } from "../../indexes/node-indexes.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { indexHandlers } from "./rpc-indexes.ts";

const tips: readonly Tip[] = spendingChain();
const hashOf = ({ block }: Tip) => displayHash(block.hash);
const UNKNOWN_HASH = "ab".repeat(32);

let folder: string;
let node: TestNode;
let index: FilterIndex;
let handlers: ReturnType<typeof indexHandlers>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-indexes-"));
  node = await openTestNode(folder, tips);
  const { chain, clock, log } = node;
  const onFatal = (error: Error) => {
    throw error;
  };
  index = await FilterIndex.open({ path: join(folder, "filters") }, { chain, clock, log, onFatal });
  handlers = indexHandlers({ chain, indexes: { ...NO_INDEXES, blockFilters: index, all: [index] } });
}, 60_000);

afterAll(async () => {
  await index.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

async function filterOf(blockhash: string, filtertype = "basic"): Promise<RpcValue> {
  try {
    return await handlers.getblockfilter({ blockhash, filtertype });
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
}

const infoOf = (index_name?: string) => handlers.getindexinfo({ index_name });

describe("without an index", () => {
  test("there is nothing to tell, and no filter", async () => {
    expect((await node.call("getindexinfo")).result).toEqual({});
    expect((await node.call("getblockfilter", [hashOf(tips[0]!)])).error).toEqual({
      code: -1,
      message: "Index is not enabled for filtertype basic",
    });
    // Before the block is looked for, but after hash and type.
    expect((await node.call("getblockfilter", [UNKNOWN_HASH])).error?.code).toBe(-1);
    expect((await node.call("getblockfilter", [UNKNOWN_HASH, "other"])).error).toEqual({
      code: -5,
      message: "Unknown filtertype",
    });
    expect((await node.call("getblockfilter", ["abc", "other"])).error).toEqual({
      code: -8,
      message: "blockhash must be of length 64 (not 3, for 'abc')",
    });
  });
});

describe("getblockfilter and getindexinfo", () => {
  test("while the index has not caught up", async () => {
    expect(infoOf()).toEqual({ "basic block filter index": { synced: false, best_block_height: 0 } });
    expect(await filterOf(hashOf(tips.at(-1)!))).toEqual({
      code: -1,
      message: "Filter not found. Block filters are still in the process of being indexed.",
    });
    index.start();
    while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
  });

  test("filter and header of a block, and of one that connected a moment ago", async () => {
    const entry = node.chain.blockAt(116)!;
    const filter = buildBasicFilter(await node.chain.readBlock(entry), await node.chain.readUndo(entry));
    const before = (await filterOf(displayHash(entry.previous!.hash))) as { readonly header: string };
    const header = displayHash(filterHeaderOf(filterHashOf(filter), parseDisplayHash(before.header)!));
    expect(await filterOf(displayHash(entry.hash))).toEqual({ filter: toHex(filter), header });

    const [next] = mineMany(tips.at(-1)!, 1);
    await submitAll(node.chain, [next!]);
    expect(Object.keys((await filterOf(hashOf(next!))) as object)).toEqual(["filter", "header"]);
    expect(infoOf()).toEqual({ "basic block filter index": { synced: true, best_block_height: 121 } });
  });

  test("only the index that is asked for", () => {
    expect(Object.keys(infoOf("basic block filter index") as object)).toEqual(["basic block filter index"]);
    expect(infoOf("txindex")).toEqual({});
    expect(Object.keys(infoOf("") as object).length).toBe(1);
  });

  test("a block that is not known, was never connected, or another type", async () => {
    expect(await filterOf(UNKNOWN_HASH)).toEqual({ code: -5, message: "Block not found" });
    expect(await filterOf(hashOf(tips[0]!), "extended")).toEqual({ code: -5, message: "Unknown filtertype" });
    const [stale] = mineMany(tips[110]!, 1, { salt: 5 });
    await submitAll(node.chain, [stale!]);
    expect(await filterOf(hashOf(stale!))).toEqual({
      code: -5,
      message: "Filter not found. Block was not connected to active chain.",
    });
  });

  test("a filter that should be there and is not", async () => {
    await rm(join(folder, "filters", "fltr00000.dat"));
    expect(await filterOf(hashOf(tips[0]!))).toEqual({
      code: -32603,
      message: "Filter not found. This error is unexpected and indicates index corruption.",
    });
  });
});
