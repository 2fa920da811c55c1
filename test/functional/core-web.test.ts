import { mine, type Tip } from "@bitfleet/node/chain/test-kit.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import { expect, test } from "vitest";
import { COIN_KINDS } from "../differential/coin-kinds.ts";
import { SeededRandom } from "../differential/random.ts";
import { BlockWalk } from "./block-walk.ts";
import { CORE } from "./interop-node.ts";
import { buildMempoolChain, COIN_VALUE, type MempoolChain, payAnyone, signDraft } from "./mempool-chain.ts";
import { compareAddresses, compareEsploraAddress, Ledger } from "./web-address-truth.ts";
import { compareBlock, compareChain, compareFees } from "./web-chain-truth.ts";
import { compareConfirmed, compareMempool, compareTemplate, compareWaiting } from "./web-mempool-truth.ts";
import { type Answered, WebPair } from "./web-pair.ts";

/**
 * What our web server says of a random life of chain and mempool, beside what Bitcoin Core says of the same: blocks, transactions, what
 * spends them, addresses, the mempool. Set CORE_BITCOIND to the path of a bitcoind to run this, and SEED and STEPS to see others.
 */
const seed = Number(process.env.SEED ?? 1);
const stepCount = Number(process.env.STEPS ?? 60);

/** Scripts that are compared after each step, beside all at the end. */
const SCRIPTS_PER_STEP = 3;
const WAITING_PER_STEP = 4;

if (CORE === undefined) {
  console.warn("core-web: skipped, CORE_BITCOIND names no bitcoind");
  test.skip("CORE_BITCOIND names no bitcoind", () => {});
} else {
  const core = CORE;
  test(`what the web server says is what Core says, seed ${seed}`, { timeout: 1_200_000 }, async () => {
    const random = new SeededRandom(seed);
    const chain = withEveryKindSpent(buildMempoolChain(), random);
    const pair = await WebPair.start(core, chain);
    const walk = new BlockWalk(random, chain);
    const life = new Life(pair, random);
    await life.compare("at the beginning");
    await life.compareAll("at the beginning");
    for (let count = 0; count < stepCount; count++) {
      const { name, calls } = walk.next(await life.waiting());
      for (const { method, params } of calls) await pair.both(method, ...params);
      await life.compare(`step ${count}, ${name}`);
      walk.settle(await pair.core.call("getbestblockhash"));
    }
    await life.compareAll("at the end");
    const { time } = await pair.core.call<Answered>("getblockheader", await pair.core.call("getbestblockhash"));
    await pair.both("setmocktime", time + 100_000);
    await compareTemplate(pair);
    expect(await pair.checkKept()).toBeGreaterThan(10);
    pair.close();
  });
}

/** A kind whose script is false by itself. */
const UNOPENED = "witness v5";

/** A block on top in which coins of every kind are spent, and outputs of every kind made. */
function withEveryKindSpent(chain: MempoolChain, random: SeededRandom): MempoolChain {
  const scripts = [...COIN_KINDS.map(({ script }) => script), Uint8Array.of(0x6a, 4, 1, 2, 3, 4), Uint8Array.of(0x6a)];
  const transactions = COIN_KINDS.filter(
    ({ name, sequenceMin, lockTimeMin }) => !sequenceMin && !lockTimeMin && name !== UNOPENED,
  ).map(({ name }): Transaction => {
    const coin = chain.coins.get(name)!.at(-1)!;
    const outputs = scripts.map((scriptPubKey) => ({
      value: (COIN_VALUE - 5000n) / BigInt(scripts.length),
      scriptPubKey,
    }));
    const sequences = [0xfffffffd];
    return signDraft({ version: 2, coins: [coin], sequences, outputs, lockTime: 0 }, random);
  });
  const previous: Tip = { block: chain.blocks.at(-1)!, height: chain.tipHeight };
  const time = previous.block.header.time + 60;
  const { block } = mine(previous, { transactions, time, spoil: payAnyone });
  return { ...chain, blocks: [...chain.blocks, block], tipHeight: chain.tipHeight + 1 };
}

class Life {
  readonly #pair: WebPair;
  readonly #random: SeededRandom;
  readonly #blocks = new Map<string, Answered>();
  /** Tips that were, some of them outside the chain by now. */
  readonly #tips = new Set<string>();

  constructor(pair: WebPair, random: SeededRandom) {
    this.#pair = pair;
    this.#random = random;
  }

  waiting(): Promise<readonly string[]> {
    return this.#pair.core.call("getrawmempool");
  }

  async compare(label: string): Promise<void> {
    const pair = this.#pair;
    try {
      await compareChain(pair);
      const best = await pair.core.call<string>("getbestblockhash");
      this.#tips.add(best);
      const block = await compareBlock(pair, best);
      await compareFees(pair, best);
      await compareBlock(pair, this.#random.pick([...this.#tips]));
      const waiting = await compareMempool(pair);
      for (const txid of waiting.slice(-WAITING_PER_STEP)) await compareWaiting(pair, txid);
      for (const { txid } of block.tx.slice(0, WAITING_PER_STEP)) await compareConfirmed(pair, txid);
      await this.#search(best, block.height, waiting[0] ?? block.tx[0].txid);
      const ledger = await Ledger.of(pair, this.#blocks);
      const scripts = [...ledger.accounts.keys()];
      const some = Array.from({ length: SCRIPTS_PER_STEP }, () => this.#random.pick(scripts));
      await compareAddresses(pair, ledger, some);
      for (const script of some) await compareEsploraAddress(pair, ledger, script);
      for (const ending of ["json", "hex", "bin"]) {
        const outputs = waiting.slice(0, 7).map((txid) => `${txid}-0`);
        if (outputs.length > 0) await pair.sameRest(`/rest/getutxos/checkmempool/${outputs.join("/")}.${ending}`);
      }
      await pair.sameRest("/rest/mempool/contents.json?verbose=true&mempool_sequence=false");
    } catch (error) {
      throw new Error(`${label}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Every transaction and every script. */
  async compareAll(label: string): Promise<void> {
    const pair = this.#pair;
    const ledger = await Ledger.of(pair, this.#blocks);
    const scripts = [...ledger.accounts.keys()];
    await compareAddresses(pair, ledger, scripts);
    for (const script of scripts) await compareEsploraAddress(pair, ledger, script);
    for (let height = ledger.tip.height; height > ledger.tip.height - 12; height--) {
      const hash = await pair.core.call<string>("getblockhash", height);
      const { tx } = await compareBlock(pair, hash);
      for (const { txid } of tx.slice(0, 40)) await compareConfirmed(pair, txid);
    }
    await this.#compareList(label);
  }

  /** The list of all transactions, by cursor, down to the first block. */
  async #compareList(label: string): Promise<void> {
    const ours: string[] = [];
    for (let cursor = ""; ; ) {
      const { items, next_cursor } = await this.#pair.get(`/transactions?limit=37${cursor && `&cursor=${cursor}`}`);
      ours.push(...items.map(({ txid }: Answered) => txid));
      if (next_cursor === null) break;
      cursor = next_cursor;
    }
    const expected: string[] = [];
    for (let hash = await this.#pair.core.call<string>("getbestblockhash"); hash !== undefined; ) {
      const { tx, previousblockhash } = await this.#pair.core.call<Answered>("getblock", hash, 1);
      expected.push(...tx.toReversed());
      hash = previousblockhash;
    }
    expect(ours, label).toEqual(expected);
  }

  async #search(hash: string, height: number, txid: string): Promise<void> {
    const pair = this.#pair;
    const block = { kind: "block", id: hash, height, block_hash: hash };
    expect(await pair.get(`/search?q=${height}`)).toEqual([block]);
    expect(await pair.get(`/search?q=${hash}`)).toEqual([block]);
    expect(await pair.get(`/search?q=${height + 1}`)).toEqual([]);
    const { status } = await pair.get(`/transactions/${txid}`);
    const where = { height: status.block_height, block_hash: status.block_hash };
    expect(await pair.get(`/search?q=${txid}`)).toEqual([{ kind: "transaction", id: txid, ...where }]);
    expect(await pair.get(`/search?q=${txid}:0`)).toEqual([{ kind: "output", id: `${txid}:0`, ...where }]);
    expect(await pair.get(`/search?q=${txid}:99`)).toEqual([]);
  }
}
