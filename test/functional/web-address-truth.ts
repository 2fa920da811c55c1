import { createHash } from "node:crypto";
import { hashKey, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import { expect } from "vitest";
import { coreBlock, satsOf } from "./web-chain-truth.ts";
import type { Answered, WebPair } from "./web-pair.ts";

/** What scripts have, worked out anew from all blocks of Core and from its mempool, beside our index of addresses. */

const MATURITY = 100;

interface Place {
  readonly height: number;
  readonly hash: string;
  readonly time: number;
  /** Position in the block. */
  readonly index: number;
}

interface Entry {
  readonly txid: string;
  readonly place: Place | undefined;
  received: number;
  sent: number;
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly value: number;
  readonly place: Place | undefined;
  spentBy: string | undefined;
}

interface Account {
  readonly address: string | undefined;
  readonly entries: Map<string, Entry>;
  readonly coins: Map<string, Coin>;
}

/** All accounts at one moment. */
export class Ledger {
  /** By script in hex. */
  readonly accounts = new Map<string, Account>();
  readonly tip: { readonly height: number; readonly hash: string };
  /** Which script an output pays, and how much: those of the mempool's parents too. */
  readonly #outputs = new Map<string, { readonly script: string; readonly value: number }>();

  private constructor(tip: { readonly height: number; readonly hash: string }) {
    this.tip = tip;
  }

  /** `blocks` remembers what Core said of blocks: by hash that does not change. */
  static async of(pair: WebPair, blocks: Map<string, Answered>): Promise<Ledger> {
    const best = await pair.core.call<string>("getbestblockhash");
    const path: Answered[] = [];
    for (let hash: string | undefined = best; hash !== undefined; hash = path.at(-1).previousblockhash) {
      const block: Answered = blocks.get(hash) ?? (await coreBlock(pair, hash));
      blocks.set(hash, block);
      path.push(block);
    }
    const ledger = new Ledger({ height: path.length - 1, hash: best });
    for (const { height, hash, time, tx } of path.reverse()) {
      // The first block's coinbase never was a coin, and is in nobody's history.
      if (height === 0) continue;
      for (const [index, each] of tx.entries()) ledger.#add(each, { height, hash, time, index });
    }
    const waiting = await pair.core.call<readonly string[]>("getrawmempool");
    for (const txid of await parentsFirst(pair, waiting))
      ledger.#add(await pair.core.call("getrawtransaction", txid, 1), undefined);
    return ledger;
  }

  #add(tx: Answered, place: Place | undefined): void {
    for (const input of tx.vin) {
      if (input.coinbase !== undefined) continue;
      const key = `${input.txid}:${input.vout}`;
      const spent = this.#outputs.get(key)!;
      const account = this.accounts.get(spent.script)!;
      entryOf(account, tx.txid, place).sent += spent.value;
      if (place !== undefined) account.coins.delete(key);
      else account.coins.get(key)!.spentBy = tx.txid;
    }
    for (const output of tx.vout) {
      const { hex: script, address } = output.scriptPubKey;
      const value = satsOf(output.value);
      const account = this.accounts.get(script) ?? { address, entries: new Map(), coins: new Map() };
      this.accounts.set(script, account);
      entryOf(account, tx.txid, place).received += value;
      const key = `${tx.txid}:${output.n}`;
      this.#outputs.set(key, { script, value });
      if (!script.startsWith("6a"))
        account.coins.set(key, { txid: tx.txid, vout: output.n, value, place, spentBy: undefined });
    }
  }
}

function entryOf(account: Account, txid: string, place: Place | undefined): Entry {
  const entry = account.entries.get(txid) ?? { txid, place, received: 0, sent: 0 };
  account.entries.set(txid, entry);
  return entry;
}

async function parentsFirst(pair: WebPair, txids: readonly string[]): Promise<readonly string[]> {
  const entries = await pair.core.call<Answered>("getrawmempool", true);
  return txids.toSorted((a, b) => entries[a].ancestorcount - entries[b].ancestorcount);
}

const scriptHashOf = (script: string) =>
  createHash("sha256").update(Buffer.from(script, "hex")).digest().reverse().toString("hex");

/** Every script of the ledger, by its address where it has one and by its hash else. */
export async function compareAddresses(pair: WebPair, ledger: Ledger, scripts: readonly string[]): Promise<void> {
  for (const script of scripts) {
    const account = ledger.accounts.get(script)!;
    const name = account.address ?? scriptHashOf(script);
    await compareBalance(pair, ledger, account, name);
    await compareCoins(pair, ledger, account, name);
    await compareHistory(pair, ledger, account, name);
  }
}

async function compareBalance(pair: WebPair, { tip }: Ledger, account: Account, name: string): Promise<void> {
  const entries = [...account.entries.values()];
  const confirmed = entries.filter(({ place }) => place !== undefined);
  const waiting = entries.filter(({ place }) => place === undefined);
  const sum = (list: readonly Entry[], field: "received" | "sent") => list.reduce((all, each) => all + each[field], 0);
  const coins = [...account.coins.values()].filter(({ place }) => place !== undefined);
  const worth = coins.reduce((all, { value }) => all + value, 0);
  // What nobody can spend is received and never among the coins.
  const lost = coins.length === 0 && sum(confirmed, "sent") === 0 ? sum(confirmed, "received") : 0;
  const isData = account.coins.size === 0 && lost > 0;
  const balance = {
    address: name,
    confirmed: worth,
    unconfirmed: isData ? expect.any(Number) : sum(waiting, "received") - sum(waiting, "sent"),
    received: sum(confirmed, "received"),
    sent: sum(confirmed, "sent"),
    transaction_count: confirmed.length,
    unconfirmed_transaction_count: waiting.length,
    utxo_count: coins.length,
    block_height: tip.height,
    block_hash: tip.hash,
  };
  expect(await pair.get(`/addresses/${name}/balance`), `balance of ${name}`).toEqual(balance);
  expect((await pair.get(`/addresses/${name}`)).balance).toEqual(balance);
}

async function compareCoins(pair: WebPair, { tip }: Ledger, account: Account, name: string): Promise<void> {
  const ours: Answered[] = [];
  for (let cursor = ""; ; ) {
    const { items, next_cursor } = await pair.get(`/addresses/${name}/utxo?limit=7${cursor && `&cursor=${cursor}`}`);
    ours.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  const expected = [...account.coins.values()].map(({ txid, vout, value, place, spentBy }) => {
    const age = place === undefined ? 0 : tip.height - place.height + 1;
    const isCoinbase = place?.index === 0;
    return {
      ...{ txid, vout, value, is_confirmed: place !== undefined, block_height: place?.height ?? null },
      ...{ block_hash: place?.hash ?? null, confirmations: age, is_coinbase: isCoinbase },
      ...{ is_mature: !isCoinbase || age >= MATURITY, spent_by: spentBy ?? null },
    };
  });
  expect(ours.toSorted(byOutput), `coins of ${name}`).toEqual(expected.toSorted(byOutput));
}

/** What waits stands in the order of these: the same on every node. */
const keyOf = ({ txid }: Entry) => hashKey(parseDisplayHash(txid)!);

const byOutput = (a: Answered, b: Answered) => a.txid.localeCompare(b.txid) || a.vout - b.vout;

async function compareHistory(pair: WebPair, { tip }: Ledger, account: Account, name: string): Promise<void> {
  const ours: Answered[] = [];
  for (let cursor = ""; ; ) {
    const { items, next_cursor } = await pair.get(`/addresses/${name}/history?limit=9${cursor && `&cursor=${cursor}`}`);
    ours.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  const entries = [...account.entries.values()];
  const waiting = entries.filter(({ place }) => place === undefined).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const confirmed = entries.filter(({ place }) => place !== undefined);
  confirmed.sort(({ place: a }, { place: b }) => b!.height - a!.height || b!.index - a!.index);
  const expected = [...waiting, ...confirmed].map(({ txid, place, received, sent }) => ({
    ...{ txid, received, sent, value: received - sent },
    direction: received === sent ? "self" : received > sent ? "in" : "out",
    ...{ is_confirmed: place !== undefined, block_height: place?.height ?? null, block_hash: place?.hash ?? null },
    ...{ time: place?.time ?? expect.any(Number), index: place?.index ?? null, is_coinbase: place?.index === 0 },
    ...{
      confirmations: place === undefined ? 0 : tip.height - place.height + 1,
      fee: place?.index === 0 ? null : expect.any(Number),
    },
  }));
  expect(ours, `history of ${name}`).toEqual(expected);
  const whole = await pair.get(`/transactions/address/${name}?limit=20`);
  expect(whole.items.map(({ txid }: Answered) => txid)).toEqual(expected.slice(0, 20).map(({ txid }) => txid));
}

export async function compareEsploraAddress(pair: WebPair, ledger: Ledger, script: string): Promise<void> {
  const account = ledger.accounts.get(script)!;
  const hash = createHash("sha256").update(Buffer.from(script, "hex")).digest("hex");
  const path = account.address === undefined ? `/scripthash/${hash}` : `/address/${account.address}`;
  const { chain_stats, mempool_stats } = await pair.esplora(path);
  const entries = [...account.entries.values()];
  for (const [stats, isConfirmed] of [
    [chain_stats, true],
    [mempool_stats, false],
  ] as const) {
    const own = entries.filter(({ place }) => (place !== undefined) === isConfirmed);
    expect(stats, `${path}, confirmed ${isConfirmed}`).toMatchObject({
      tx_count: own.length,
      funded_txo_sum: own.reduce((sum, { received }) => sum + received, 0),
      spent_txo_sum: own.reduce((sum, { sent }) => sum + sent, 0),
    });
  }
  const coins = [...account.coins.values()].filter(({ spentBy }) => spentBy === undefined);
  const utxo = await pair.esplora(`${path}/utxo`);
  if (typeof utxo === "number") return;
  const expected = coins.map(({ txid, vout, value, place }) => ({
    ...{ txid, vout, value },
    status:
      place === undefined
        ? { confirmed: false }
        : { confirmed: true, block_height: place.height, block_hash: place.hash, block_time: place.time },
  }));
  expect(utxo.toSorted(byOutput), `${path}/utxo`).toEqual(expected.toSorted(byOutput));
}
