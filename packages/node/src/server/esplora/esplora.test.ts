import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { encodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mineMany, rewardOf, spend, spendableOf, submitAll } from "../../chain/test-kit.ts";
import { openRestTestNode, type RestTestNode } from "../rest/rest-test-kit.ts";
import { spendingChain } from "../test-kit.ts";
import { esploraAsm, esploraScript } from "./esplora-script.ts";

const tips = spendingChain();
const tip = tips[119]!;
const hashAt = (height: number) => displayHash(tips[height - 1]!.block.hash);
const idOf = (tx: Transaction) => displayHash(tx.txid);
const payment = spend([rewardOf(tips[0]!)], { outputCount: 2, fee: 2000n });
const child = spend([spendableOf(payment, 1)], { fee: 5000n });

let rest: RestTestNode;
beforeAll(async () => {
  rest = await openRestTestNode({ tips });
  for (const tx of [payment, child]) await rest.node.mempool.accept(tx);
}, 60_000);
afterAll(() => rest.close());

const ask = (path: string) => rest.app.inject({ method: "GET", url: `/esplora${path}` });
/** The text of an answer with status 200. */
async function text(path: string): Promise<string> {
  const response = await ask(path);
  expect([response.statusCode, response.headers["content-type"]], path).toEqual([200, "text/plain; charset=utf-8"]);
  return response.body;
}
async function json(path: string) {
  const response = await ask(path);
  expect([response.statusCode, response.headers["content-type"]], path).toEqual([
    200,
    "application/json; charset=utf-8",
  ]);
  return response.json();
}
async function refusal(path: string): Promise<readonly [number, string]> {
  const response = await ask(path);
  expect(response.headers["content-type"]).toBe("text/plain; charset=utf-8");
  return [response.statusCode, response.body];
}

describe("blocks", () => {
  test("the tip", async () => {
    expect(await text("/blocks/tip/height")).toBe("120");
    expect(await text("/blocks/tip/hash")).toBe(hashAt(120));
    expect(await text("/block-height/7")).toBe(hashAt(7));
    expect(await refusal("/block-height/121")).toEqual([404, "Block not found"]);
  });

  test("one, in all its forms", async () => {
    const { block } = tip;
    expect(await json(`/block/${hashAt(120)}`)).toEqual({
      id: hashAt(120),
      height: 120,
      version: block.header.version,
      timestamp: block.header.time,
      tx_count: 4,
      size: block.size,
      weight: block.weight,
      merkle_root: displayHash(block.header.merkleRoot),
      previousblockhash: hashAt(119),
      mediantime: tips[114]!.block.header.time,
      nonce: block.header.nonce,
      bits: 0x207fffff,
      difficulty: 4.6565423739069247e-10,
    });
    expect(await text(`/block/${hashAt(120)}/header`)).toBe(toHex(encodeBlockHeader(block.header)));
    const raw = await ask(`/block/${hashAt(120)}/raw`);
    expect(raw.headers["content-type"]).toBe("application/octet-stream");
    expect(toHex(raw.rawPayload)).toBe(toHex(block.bytes));
    expect(await json(`/block/${hashAt(120)}/txids`)).toEqual(block.transactions.map(idOf));
    expect(await text(`/block/${hashAt(120)}/txid/1`)).toBe(idOf(block.transactions[1]!));
    expect(await json(`/block/${hashAt(119)}/status`)).toEqual({
      in_best_chain: true,
      height: 119,
      next_best: hashAt(120),
    });
    expect(await json(`/block/${hashAt(120)}/status`)).toEqual({ in_best_chain: true, height: 120 });
    expect((await refusal(`/block/${hashAt(120)}/txid/9`))[0]).toBe(404);
    expect(await refusal(`/block/${"ab".repeat(32)}`)).toEqual([404, "Block not found"]);
    expect(await refusal("/block/xyz")).toEqual([400, "Invalid hex string"]);
  });

  test("ten at a time, downwards", async () => {
    const heights = async (path: string) => (await json(path)).map(({ height }: { height: number }) => height);
    expect(await heights("/blocks")).toEqual([120, 119, 118, 117, 116, 115, 114, 113, 112, 111]);
    expect(await heights("/blocks/4")).toEqual([4, 3, 2, 1, 0]);
    expect(await heights("/blocks/999")).toEqual(await heights("/blocks"));
    expect(await json("/blocks/0")).toMatchObject([{ height: 0, previousblockhash: null }]);
  });

  test("their transactions, 25 at a time", async () => {
    const all = await json(`/block/${hashAt(120)}/txs`);
    expect(all.map(({ txid }: { txid: string }) => txid)).toEqual(tip.block.transactions.map(idOf));
    expect(all[0]).toMatchObject({ fee: 0, vin: [{ is_coinbase: true, prevout: null }] });
    expect(await refusal(`/block/${hashAt(120)}/txs/1`)).toEqual([400, "start index must be a multiple of 25"]);
    expect((await refusal(`/block/${hashAt(120)}/txs/25`))[0]).toBe(400);
  });
});

describe("transactions", () => {
  test("of a block", async () => {
    const tx = tip.block.transactions[1]!;
    const status = { confirmed: true, block_height: 120, block_hash: hashAt(120), block_time: tip.block.header.time };
    expect(await json(`/tx/${idOf(tx)}`)).toMatchObject({
      txid: idOf(tx),
      version: 2,
      locktime: 0,
      size: tx.size,
      weight: tx.weight,
      fee: 1000,
      status,
      vin: [
        {
          vout: 0,
          is_coinbase: false,
          scriptsig: "",
          scriptsig_asm: "",
          sequence: 0xfffffffe,
          prevout: {
            value: 5_000_000_000,
            scriptpubkey_type: "v0_p2wpkh",
            scriptpubkey_address: expect.stringMatching(/^bcrt1q/),
          },
          witness: tx.inputs[0]!.witness.map(toHex),
        },
      ],
    });
    expect(await json(`/tx/${idOf(tx)}/status`)).toEqual(status);
    expect(await text(`/tx/${idOf(tx)}/hex`)).toBe(toHex(tx.bytes));
    expect(toHex((await ask(`/tx/${idOf(tx)}/raw`)).rawPayload)).toBe(toHex(tx.bytes));
    const proof = await json(`/tx/${idOf(tx)}/merkle-proof`);
    expect(proof).toMatchObject({ block_height: 120, pos: 1 });
    expect(proof.merkle).toHaveLength(2);
    expect(proof.merkle[0]).toBe(idOf(tip.block.transactions[0]!));
    expect(await text(`/tx/${idOf(tx)}/merkleblock-proof`)).toMatch(
      new RegExp(`^${toHex(encodeBlockHeader(tip.block.header))}`),
    );
  });

  test("that wait, and what spends them", async () => {
    expect(await json(`/tx/${idOf(child)}`)).toMatchObject({ fee: 5000, status: { confirmed: false } });
    expect(await json(`/tx/${idOf(payment)}/outspends`)).toEqual([
      { spent: false },
      { spent: true, txid: idOf(child), vin: 0, status: { confirmed: false } },
    ]);
    expect(await json(`/tx/${idOf(payment)}/outspend/1`)).toMatchObject({ spent: true });
    expect(await json(`/tx/${idOf(payment)}/outspend/7`)).toEqual({ spent: false });
    const split = tip.block.transactions[1]!;
    expect(await json(`/tx/${idOf(split)}/outspend/0`)).toMatchObject({
      spent: true,
      txid: idOf(tip.block.transactions[2]!),
      vin: 0,
      status: { confirmed: true, block_height: 120 },
    });
    expect((await refusal(`/tx/${idOf(payment)}/merkle-proof`))[0]).toBe(404);
  });

  test("that are not there", async () => {
    for (const end of ["", "/hex", "/status", "/outspends", "/merkle-proof"])
      expect((await refusal(`/tx/${"ab".repeat(32)}${end}`))[0], end).toBe(404);
    expect(await refusal("/tx/5")).toEqual([400, "Invalid hex string"]);
  });

  test("are broadcast, as clients post them: with a type of text, of a form, or none", async () => {
    const post = (payload: string, type?: string) =>
      rest.app.inject({
        method: "POST",
        url: "/esplora/tx",
        payload,
        headers: type === undefined ? {} : { "content-type": type },
      });
    const types = [undefined, "text/plain", "application/x-www-form-urlencoded", "application/json"];
    for (const [index, type] of types.entries()) {
      const tx = spend([rewardOf(tips[index + 1]!)]);
      const response = await post(toHex(tx.bytes), type);
      expect([response.statusCode, response.body], String(type)).toEqual([200, idOf(tx)]);
      expect(rest.node.mempool.has(tx.txid)).toBe(true);
    }
    const bad = await post(toHex(spend([rewardOf(tips[20]!)], { badSignature: true }).bytes));
    expect([bad.statusCode, bad.body]).toEqual([400, expect.stringContaining("mempool-script-verify-flag-failed")]);
    expect((await post("hello")).statusCode).toBe(400);
    expect((await post("ab".repeat(900_000))).statusCode).toBe(413);
  });

  test("are broadcast together", async () => {
    const parent = spend([rewardOf(tips[20]!)], { fee: 0n });
    const payer = spend([spendableOf(parent)], { fee: 3000n });
    const post = (payload: string) => rest.app.inject({ method: "POST", url: "/esplora/txs/package", payload });
    const response = await post(JSON.stringify([parent, payer].map((tx) => toHex(tx.bytes))));
    expect(response.json()).toMatchObject({ package_msg: "success" });
    const brackets = await post("[".repeat(400_000) + "]".repeat(400_000));
    expect([brackets.statusCode, brackets.body]).toEqual([400, expect.stringContaining("at most 25")]);
    for (const wrong of ["{}", "[1]", "x", JSON.stringify(Array.from({ length: 26 }, () => "00"))])
      expect((await post(wrong)).statusCode, wrong).toBe(400);
  });
});

describe("the mempool", () => {
  test("at a glance, by id, and the newest", async () => {
    const { mempool } = rest.node;
    expect(await json("/mempool")).toMatchObject({
      count: mempool.size,
      vsize: mempool.virtualSize,
      total_fee: Number(mempool.totalFee),
    });
    const ids: string[] = await json("/mempool/txids");
    expect([...ids].sort()).toEqual([...mempool.entries()].map(({ tx }) => idOf(tx)).sort());
    const recent = await json("/mempool/recent");
    expect(recent.length).toBe(Math.min(10, mempool.size));
    expect(recent[0]).toMatchObject({ fee: expect.any(Number), vsize: expect.any(Number), value: expect.any(Number) });
  });

  test("fees of which nothing is known are left out", async () => {
    expect(await json("/fee-estimates")).toEqual({});
  });
});

test("what is not there is a line of text", async () => {
  expect(await refusal("/nothing")).toEqual([404, "endpoint does not exist"]);
  expect((await rest.app.inject({ method: "DELETE", url: "/esplora/mempool" })).statusCode).toBe(404);
});

test("a block of a branch has no status of the chain, nor have its transactions", async () => {
  await using own = await openRestTestNode({ tips: tips.slice(0, 10) });
  const branch = mineMany(tips[7]!, 1, { salt: 7 });
  await submitAll(own.node.chain, branch);
  const hash = displayHash(branch[0]!.block.hash);
  const get = async (path: string) =>
    (await own.app.inject({ method: "GET", url: `/esplora/block/${hash}${path}` })).json();
  expect(await get("/status")).toEqual({ in_best_chain: false });
  expect(await get("/txs")).toMatchObject([{ status: { confirmed: false } }]);
});

describe("scripts in words", () => {
  test.each([
    ["", ""],
    ["00", "OP_0"],
    [`0014${"ab".repeat(20)}`, `OP_0 OP_PUSHBYTES_20 ${"ab".repeat(20)}`],
    [`5120${"cd".repeat(32)}`, `OP_PUSHNUM_1 OP_PUSHBYTES_32 ${"cd".repeat(32)}`],
    [`76a914${"ab".repeat(20)}88ac`, `OP_DUP OP_HASH160 OP_PUSHBYTES_20 ${"ab".repeat(20)} OP_EQUALVERIFY OP_CHECKSIG`],
    ["4f60b1b2", "OP_PUSHNUM_NEG1 OP_PUSHNUM_16 OP_CLTV OP_CSV"],
    ["4c02abcd", "OP_PUSHDATA1 abcd"],
    ["4d0100ff", "OP_PUSHDATA2 ff"],
    ["babbff", "OP_CHECKSIGADD OP_RETURN_187 OP_RETURN_255"],
    // Cut off.
    ["03ab", "OP_PUSHBYTES_3 <push past end>"],
    ["4d01", "<unexpected end>"],
  ])("%s", (hex, words) => {
    expect(esploraAsm(fromHex(hex))).toBe(words);
  });

  test.each([
    ["", "empty"],
    ["6a", "op_return"],
    ["6aff", "op_return"],
    ["51024e73", "anchor"],
    [`21${"02".repeat(33)}ac`, "p2pk"],
    ["ac", "unknown"],
  ])("the type of '%s' is %s", (hex, type) => {
    expect(esploraScript(fromHex(hex), rest.node.chain.network.addressPrefixes).scriptpubkey_type).toBe(type);
  });
});
