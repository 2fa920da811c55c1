import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RpcError } from "@bitfleet/api/errors.ts";
import { JsonObject } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GENESIS, KEY_SCRIPT, type Tip } from "../../chain/test-kit.ts";
import { FilterIndex } from "../../indexes/filter-index.ts";
import { NO_INDEXES } from "../../indexes/node-indexes.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { scanBlocksHandlers } from "./rpc-scan-blocks.ts";

const tips: readonly Tip[] = spendingChain();
const hashes = [GENESIS, ...tips].map(({ block }) => displayHash(block.hash));
/** What genesis pays to, and a script whose hash in the filter of genesis is the same. */
const GENESIS_SCRIPT = toHex(GENESIS.block.transactions[0]!.outputs[0]!.scriptPubKey);
const LOOKALIKE = "001400000000000000000000000000000000000cadcb";
const OURS = [`raw(${toHex(KEY_SCRIPT)})`];

let folder: string;
let node: TestNode;
let index: FilterIndex;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-scan-"));
  node = await openTestNode(folder, tips);
  const { chain, clock, log } = node;
  const onFatal = (error: Error) => {
    throw error;
  };
  index = await FilterIndex.open({ path: join(folder, "filters") }, { chain, clock, log, onFatal });
}, 60_000);

afterAll(async () => {
  await index.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const handlersWith = (blockFilters: FilterIndex | undefined) =>
  scanBlocksHandlers({
    chain: node.chain,
    indexes: { ...NO_INDEXES, blockFilters },
    secp256k1: portableSecp256k1,
  });
const CONTEXT = { wallet: undefined, positional: [], signal: new AbortController().signal, activeCalls: () => [] };

interface Asked {
  readonly action?: string;
  readonly objects?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly filtertype?: string;
  readonly checks?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into it
async function scan(asked: Asked, { scanblocks } = handlersWith(index)): Promise<any> {
  const { action = "start", objects, from = 0, to, filtertype = "basic", checks } = asked;
  const options = checks === undefined ? undefined : new JsonObject([["filter_false_positives", checks]]);
  const params = { action, scanobjects: objects, start_height: from, stop_height: to, filtertype, options };
  try {
    return await scanblocks(params, CONTEXT);
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
}

test("an index that has not come so far ends the search, which says so", async () => {
  const result = await scan({ objects: OURS });
  expect(result).toEqual({ from_height: 0, to_height: 0, relevant_blocks: [], completed: false });
  index.start();
  while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
});

test("finds the blocks that pay to a script, within the heights", async () => {
  expect(await scan({ objects: OURS })).toEqual({
    from_height: 0,
    to_height: 120,
    relevant_blocks: hashes.slice(1),
    completed: true,
  });
  expect((await scan({ objects: OURS, from: 33, to: 33 })).relevant_blocks).toEqual([hashes[33]]);
  expect((await scan({ objects: OURS, from: 30, to: 95 })).relevant_blocks).toEqual(hashes.slice(30, 96));
  expect((await scan({ objects: [], from: 119 })).relevant_blocks).toEqual([]);
});

test("looks into blocks whose filter matches where it is asked to", async () => {
  for (const checks of [undefined, false, true]) {
    const asked = { to: 1, ...(checks === undefined ? {} : { checks }) };
    expect((await scan({ objects: [`raw(${GENESIS_SCRIPT})`], ...asked })).relevant_blocks).toEqual([hashes[0]]);
    const found = (await scan({ objects: [`raw(${LOOKALIKE})`], ...asked })).relevant_blocks;
    expect(found).toEqual(checks ? [] : [hashes[0]]);
  }
});

test("refuses in Core's words", async () => {
  expect(await scan({ objects: OURS }, handlersWith(undefined))).toEqual({
    code: -1,
    message: "Index is not enabled for filtertype basic",
  });
  expect(await scan({ objects: OURS, filtertype: "x" })).toEqual({ code: -5, message: "Unknown filtertype" });
  for (const from of [-1, 121]) {
    expect(await scan({ objects: OURS, from })).toEqual({ code: -1, message: "Invalid start_height" });
  }
  for (const to of [9, 121]) {
    expect(await scan({ objects: OURS, from: 10, to })).toEqual({ code: -1, message: "Invalid stop_height" });
  }
  expect(await scan({ action: "foobar" })).toEqual({ code: -8, message: "Invalid action 'foobar'" });
  expect((await scan({ objects: ["raw(zz)"] })).code).toBe(-5);
});

test("one search at a time, which can be watched and ended", async () => {
  const handlers = handlersWith(index);
  expect(await scan({ action: "status" }, handlers)).toBeNull();
  expect(await scan({ action: "abort" }, handlers)).toBe(false);
  const searching = scan({ objects: OURS }, handlers);
  expect(await scan({ action: "status" }, handlers)).toEqual({ progress: 0, current_height: 0 });
  expect(await scan({ objects: OURS }, handlers)).toEqual({
    code: -8,
    message: 'Scan already in progress, use action "abort" or "status"',
  });
  expect(await scan({ action: "abort" }, handlers)).toBe(true);
  expect((await searching).completed).toBe(false);
  expect((await scan({ objects: OURS }, handlers)).completed).toBe(true);
});
