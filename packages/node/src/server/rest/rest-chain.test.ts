import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mineMany, submitAll } from "../../chain/test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { ADMIN_KEY, asAdmin, openRestTestNode, type RestTestNode } from "./rest-test-kit.ts";

const tips = spendingChain();
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const GENERATE = "/api/admin/mining/generatetoaddress";

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips, hasIndexes: false });
}, 60_000);
afterAll(() => rest.close());

const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const get = (url: string, headers: Record<string, string> = {}) => rest.app.inject({ method: "GET", url, headers });

describe("a block", () => {
  test("its ids and bytes, by height and by hash", async () => {
    const { block } = tips[119]!;
    const url = "/api/v1/blockchain/blocks";
    const ids = block.transactions.map(({ txid }) => displayHash(txid));
    expect(await rest.data("blockTransactionIds", `${url}/120/txids`)).toEqual(ids);
    expect(await rest.data("blockTransactionIds", `${url}/${hashAt(120)}/txids`)).toEqual(ids);
    expect(await rest.data("blockBytes", `${url}/120/hex`)).toEqual({ hash: hashAt(120), hex: toHex(block.bytes) });
    expect((await rest.refusal(`${url}/121/hex`))[0]).toBe(404);
    expect((await rest.refusal(`${url}/x/txids`))[0]).toBe(400);
  });
});

describe("what caches are told", () => {
  const url = `/api/v1/blockchain/blocks/${hashAt(100)}/txids`;

  test("by hash a block's transactions are kept for good; by height, and what counts confirmations, asked for each time", async () => {
    expect((await get(url)).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    for (const other of [
      "/api/v1/blockchain/blocks/100/txids",
      `/api/v1/blockchain/blocks/${hashAt(100)}`,
      "/api/v1/blockchain",
    ])
      expect((await get(other)).headers["cache-control"], other).toBe("no-cache");
  });

  test("nothing is sent again to who has it, and the tag changes with the data alone", async () => {
    const chain = "/api/v1/blockchain";
    const { etag } = (await get(chain)).headers;
    expect((await get(chain)).headers.etag).toBe(etag);
    for (const tag of [etag, `"x", ${etag}`, "*", String(etag).replace("W/", "")]) {
      const again = await get(chain, { "if-none-match": String(tag) });
      expect([again.statusCode, again.body, again.headers.etag], String(tag)).toEqual([304, "", etag]);
    }
    expect((await get(chain, { "if-none-match": '"x"' })).statusCode).toBe(200);
    const block = "/api/v1/blockchain/blocks/120";
    const before = (await get(block)).headers.etag;
    await rest.data("generateToAddress", asAdmin("POST", GENERATE, { address: ADDRESS, nblocks: 1 }));
    const after = await get(block, { "if-none-match": String(before) });
    expect([after.statusCode, after.json().data.confirmations]).toEqual([200, 2]);
  });

  test("what is for a key is kept by nobody", async () => {
    const response = await get("/api/admin/blockchain", { "x-api-key": ADMIN_KEY });
    expect([response.statusCode, response.headers["cache-control"], response.headers.etag]).toEqual([
      200,
      "no-store",
      undefined,
    ]);
  });

  test("errors are kept by nobody", async () => {
    expect((await get("/api/v1/blockchain/blocks/999999")).headers["cache-control"]).toBe("no-store");
  });
});

describe("making blocks", () => {
  const generate = (body: object) => asAdmin("POST", GENERATE, body);

  test("at once, to an address", async () => {
    const { height } = rest.node.chain.tip;
    const made = await rest.data("generateToAddress", generate({ address: ADDRESS, nblocks: 3 }));
    expect(made.block_hashes).toHaveLength(3);
    expect(made.message).toBe("3 of 3 blocks were made.");
    expect(displayHash(rest.node.chain.tip.hash)).toBe(made.block_hashes[2]);
    expect(rest.node.chain.tip.height).toBe(height + 3);
    expect(await rest.data("miningInfo", "/api/v1/mining/info")).toMatchObject({
      blocks: height + 3,
      chain: "regtest",
      pooledtx: 0,
      currentblocktx: 0,
      warnings: [],
    });
  });

  test.each([
    [{ address: ADDRESS, nblocks: 0 }, 400],
    [{ address: ADDRESS, nblocks: 1001 }, 400],
    [{ address: ADDRESS }, 400],
    [{ nblocks: 1 }, 400],
    [{ address: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", nblocks: 1 }, 400],
    [{ address: ADDRESS, nblocks: "1" }, 400],
    [{ address: ADDRESS, nblocks: 1, maxtries: 0 }, 400],
  ])("%j is refused, and no block is made", async (body, status) => {
    const { tip } = rest.node.chain;
    expect((await rest.refusal(generate(body)))[0]).toBe(status);
    expect(rest.node.chain.tip).toBe(tip);
  });

  test("is for who has the key", async () => {
    const { tip } = rest.node.chain;
    const request = { ...generate({ address: ADDRESS, nblocks: 1 }), headers: {} };
    expect((await rest.refusal(request))[0]).toBe(401);
    expect(rest.node.chain.tip).toBe(tip);
  });
});

test("tips: the active chain, then branches", async () => {
  await using own = await openRestTestNode({ tips: tips.slice(0, 10), hasIndexes: false });
  const branch = mineMany(tips[6]!, 2, { salt: 3 });
  await submitAll(own.node.chain, branch);
  expect(await own.data("chainTips", "/api/v1/blockchain/tips")).toEqual([
    { height: 10, hash: hashAt(10), branch_length: 0, status: "active" },
    { height: 9, hash: displayHash(branch[1]!.block.hash), branch_length: 2, status: "valid-headers" },
  ]);
});
