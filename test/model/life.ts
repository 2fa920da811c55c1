import { fromHex, toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { Block } from "@bitfleet/protocol/primitives/block.ts";
import { decodeTransaction, type Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import { NETWORK, type Tip } from "../../packages/node/src/chain/test-kit.ts";
import { mineAnchors } from "../../packages/node/src/mempool/acceptance-test-kit.ts";
import { selectTransactions } from "../../packages/node/src/mining/select-transactions.ts";
import { compareContents, eventsOfNode, resultOfNode, resultOfReference, runsOf, same } from "./comparison.ts";
import { coverageOf } from "./coverage.ts";
import { mineableOn } from "./mineable.ts";
import { type Base, NodeUnderTest } from "./node-under-test.ts";
import { type ChainMove, ChainView, type ModelBlock, ReferenceChain } from "./reference-chain.ts";
import { ReferenceMempool } from "./reference-mempool.ts";
import type { Step } from "./steps.ts";
import type { World } from "./worlds.ts";

const RESERVED_WEIGHT = 2000;
const MIN_FEERATE = 1n;
/** More than any block may pay out. */
const TOO_MUCH = 10_000_000_000n;

/** A mempool and its reference, to which the same is done, and which must say the same after each step. */
export class Life {
  readonly node: NodeUnderTest;
  readonly chain: ReferenceChain;
  readonly #world: World;
  readonly #baseHeight: number;
  readonly #invalidated: ModelBlock[] = [];
  /** How often what happened. */
  readonly counts: Map<string, number>;
  reference: ReferenceMempool;
  #blockCount = 0;

  private constructor(node: NodeUnderTest, base: Base, world: World, counts: Map<string, number>) {
    this.node = node;
    this.#world = world;
    this.counts = counts;
    this.#baseHeight = base.tips.at(-1)!.height;
    this.chain = new ReferenceChain([NETWORK.params.genesis, ...base.tips.map(({ block }) => block)]);
    this.reference = this.#newReference();
  }

  static async begin(base: Base, world: World, counts: Map<string, number>): Promise<Life> {
    const node = await NodeUnderTest.open(base, world.options);
    await node.keeper.load();
    return new Life(node, base, world, counts);
  }

  get nowSeconds(): number {
    return this.node.clock.seconds;
  }

  /** Blocks above those that stay. */
  get depthMax(): number {
    return this.chain.view.height - this.#baseHeight;
  }

  close(): Promise<void> {
    return this.node.close();
  }

  /** Does a step to both and compares everything. Throws a `Difference`. */
  async take(step: Step): Promise<void> {
    await this.#do(step);
    const events = eventsOfNode(this.node.events);
    same("events", runsOf(events), runsOf(this.reference.events));
    const numbers = this.node.events.map(({ sequence }) => sequence);
    same(
      "numbers of events",
      numbers,
      numbers.map((_, index) => numbers[0]! + index),
    );
    this.#count(`step: ${step.do}`);
    for (const { type, why } of events) this.#count(`event: ${type} (${why})`);
    for (const [why, count] of this.reference.dropped) this.#count(`reorganisation: ${why}`, count);
    this.reference.dropped.clear();
    const largest = Math.max(0, ...this.reference.graph.clusters().map(({ length }) => length));
    if (largest === this.#world.options.clusterCountMax) this.#count(`cluster: ${largest}, as many as may be`);
    this.node.events = [];
    this.reference.events = [];
    compareContents(this.node, this.reference);
    same("tip", toHex(this.node.chain.tip.hash), this.chain.view.tip.hash);
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case "accept":
        return this.#accept(step);
      case "package":
      case "test-package":
        return this.#package(step);
      case "prioritise":
        this.node.mempool.prioritise(fromHex(step.id) as Txid, BigInt(step.delta));
        return this.reference.prioritise(step.id, BigInt(step.delta));
      case "delivered":
        this.node.mempool.unbroadcast.delivered(fromHex(step.id) as Txid);
        return this.reference.delivered(step.id);
      case "wait":
        this.node.clock.seconds += step.seconds;
        return;
      case "template":
        return this.#mineTemplate(step.maxWeight, step.seconds);
      case "mine":
        return this.#branch(0, [step], false);
      case "branch":
        return this.#branch(Math.min(step.depth, this.depthMax), step.blocks, step.isBroken === true);
      case "invalidate":
        return this.#invalidate(Math.min(step.depth, this.depthMax));
      case "reconsider":
        return this.#reconsider();
      case "restart":
        return this.#restart();
    }
  }

  async #accept(step: Extract<Step, { do: "accept" }>): Promise<void> {
    const tx = decode(step.tx);
    const { mempool } = this.node;
    const options = {
      testOnly: step.testOnly === true,
      ...(step.feerateMax !== undefined && { feerateMax: BigInt(step.feerateMax) }),
      ...(step.secondsAgo !== undefined && { timeSeconds: this.nowSeconds - step.secondsAgo }),
    };
    const expected = this.reference.accept(tx, options);
    const result = await mempool.accept(tx, options);
    same("answer", resultOfNode(result), resultOfReference(expected));
    for (const outcome of coverageOf(expected)) this.#count(`accept: ${outcome}`);
    if (step.isOwn && result.kind === "accepted" && !step.testOnly) {
      mempool.unbroadcast.add(tx.txid);
      this.reference.sentByUser(toHex(tx.txid));
    }
  }

  async #package(step: Extract<Step, { do: "package" | "test-package" }>): Promise<void> {
    const txs = step.txs.map(decode);
    const { mempool } = this.node;
    const feerateMax = step.do === "package" && step.feerateMax !== undefined ? BigInt(step.feerateMax) : undefined;
    const isTest = step.do === "test-package";
    const expected = isTest ? this.reference.testPackage(txs) : this.reference.acceptPackage(txs, feerateMax);
    const answer = isTest
      ? await mempool.testPackage(txs)
      : await mempool.acceptPackage(txs, feerateMax === undefined ? {} : { feerateMax });
    const { kind, reason, detail } = expected.packageReject ?? {};
    same("answer for the package", answer.packageReject, expected.packageReject && { kind, reason, detail });
    same("answers for its members", answer.results.map(resultOfNode), expected.results.map(resultOfReference));
    this.#count(`${step.do}: ${reason ?? "accepted"}`);
    for (const result of expected.results) {
      if (result === undefined) continue;
      for (const outcome of coverageOf(result)) this.#count(`${step.do} member: ${outcome}`);
    }
  }

  async #mineTemplate(maxWeight: number, seconds: number): Promise<void> {
    const { view } = this.chain;
    const { mempool } = this.node;
    const limits = { maxWeight, reservedWeight: RESERVED_WEIGHT, minFeerateSatPerKvb: MIN_FEERATE };
    const place = { height: view.height + 1, medianTime: view.medianTime(view.height) };
    const chosen = selectTransactions(mempool.chunksInMiningOrder(), { ...limits, ...place });
    const expected = this.reference.template(maxWeight, RESERVED_WEIGHT, MIN_FEERATE);
    same(
      "template",
      chosen.map(({ tx }) => toHex(tx.txid)),
      expected.map(({ id }) => id),
    );
    const txs = chosen.map(({ tx }) => tx);
    // Whatever the mempool holds can be mined: nothing is left out here.
    await this.#submit(this.#mine(view, txs, seconds), false);
  }

  /** Blocks on top of each other, each of what may be in it. */
  async #branch(depth: number, blocks: readonly { txs: readonly string[]; seconds: number }[], isBroken: boolean) {
    let view = new ChainView(this.chain.view.blockAt(this.chain.view.height - depth));
    for (const [index, { txs, seconds }] of blocks.entries()) {
      const breaks = isBroken && index === blocks.length - 1;
      const tip = this.#mine(view, mineableOn(view, txs.map(decode)), seconds, breaks);
      await this.#submit(tip, breaks);
      view = new ChainView(this.chain.find(toHex(tip.block.hash))!);
    }
  }

  #mine(view: ChainView, transactions: readonly Transaction[], seconds: number, isBroken = false): Tip {
    const { block, height } = view.tip;
    const time = block.header.time + seconds;
    const salt = ++this.#blockCount;
    const options = { transactions, time, salt, ...(isBroken && { coinbaseValue: TOO_MUCH }) };
    const [tip] = mineAnchors({ block, height }, 1, options) as [Tip];
    // The clock is never so far behind that a block comes from the future.
    if (time > this.nowSeconds) this.node.clock.seconds = time;
    // Nobody shares objects with the reference.
    return {
      ...tip,
      block: new Block(
        tip.block.header,
        tip.block.transactions.map((tx) => decode(toHex(tx.bytes))),
      ),
    };
  }

  async #submit({ block }: Tip, isBroken: boolean): Promise<void> {
    const before = this.chain.view.height;
    const moves = this.chain.submit(block, isBroken);
    this.#follow(moves);
    const result = await this.node.chain.submitBlock(block);
    const failed = result.reject !== undefined && !(isBroken && result.reject.reason === "bad-cb-amount");
    if (failed) same("block", result.reject, undefined);
    if (moves.length > 1 && this.chain.view.height === before) this.#count("event: back from a broken branch");
  }

  async #invalidate(depth: number): Promise<void> {
    if (depth === 0) return;
    const block = this.chain.view.blockAt(this.chain.view.height - depth + 1);
    this.#invalidated.push(block);
    this.#follow(this.chain.invalidate(block));
    same("command", await this.node.chain.invalidateBlock(block.block.hash), { ok: true });
  }

  async #reconsider(): Promise<void> {
    const block = this.#invalidated.pop();
    if (block === undefined) return;
    this.#follow(this.chain.reconsider(block));
    same("command", await this.node.chain.reconsiderBlock(block.block.hash), { ok: true });
  }

  #follow(moves: readonly ChainMove[]): void {
    this.reference.follow(moves);
    const depth = moves.filter(({ type }) => type === "disconnect").length;
    if (depth > 0)
      this.#count(`event: reorganisation of ${depth > 10 ? "more than 10" : depth > 2 ? "more than 2" : "1 or 2"}`);
  }

  /** The reference takes its own transactions anew, in its own order. */
  async #restart(): Promise<void> {
    const old = this.reference;
    const entries = old.graph.miningOrder().flatMap(({ items }) => items);
    await this.node.restart();
    const fresh = this.#newReference();
    for (const { tx, id, timeSeconds } of entries) {
      const delta = old.deltas.get(id);
      if (delta !== undefined) fresh.prioritise(id, delta);
      if (timeSeconds > this.nowSeconds - this.#world.options.expirySeconds) fresh.accept(tx, { timeSeconds });
    }
    for (const [id, delta] of old.deltas) if (!entries.some((entry) => entry.id === id)) fresh.prioritise(id, delta);
    // The file has them in the order of their txids.
    for (const id of [...old.unbroadcast].sort()) if (fresh.find(id) !== undefined) fresh.sentByUser(id);
    this.reference = fresh;
  }

  #newReference(): ReferenceMempool {
    return new ReferenceMempool(this.#world.options, this.chain, () => this.nowSeconds);
  }

  #count(outcome: string, times = 1): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + times);
  }
}

export function decode(hex: string): Transaction {
  return decodeTransaction(new Reader(fromHex(hex)));
}
