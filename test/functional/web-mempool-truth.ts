import { expect } from "vitest";
import { satsOf, viewOf } from "./web-chain-truth.ts";
import type { Answered, WebPair } from "./web-pair.ts";

/** What waits, and single transactions wherever they are: our routes beside Core's calls. */

/** Projected blocks may be a second old, and a kept answer of them another one. */
const PROJECTION_AGE_MS_MAX = 2500;
const POLL_MS = 100;
/** Satoshis for 1000 vbytes below which nothing is mined (-blockmintxfee). */
const LEAST_FEERATE = 1;

const feerate = (coins: number) => satsOf(coins);

/** Returns the txids that wait. */
export async function compareMempool(pair: WebPair): Promise<readonly string[]> {
  const info = await pair.core.call<Answered>("getmempoolinfo");
  expect(await pair.get("/mempool"), "mempool").toMatchObject({
    is_loaded: info.loaded,
    transaction_count: info.size,
    virtual_size: info.bytes,
    total_fee: satsOf(info.total_fee),
    usage_bytes_max: info.maxmempool,
    min_feerate_sat_per_kvb: feerate(info.mempoolminfee),
    relay_feerate_sat_per_kvb: feerate(info.minrelaytxfee),
    incremental_feerate_sat_per_kvb: feerate(info.incrementalrelayfee),
  });
  const entries = await pair.core.call<Answered>("getrawmempool", true);
  const seen: Answered[] = [];
  for (let cursor = ""; ; ) {
    const { items, next_cursor } = await pair.get(`/transactions/mempool?limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  expect(seen.map(({ txid }) => txid).toSorted(), "list of the mempool").toEqual(Object.keys(entries).toSorted());
  for (const line of seen) {
    const entry = entries[line.txid];
    const { wtxid, time, fee, virtual_size, weight } = line;
    expect({ wtxid, time, fee, virtual_size, weight }, line.txid).toEqual({
      ...{ wtxid: entry.wtxid, time: entry.time, fee: satsOf(entry.fees.base) },
      ...{ virtual_size: entry.vsize, weight: entry.weight },
    });
  }
  await compareProjection(pair, entries);
  return Object.keys(entries);
}

/**
 * A mempool this small makes one block, of all whose chunk pays what miners take at all. `getblocktemplate` may be older than the last
 * change, and is compared where it is not.
 */
async function compareProjection(pair: WebPair, entries: Answered): Promise<void> {
  const isTaken = ({ fees, chunkweight }: Answered) => satsOf(fees.chunk) * 4000 >= LEAST_FEERATE * chunkweight;
  const taken = Object.values<Answered>(entries).filter(isTaken);
  const sum = (field: (entry: Answered) => number) => taken.reduce((all, entry) => all + field(entry), 0);
  await projects(pair, {
    transaction_count: taken.length,
    total_fee: sum(({ fees }) => satsOf(fees.base)),
    weight: sum(({ weight }) => weight),
  });
  for (const [txid, entry] of Object.entries(entries).slice(0, 5)) {
    const { mempool } = await pair.get(`/transactions/${txid}`);
    expect(mempool.projected_block, `projected block of ${txid}`).toBe(isTaken(entry) ? 0 : null);
  }
}

/** The first projected block beside a template that is made now: the clock of both has gone on. */
export async function compareTemplate(pair: WebPair): Promise<void> {
  const { transactions } = await pair.core.call<Answered>("getblocktemplate", { rules: ["segwit"] });
  const sum = (name: string) => transactions.reduce((all: number, tx: Answered) => all + tx[name], 0);
  await projects(pair, { transaction_count: transactions.length, total_fee: sum("fee"), weight: sum("weight") });
}

async function projects(pair: WebPair, expected: Answered): Promise<void> {
  const deadline = performance.now() + PROJECTION_AGE_MS_MAX;
  for (;;) {
    const { blocks } = await pair.get("/mempool/blocks");
    const { transaction_count = 0, total_fee = 0, weight = 0 } = blocks[0] ?? {};
    const found = { transaction_count, total_fee, weight };
    const isSame = JSON.stringify(found) === JSON.stringify(expected);
    if (isSame || performance.now() > deadline) {
      expect(found, "projected block 0").toEqual(expected);
      break;
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** One that waits. */
export async function compareWaiting(pair: WebPair, txid: string): Promise<void> {
  const detail = await pair.get(`/transactions/${txid}`);
  expect(await pair.get(`/transactions/mempool/${txid}`)).toEqual(detail);
  await compareDetail(pair, txid, detail);
  const entry = await pair.core.call<Answered>("getmempoolentry", txid);
  expect(detail.mempool, `standing of ${txid}`).toMatchObject({
    time: entry.time,
    height: entry.height,
    feerate_sat_per_kvb: Math.floor((satsOf(entry.fees.base) * 1000) / entry.vsize),
    chunk_feerate_sat_per_kvb: Math.floor((satsOf(entry.fees.chunk) * 1000) / Math.ceil(entry.chunkweight / 4)),
    modified_fee: satsOf(entry.fees.modified),
    ancestor_count: entry.ancestorcount,
    descendant_count: entry.descendantcount,
    depends_on: entry.depends.toSorted(),
    spent_by: entry.spentby.toSorted(),
    signals_replacement: entry["bip125-replaceable"] ?? expect.any(Boolean),
  });
  await compareCluster(pair, txid);
}

async function compareCluster(pair: WebPair, txid: string): Promise<void> {
  const cluster = await pair.core.call<Answered>("getmempoolcluster", txid);
  const ours = await pair.get(`/mempool/clusters/${txid}`);
  expect(ours.transactions.length, `cluster of ${txid}`).toBe(cluster.txcount);
  expect(ours.chunks.length).toBe(cluster.chunks.length);
  const members = new Set(cluster.chunks.flatMap(({ txs }: Answered) => txs));
  const seen = new Set<string>();
  for (const member of ours.transactions) {
    expect(members.has(member.txid), member.txid).toBe(true);
    for (const parent of member.depends_on) expect(seen.has(parent), `${parent} before ${member.txid}`).toBe(true);
    seen.add(member.txid);
    const entry = await pair.core.call<Answered>("getmempoolentry", member.txid);
    expect({ fee: member.fee, vsize: member.virtual_size, parents: member.depends_on }).toEqual({
      ...{ fee: satsOf(entry.fees.modified), vsize: entry.vsize, parents: entry.depends.toSorted() },
    });
  }
  const ofChunk = (index: number) => ours.transactions.filter(({ chunk }: Answered) => chunk === index);
  for (const [index, { chunkfee, chunkweight }] of cluster.chunks.entries()) {
    const fee = ofChunk(index).reduce((sum: number, each: Answered) => sum + each.fee, 0);
    expect(fee, `chunk ${index} of ${txid}`).toBe(satsOf(chunkfee));
    expect(ours.chunks[index].feerate_sat_per_kvb).toBe(
      Math.floor((satsOf(chunkfee) * 1000) / Math.ceil(chunkweight / 4)),
    );
  }
}

/** One in a block. */
export async function compareConfirmed(pair: WebPair, txid: string): Promise<void> {
  const detail = await pair.get(`/transactions/${txid}`);
  expect(detail.mempool, txid).toBeNull();
  await compareDetail(pair, txid, detail);
  for (const ending of ["json", "hex", "bin"]) await pair.sameRest(`/rest/tx/${txid}.${ending}`);
}

async function compareDetail(pair: WebPair, txid: string, detail: Answered): Promise<void> {
  const tx = await pair.core.call<Answered>("getrawtransaction", txid, 2);
  const { outputs, hex, status, mempool: _mempool, ...view } = detail;
  const expected = viewOf(tx);
  // Core's call leaves it to the reader to add up what waits.
  expect({ ...view, outputs: outputs.map(({ is_spent, spent_by, ...output }: Answered) => output) }, txid).toEqual({
    ...expected,
    fee: tx.fee === undefined && !expected.is_coinbase ? await feeOfWaiting(pair, txid) : expected.fee,
    inputs: await Promise.all(expected.inputs.map((input: Answered) => withPrevout(pair, input))),
  });
  expect(hex, txid).toBe(tx.hex);
  const isConfirmed = tx.blockhash !== undefined;
  const block = isConfirmed ? await pair.core.call<Answered>("getblock", tx.blockhash, 1) : undefined;
  expect(status, txid).toEqual({
    is_confirmed: isConfirmed,
    block_hash: tx.blockhash ?? null,
    block_height: block?.height ?? null,
    block_time: tx.blocktime ?? null,
    index: block?.tx.indexOf(txid) ?? null,
    confirmations: tx.confirmations ?? 0,
  });
  await compareSpends(pair, txid, outputs);
  await compareEsplora(pair, txid, tx, block);
}

/** What an input spends is told by Core for transactions of blocks alone. */
async function withPrevout(pair: WebPair, input: Answered): Promise<Answered> {
  if (input.coinbase !== null || input.prevout !== null) return input;
  const tx = await pair.core.call<Answered>("getrawtransaction", input.txid, 1);
  const view = viewOf(tx);
  const header = tx.blockhash && (await pair.core.call<Answered>("getblockheader", tx.blockhash));
  const { value, script } = view.outputs[input.vout];
  return { ...input, prevout: { value, script, height: header?.height ?? null, is_coinbase: view.is_coinbase } };
}

async function feeOfWaiting(pair: WebPair, txid: string): Promise<number> {
  return satsOf((await pair.core.call<Answered>("getmempoolentry", txid)).fees.base);
}

async function compareSpends(pair: WebPair, txid: string, outputs: Answered): Promise<void> {
  const asked = outputs.map(({ index }: Answered) => ({ txid, vout: index }));
  const spends = await pair.core.call<Answered>("gettxspendingprevout", asked, { return_spending_tx: true });
  const esplora = await pair.esplora(`/tx/${txid}/outspends`);
  expect(spends.length).toBe(outputs.length);
  // Core names first what the mempool spends.
  for (const spend of spends) {
    const index = spend.vout;
    const { is_spent, spent_by } = outputs[index];
    const label = `output ${index} of ${txid}`;
    if (spend.spendingtxid === undefined) {
      expect({ is_spent, spent_by }, label).toEqual({ is_spent: false, spent_by: null });
      expect(esplora[index], label).toEqual({ spent: false });
      continue;
    }
    const block = spend.blockhash && (await pair.core.call<Answered>("getblockheader", spend.blockhash));
    const spending = await pair.core.call<Answered>("decoderawtransaction", spend.spendingtx);
    const vin = spending.vin.findIndex((input: Answered) => input.txid === txid && input.vout === index);
    expect({ is_spent, spent_by }, label).toEqual({
      is_spent: true,
      spent_by: { txid: spend.spendingtxid, input_index: vin, block_height: block?.height ?? null },
    });
    expect(esplora[index], label).toEqual({
      ...{ spent: true, txid: spend.spendingtxid, vin },
      status: statusOf(block),
    });
  }
}

function statusOf(block: Answered): Answered {
  if (block === undefined) return { confirmed: false };
  return { confirmed: true, block_height: block.height, block_hash: block.hash, block_time: block.time };
}

async function compareEsplora(pair: WebPair, txid: string, tx: Answered, block: Answered): Promise<void> {
  const view = viewOf(tx);
  const ours = await pair.esplora(`/tx/${txid}`);
  expect(ours, `esplora ${txid}`).toMatchObject({
    ...{ txid, version: tx.version, locktime: tx.locktime, size: tx.size, weight: tx.weight },
    ...(view.fee !== null && { fee: view.fee }),
    status: statusOf(block),
    vout: view.outputs.map(({ value, script }: Answered) => ({ value, scriptpubkey: script.hex })),
    vin: view.inputs.map((input: Answered) => ({
      ...(input.txid !== null && { txid: input.txid, vout: input.vout }),
      scriptsig: input.script_sig_hex,
      is_coinbase: input.coinbase !== null,
      sequence: input.sequence,
      ...(input.prevout && { prevout: { value: input.prevout.value, scriptpubkey: input.prevout.script.hex } }),
    })),
  });
  for (const [index, { script }] of view.outputs.entries()) {
    // Keys by themselves have no address here, nor there.
    expect(ours.vout[index].scriptpubkey_address ?? null, `address ${index} of ${txid}`).toBe(script.address);
  }
  expect(await pair.esplora(`/tx/${txid}/hex`)).toBe(tx.hex);
  if (block === undefined) return;
  const proof = await pair.core.call("gettxoutproof", [txid], block.hash);
  expect(await pair.esplora(`/tx/${txid}/merkleblock-proof`), `proof of ${txid}`).toBe(proof);
}
