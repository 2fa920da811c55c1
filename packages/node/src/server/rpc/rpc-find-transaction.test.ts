import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RpcError } from "@bitfleet/api/errors.ts";
import type { JsonValue } from "@bitfleet/api/json.ts";
import { parseJson } from "@bitfleet/api/json.ts";
import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mine, mineMany, rewardOf, spend, submitAll, type Tip } from "../../chain/test-kit.ts";
import { systemRandom } from "../../clock.ts";
import { NO_INDEXES, type NodeIndexes } from "../../indexes/node-indexes.ts";
import { SpenderIndex } from "../../indexes/spender-index.ts";
import { TxIndex } from "../../indexes/tx-index.ts";
import { openTestNode, spendingChain, type TestNode } from "../test-kit.ts";
import { findTransactionHandlers } from "./rpc-find-transaction.ts";
import { proofHandlers } from "./rpc-proofs.ts";
import { spendingHandlers } from "./rpc-spending.ts";

const tips: readonly Tip[] = spendingChain();
const { block } = tips.at(-2)!;
/** Both outputs of the first are spent by the second. */
const [coinbase, spent, spender] = block.transactions;
const UNKNOWN = "ab".repeat(32);
const unconfirmed = spend([rewardOf(tips[20]!)]);

let folder: string;
let node: TestNode;
let indexes: NodeIndexes & { readonly transactions: TxIndex; readonly spenders: SpenderIndex };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bitfleet-rpc-find-"));
  node = await openTestNode(folder, tips);
  const { chain, clock, log } = node;
  const onFatal = (error: Error) => {
    throw error;
  };
  const deps = { chain, clock, log, onFatal, random: systemRandom };
  const transactions = await TxIndex.open({ path: join(folder, "txindex") }, deps);
  const spenders = await SpenderIndex.open({ path: join(folder, "spenders") }, deps);
  indexes = { ...NO_INDEXES, transactions, spenders };
  expect((await node.mempool.accept(unconfirmed)).kind).toBe("accepted");
}, 60_000);

afterAll(async () => {
  await indexes.transactions.close();
  await indexes.spenders.close();
  await node.close();
  await rm(folder, { recursive: true, force: true });
});

const handlers = () => {
  const deps = { chain: node.chain, indexes, mempool: node.mempool, secp256k1: portableSecp256k1 };
  return { ...findTransactionHandlers(deps), ...proofHandlers(deps), ...spendingHandlers(deps) };
};
const errorOf = async (asked: Promise<unknown>) => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
};
// biome-ignore lint/suspicious/noExplicitAny: tests look into it
const find = (txid: string, verbosity = 0, blockhash?: string): Promise<any> =>
  errorOf(handlers().getrawtransaction({ txid, verbosity, blockhash }));
const prove = (...txids: string[]) => errorOf(handlers().gettxoutproof({ txids, blockhash: undefined }));
const json = (value: unknown): JsonValue => parseJson(JSON.stringify(value));
// biome-ignore lint/suspicious/noExplicitAny: tests look into it
const spending = (outputs: readonly unknown[], options?: unknown): Promise<any> =>
  errorOf(
    handlers().gettxspendingprevout({
      outputs: outputs.map(json),
      options: options === undefined ? undefined : (json(options) as never),
    }),
  );
const notFound = (reason: string) => ({ code: -5, message: `${reason}. Use gettransaction for wallet transactions.` });
const unavailable = { code: -1, message: "Mempool lacks a relevant spend, and txospenderindex is unavailable." };
const output = { txid: displayHash(spent!.txid), vout: 0 };

describe("without an index", () => {
  test("a block must be given", async () => {
    const answer = await node.call("getrawtransaction", [displayHash(spent!.txid)]);
    const hint = "Use -txindex or provide a block hash to enable blockchain transaction queries";
    expect(answer.error).toEqual(notFound(`No such mempool transaction. ${hint}`));
    expect((await node.call("gettxoutproof", [[displayHash(spent!.txid)]])).error).toEqual({
      code: -5,
      message: "Transaction not yet in block",
    });
  });

  test("only the mempool knows spenders", async () => {
    expect((await node.call("gettxspendingprevout", [[output]])).result).toEqual([output]);
    expect((await node.call("gettxspendingprevout", [[output], { mempool_only: false }])).error).toEqual(unavailable);
  });
});

describe("while an index is catching up", () => {
  test("what is not found may still be there", async () => {
    const hint = "Blockchain transactions are still in the process of being indexed";
    expect(await find(displayHash(spent!.txid))).toEqual(notFound(`No such mempool transaction. ${hint}`));
    expect(await spending([output])).toEqual(unavailable);
    expect(await spending([output], { mempool_only: true })).toEqual([output]);
    expect(await prove(displayHash(spent!.txid))).toEqual({ code: -5, message: "Transaction not yet in block" });
  });
});

describe("with an index", () => {
  beforeAll(async () => {
    for (const index of [indexes.transactions, indexes.spenders]) {
      index.start();
      while (!index.isSynced) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test("a transaction is found in any block", async () => {
    expect(await find(displayHash(spent!.txid))).toBe(toHex(spent!.bytes));
    const shown = await find(displayHash(spender!.txid), 1);
    expect(shown).toMatchObject({
      txid: displayHash(spender!.txid),
      blockhash: displayHash(block.hash),
      confirmations: 2,
      time: block.header.time,
      blocktime: block.header.time,
    });
    expect([shown.in_active_chain, shown.fee, shown.vin[0].prevout]).toEqual([undefined, undefined, undefined]);
  });

  test("verbosity 2 shows what is spent, and nothing more of a coinbase or of what has no block", async () => {
    const shown = await find(displayHash(spender!.txid), 2);
    const values = shown.vin.map(({ prevout }: { prevout: { value: { text: string } } }) => Number(prevout.value.text));
    expect(values).toEqual(spent!.outputs.map(({ value }) => Number(value) / 1e8));
    expect(Number(shown.fee.text)).toBeGreaterThan(0);
    expect((await find(displayHash(coinbase!.txid), 2)).fee).toBeUndefined();
    const waiting = await find(displayHash(unconfirmed.txid), 2);
    expect([waiting.fee, waiting.blockhash, waiting.in_active_chain]).toEqual([undefined, undefined, undefined]);
  });

  test("a block that is given is the one that is looked in", async () => {
    const other = displayHash(tips[0]!.block.hash);
    expect(await find(displayHash(spent!.txid), 1, other)).toEqual(
      notFound("No such transaction found in the provided block"),
    );
    const shown = await find(displayHash(spent!.txid), 1, displayHash(block.hash));
    expect(shown.in_active_chain).toBe(true);
    expect(await find(UNKNOWN)).toEqual(notFound("No such mempool or blockchain transaction"));
  });

  test("proofs need no unspent output", async () => {
    const proof = (await prove(displayHash(spent!.txid), displayHash(spender!.txid))) as string;
    expect((await node.call("verifytxoutproof", [proof])).result).toEqual([
      displayHash(spent!.txid),
      displayHash(spender!.txid),
    ]);
    expect(await prove(UNKNOWN)).toEqual({ code: -5, message: "Transaction not yet in block" });
  });

  test("spenders in the chain come behind those in the mempool", async () => {
    const waiting = { txid: displayHash(rewardOf(tips[20]!).outPoint.txid), vout: 0 };
    const unspent = { txid: displayHash(unconfirmed.txid), vout: 0 };
    const answers = await spending([output, unspent, waiting], { return_spending_tx: true });
    expect(answers).toEqual([
      { ...waiting, spendingtxid: displayHash(unconfirmed.txid), spendingtx: toHex(unconfirmed.bytes) },
      {
        ...output,
        spendingtxid: displayHash(spender!.txid),
        spendingtx: toHex(spender!.bytes),
        blockhash: displayHash(block.hash),
      },
      unspent,
    ]);
    expect(await spending([output], { mempool_only: true })).toEqual([output]);
    expect(await spending([])).toEqual({ code: -8, message: "Invalid parameter, outputs are missing" });
    expect(await spending([{ ...output, vout: -1 }])).toEqual({
      code: -8,
      message: "Invalid parameter, vout cannot be negative",
    });
  });

  test("what only a block has that was left is shown with it, unconfirmed", async () => {
    const left = mine(tips.at(-1)!, { salt: 5 });
    const txid = displayHash(left.block.transactions[0]!.txid);
    await submitAll(node.chain, [left]);
    expect((await find(txid, 1)).confirmations).toBe(1);
    await submitAll(node.chain, mineMany(tips.at(-1)!, 2, { salt: 6 }));
    const shown = await find(txid, 2);
    expect(shown).toMatchObject({ blockhash: displayHash(left.block.hash), confirmations: 0 });
    expect([shown.time, shown.blocktime]).toEqual([undefined, undefined]);
  });
});
