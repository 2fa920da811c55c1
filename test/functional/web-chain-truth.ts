import { expect } from "vitest";
import type { Answered, WebPair } from "./web-pair.ts";

/** Blocks, headers and transactions of blocks: what our routes say must be what Core says over JSON-RPC. */

const NO_HASH = "00".repeat(32);

export const satsOf = (coins: number) => Math.round(coins * 1e8);

/** Core prints sixteen digits of it. */
const near = (value: number) =>
  expect.toSatisfy((other: unknown) => typeof other === "number" && Math.abs(other / value - 1) < 1e-12);

const bitsOf = (field: unknown) => field ?? null;

/** A block with its transactions and the coins that they spend. By hash they do not change, but for what stands behind them. */
export async function coreBlock(pair: WebPair, hash: string): Promise<Answered> {
  return pair.core.call("getblock", hash, 3);
}

export async function compareChain(pair: WebPair): Promise<void> {
  const info = await pair.core.call<Answered>("getblockchaininfo");
  const stats = await pair.core.call<Answered>("getchaintxstats");
  expect(await pair.get("/blockchain"), "blockchain").toMatchObject({
    chain: info.chain,
    height: info.blocks,
    headers: info.headers,
    difficulty: near(info.difficulty),
    total_blocks: info.blocks + 1,
    total_transactions: stats.txcount,
    mempool_size: (await pair.core.call<Answered>("getmempoolinfo")).size,
    last_block_hash: info.bestblockhash,
    last_block_timestamp: info.time,
    chainwork: info.chainwork,
  });
  const tips = await pair.core.call<Answered>("getchaintips");
  const expected = tips.map((tip: Answered) => ({
    height: tip.height,
    hash: tip.hash,
    branch_length: tip.branchlen,
    status: tip.status,
  }));
  const byHash = (a: Answered, b: Answered) => (a.hash < b.hash ? -1 : 1);
  expect((await pair.get("/blockchain/tips")).toSorted(byHash), "tips").toEqual(expected.toSorted(byHash));
  await compareLists(pair, info.blocks);
}

async function compareLists(pair: WebPair, height: number): Promise<void> {
  const latest = await pair.get("/blockchain/blocks/latest?limit=4");
  const page = await pair.get("/blockchain/blocks?page=1&limit=2");
  expect(page, "page").toMatchObject({ total: height + 1, items: latest.slice(2) });
  for (const [index, block] of latest.entries()) {
    const hash = await pair.core.call<string>("getblockhash", height - index);
    expect(block.hash, `latest ${index}`).toBe(hash);
    expect(await pair.get(`/blockchain/blocks/${height - index}`), `block ${height - index}`).toEqual(block);
  }
}

/** `hash` may be of any block whose data both have, in the active chain or not. */
export async function compareBlock(pair: WebPair, hash: string): Promise<Answered> {
  const block = await coreBlock(pair, hash);
  const common = {
    hash,
    previous_hash: block.previousblockhash ?? NO_HASH,
    next_hash: bitsOf(block.nextblockhash),
    height: block.height,
    confirmations: block.confirmations,
    timestamp: block.time,
    median_time: block.mediantime,
    version: block.version,
    bits: block.bits,
    nonce: block.nonce,
    difficulty: near(block.difficulty),
    merkle_root: block.merkleroot,
    transaction_count: block.nTx,
  };
  expect(await pair.get(`/blockchain/blocks/${hash}`), `block ${hash}`).toEqual({
    ...common,
    size_bytes: block.size,
    stripped_size_bytes: block.strippedsize,
    weight: block.weight,
  });
  const [header] = await pair.get(`/blockchain/headers/${hash}`);
  const hex = await pair.core.call("getblockheader", hash, false);
  expect(header, `header ${hash}`).toEqual({ ...common, chainwork: block.chainwork, hex });
  const txids = block.tx.map(({ txid }: Answered) => txid);
  expect(await pair.get(`/blockchain/blocks/${hash}/txids`), `txids of ${hash}`).toEqual(txids);
  expect(await pair.get(`/blockchain/blocks/${hash}/hex`)).toEqual({
    hash,
    hex: await pair.core.call("getblock", hash, 0),
  });
  const { items, total } = await pair.get(`/blockchain/blocks/${hash}/transactions?limit=100`);
  expect(total).toBe(block.nTx);
  for (const [index, item] of items.entries()) {
    expect(item, `transaction ${index} of ${hash}`).toEqual({ ...viewOf(block.tx[index]), index });
  }
  for (const ending of ["json", "hex", "bin"]) {
    await pair.sameRest(`/rest/block/${hash}.${ending}`);
    await pair.sameRest(`/rest/spenttxouts/${hash}.${ending}`);
    await pair.sameRest(`/rest/headers/${hash}.${ending}?count=5`);
  }
  return block;
}

export async function compareFees(pair: WebPair, hash: string): Promise<void> {
  const stats = await pair.core.call<Answered>("getblockstats", hash);
  const { items } = await pair.get(`/blockchain/blocks/${hash}/transactions?limit=100`);
  if (items.length < stats.txs) return;
  const others = items.slice(1);
  const sum = (name: string) => others.reduce((total: number, item: Answered) => total + item[name], 0);
  expect({ fee: sum("fee"), size: sum("size_bytes"), weight: sum("weight"), out: sum("total_output") }, hash).toEqual({
    ...{ fee: stats.totalfee, size: stats.total_size, weight: stats.total_weight, out: stats.total_out },
  });
}

/** What both kinds of answers have of a transaction of Core's, whose coins are with it. */
export function viewOf(tx: Answered): Answered {
  const isCoinbase = tx.vin[0].coinbase !== undefined;
  return {
    txid: tx.txid,
    wtxid: tx.hash,
    is_coinbase: isCoinbase,
    version: tx.version,
    lock_time: tx.locktime,
    size_bytes: tx.size,
    virtual_size: tx.vsize,
    weight: tx.weight,
    fee: isCoinbase || tx.fee === undefined ? null : satsOf(tx.fee),
    total_output: tx.vout.reduce((sum: number, { value }: Answered) => sum + satsOf(value), 0),
    inputs: tx.vin.map(inputOf),
    outputs: tx.vout.map((output: Answered, index: number) => ({
      index,
      value: satsOf(output.value),
      script: scriptOf(output.scriptPubKey),
    })),
  };
}

function inputOf(input: Answered): Answered {
  const { coinbase, prevout } = input;
  return {
    coinbase: coinbase ?? null,
    txid: input.txid ?? null,
    vout: input.vout ?? null,
    // Core leaves a coinbase's script as it is.
    script_sig_asm: input.scriptSig?.asm ?? expect.any(String),
    script_sig_hex: input.scriptSig?.hex ?? coinbase,
    witness: input.txinwitness ?? [],
    sequence: input.sequence,
    prevout:
      prevout === undefined
        ? null
        : {
            value: satsOf(prevout.value),
            height: prevout.height,
            is_coinbase: prevout.generated,
            script: scriptOf(prevout.scriptPubKey),
          },
  };
}

const scriptOf = ({ type, asm, hex, address }: Answered) => ({ type, asm, hex, address: address ?? null });
