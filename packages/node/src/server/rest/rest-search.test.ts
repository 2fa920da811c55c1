import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rewardOf, spend } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const tips = spendingChain();
const waiting = spend([rewardOf(tips[0]!)]);
const blockHash = displayHash(tips[119]!.block.hash);
const txid = displayHash(tips[119]!.block.transactions[1]!.txid);
const waitingId = displayHash(waiting.txid);

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
  await rest.node.mempool.accept(waiting);
}, 60_000);
afterAll(() => rest.close());

test.each([
  ["120", [{ kind: "block", id: blockHash, height: 120, block_hash: blockHash }]],
  [" 120 ", [{ kind: "block", id: blockHash, height: 120, block_hash: blockHash }]],
  ["121", []],
  [blockHash, [{ kind: "block", id: blockHash, height: 120, block_hash: blockHash }]],
  [txid, [{ kind: "transaction", id: txid, height: 120, block_hash: blockHash }]],
  [txid.toUpperCase(), [{ kind: "transaction", id: txid, height: 120, block_hash: blockHash }]],
  [`${txid}:0`, [{ kind: "output", id: `${txid}:0`, height: 120, block_hash: blockHash }]],
  [`${txid}:9`, []],
  [waitingId, [{ kind: "transaction", id: waitingId, height: null, block_hash: null }]],
  ["ab".repeat(32), []],
  [
    "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    [{ kind: "address", id: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", height: null, block_hash: null }],
  ],
  // Of another network, with a wrong digit, or nothing at all.
  ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", []],
  ["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt081", []],
  ["satoshi", []],
  ["   ", []],
])("'%s'", async (text, hits) => {
  expect(await rest.data("search", `/api/v1/search?q=${encodeURIComponent(text)}`)).toEqual(hits);
});

test.each(["", "?q=", `?q=${"a".repeat(129)}`])("nothing to search for, or too much: '%s'", async (query) => {
  expect((await rest.refusal(`/api/v1/search${query}`))[0]).toBe(400);
});

test("a transaction that was replaced is told from one that waits", async () => {
  const better = spend([rewardOf(tips[0]!)], { fee: 9000n });
  await rest.node.mempool.accept(better);
  const kindOf = async (id: string) => (await rest.data("search", `/api/v1/search?q=${id}`))[0]?.kind;
  expect(await kindOf(waitingId)).toBe("gone-transaction");
  expect(await kindOf(displayHash(better.txid))).toBe("transaction");
});
