import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Reader } from "@bitfleet/protocol/bytes/cursor.ts";
import { portableSecp256k1 } from "@bitfleet/protocol/crypto/portable-secp256k1.ts";
import type { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { decodeBlock, decodeBlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { type BlockHash, displayHash, outPointKey, parseDisplayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { BlockIndexEntry } from "../../packages/node/src/chain/block-index.ts";
import { AHEAD_BLOCKS_MAX } from "../../packages/node/src/chain/blocks-ahead.ts";
import type { BlockSubmission, Chain } from "../../packages/node/src/chain/chain.ts";
import { ScriptPool } from "../../packages/node/src/chain/script-pool.ts";
import { coinsOf, MemoryLog, openTestChain } from "../../packages/node/src/chain/test-kit.ts";
import type { ScriptFailure, ScriptVerifier, TransactionScripts } from "../../packages/node/src/ports.ts";
import { type ActivationHeights, BlockMaker, type TreeBlock } from "./block-tree.ts";
import { spoiledCopies } from "./broken-blocks.ts";
import { SeededRandom } from "./random.ts";
import { type Step, StepMaker, submitBlock } from "./tree-steps.ts";

/**
 * Many blocks, valid and broken, and the operator's commands among them, are given to one chain all at once, and to another one
 * after the other: both must end with the same tip and the same coins.
 */

export interface ConcurrentOptions {
  /** Groups of calls made at once. */
  readonly bursts: number;
  /** Called with the calls of a group in the order in which they take effect, and the tip and coins after them. */
  readonly onBurst?: (steps: readonly Step[], state: EndState) => Promise<void>;
  readonly onStart?: (args: readonly string[]) => Promise<void>;
}

export interface EndState {
  readonly tip: string;
  readonly coins: string;
}

export interface ConcurrentSummary {
  readonly calls: number;
  readonly accepted: number;
  readonly refused: number;
  readonly connected: number;
}

const BURST_STEPS_MAX = 60;
const ROW_BLOCKS_MAX = 12;
/** Groups are compared by tip each time, by coins this often. */
const COINS_EVERY = 4;

/** Answers right, after as many turns of the event loop as chance has it: whichever was asked first. */
class UnhurriedScripts implements ScriptVerifier {
  readonly #pool: ScriptPool;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
    const options = { threadCount: 0, preference: "portable" } as const;
    this.#pool = new ScriptPool(options, { secp256k1: portableSecp256k1, log: new MemoryLog() });
  }

  async verifyAll(transactions: readonly TransactionScripts[], flags: number): Promise<ScriptFailure | undefined> {
    const isLate = this.#random.oneIn(2);
    if (isLate) await this.#dawdle();
    const failure = await this.#pool.verifyAll(transactions, flags);
    if (!isLate) await this.#dawdle();
    return failure;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #dawdle(): Promise<void> {
    const turns = this.#random.oneIn(4) ? this.#random.below(60) : this.#random.below(5);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A call as it is made to a chain. */
type Call =
  | { readonly kind: "block"; readonly step: Step; readonly block: Block }
  | { readonly kind: "header"; readonly step: Step; readonly header: BlockHeader }
  | { readonly kind: "command"; readonly step: Step; readonly method: string; readonly hash: BlockHash }
  | { readonly kind: "flush" | "verify"; readonly step: undefined };

function callOf(step: Step): Call {
  if ("restart" in step) throw new Error("chains are not started again here");
  const { method, params } = step;
  const text = params[0] as string;
  if (method === "submitblock") return { kind: "block", step, block: decodeBlock(fromHex(text)) };
  if (method === "submitheader") return { kind: "header", step, header: decodeBlockHeader(new Reader(fromHex(text))) };
  return { kind: "command", step, method, hash: parseDisplayHash<BlockHash>(text)! };
}

async function make(chain: Chain, call: Call): Promise<BlockSubmission | undefined> {
  if (call.kind === "block") return chain.submitBlock(call.block);
  if (call.kind === "header") await chain.submitHeader(call.header);
  if (call.kind === "flush") await chain.flush();
  if (call.kind === "verify" && !(await chain.verify(4, 8))) throw new Error("the stored chain is damaged");
  if (call.kind === "command") await command(chain, call.method, call.hash);
  return undefined;
}

async function command(chain: Chain, method: string, hash: BlockHash): Promise<void> {
  if (method === "invalidateblock") await chain.invalidateBlock(hash);
  else if (method === "reconsiderblock") await chain.reconsiderBlock(hash);
  else await chain.preciousBlock(hash);
}

/** The order in which calls made at once take effect: the first block to have its turn takes those that wait along. */
function orderOfEffect(calls: readonly Call[], isInitialBlockDownload: boolean): Call[] {
  const blocks = calls.filter(({ kind }) => kind === "block");
  const order: Call[] = [];
  const done = new Set<Call>();
  for (const call of calls) {
    if (done.has(call)) continue;
    const taken = call.kind === "block" ? blocks.splice(0, isInitialBlockDownload ? AHEAD_BLOCKS_MAX : 1) : [call];
    for (const each of taken) done.add(each);
    order.push(...taken);
  }
  return order;
}

function randomHeights(random: SeededRandom): Partial<ActivationHeights> {
  const heights: Partial<Record<keyof ActivationHeights, number>> = {};
  for (const rule of ["bip34", "dersig", "cltv", "csv", "segwit"] as const)
    if (random.oneIn(2)) heights[rule] = random.oneIn(3) ? random.below(100) : 100 + random.below(40);
  return heights;
}

class ConcurrentRun {
  readonly random: SeededRandom;
  readonly maker: BlockMaker;
  readonly chooser: StepMaker;
  readonly heights: Partial<ActivationHeights>;
  readonly isDownloading: boolean;
  readonly #options: ConcurrentOptions;
  /** Blocks that broke a rule when they were tried one by one. */
  readonly #bad = new Set<string>();
  readonly #paths: string[] = [];
  atOnce!: Chain;
  oneByOne!: Chain;
  summary = { calls: 0, accepted: 0, refused: 0, connected: 0 };

  constructor(seed: number, options: ConcurrentOptions) {
    this.random = new SeededRandom(seed);
    this.heights = randomHeights(this.random);
    this.maker = new BlockMaker(this.random, this.heights);
    this.chooser = new StepMaker(this.maker, { restarts: false, kills: false });
    // Mostly the initial download, where blocks are tried ahead.
    this.isDownloading = !this.random.oneIn(5);
    this.#options = options;
  }

  async #open(cacheBytes: number, scriptVerifier: ScriptVerifier, path?: string): Promise<Chain> {
    const dataPath = path ?? (await mkdtemp(join(tmpdir(), "bitfleet-concurrent-")));
    if (path === undefined) this.#paths.push(dataPath);
    // A tip older than what no clock reaches is never recent; any tip is as recent as a century.
    const maxTipAgeSeconds = this.isDownloading ? -1e9 : 3e9;
    const options = { network: this.maker.network, cacheBytes, maxTipAgeSeconds, fastPrune: this.random.oneIn(3) };
    const opened = await openTestChain(dataPath, options, {
      scriptVerifier,
      onFatal: (error) => {
        throw error;
      },
    });
    return opened.chain;
  }

  async open(): Promise<void> {
    const dawdling = new UnhurriedScripts(new SeededRandom(this.random.below(2 ** 31)));
    this.atOnce = await this.#open(this.random.oneIn(2) ? 16 * 1024 * 1024 : 256 * 1024, dawdling);
    this.oneByOne = await this.#open(16 * 1024 * 1024, new UnhurriedScripts(new SeededRandom(1)));
    this.oneByOne.events.subscribe(
      (event) => {
        if (event.type === "block-checked" && event.reject !== undefined) this.#bad.add(displayHash(event.block.hash));
      },
      { delivery: "inline", name: "bad blocks" },
    );
    const args = Object.entries(this.heights).map(([rule, height]) => `-testactivationheight=${rule}@${height}`);
    await this.#options.onStart?.(args);
  }

  async run(): Promise<ConcurrentSummary> {
    await this.#base();
    for (let burst = 0; burst < this.#options.bursts; burst++) {
      await this.#burst(this.#choose(), burst % COINS_EVERY === COINS_EVERY - 1);
    }
    await this.#compare(true);
    if (!(await this.atOnce.verify(4, 0))) throw new Error("the stored chain is damaged");
    await this.#reopen();
    return this.summary;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.atOnce?.close(), this.oneByOne?.close()]);
    for (const path of this.#paths) await rm(path, { recursive: true, force: true });
  }

  async #base(): Promise<void> {
    let tip: TreeBlock = this.maker.genesis;
    const calls: Call[] = [];
    const base = 99 + this.random.below(6);
    for (let height = 1; height <= base; height++) {
      tip = this.chooser.remember(this.maker.block(tip));
      calls.push(callOf(submitBlock(tip)));
    }
    await this.#burst(calls, true);
  }

  #choose(): Call[] {
    const { random } = this;
    const count = 1 + random.below(BURST_STEPS_MAX);
    const steps: Step[] = [];
    let best = displayHash(this.oneByOne.tip.hash);
    while (steps.length < count) {
      steps.push(...(random.oneIn(5) ? this.#row(best) : this.chooser.next(best)));
      // What follows mostly builds upon what was just made.
      const last = this.chooser.newest;
      if (last !== undefined && random.oneIn(2)) best = displayHash(last.header.hash);
    }
    // Core's call itself mends a coinbase without a witness; the chain is not to.
    const calls: Call[] = steps
      .filter(({ label }) => !/(coinbase|copy) without (coinbase )?witness/.test(label))
      .map(callOf);
    // What builds upon a bad block may be known to one chain alone, and so would a command on it be.
    for (const [index, call] of [...calls.entries()].reverse())
      if (call.kind === "command" && this.oneByOne.find(call.hash) === undefined) calls.splice(index, 1);
    for (const kind of ["flush", "verify"] as const)
      if (random.oneIn(4)) calls.splice(random.below(calls.length + 1), 0, { kind, step: undefined });
    if (random.oneIn(3)) return random.shuffled(calls);
    // Neighbours changed places, as from several peers.
    for (let index = 1; index < calls.length; index++)
      if (random.oneIn(4)) [calls[index - 1], calls[index]] = [calls[index]!, calls[index - 1]!];
    return calls;
  }

  /** Blocks on top of each other, spending what the others made; copies of them behind, and maybe one that spends again. */
  #row(best: string): Step[] {
    const { random, maker, chooser } = this;
    let parent = chooser.find(best) ?? maker.genesis;
    const count = 2 + random.below(ROW_BLOCKS_MAX);
    const broken = random.oneIn(3) ? random.below(count) : -1;
    const steps: Step[] = [];
    for (let made = 0; made < count; made++) {
      const { list, fees } = maker.transactions(parent, 4);
      const block = (made === broken && this.#spendAgain(parent)) || maker.block(parent, { transactions: list, fees });
      steps.push(submitBlock(chooser.remember(block)));
      if (random.oneIn(3)) steps.push(submitBlock(random.pick(spoiledCopies(maker, block))));
      parent = block;
    }
    return steps;
  }

  /** A block that spends what one of the last ones before it has spent. */
  #spendAgain(parent: TreeBlock): TreeBlock | undefined {
    const { random, maker } = this;
    const earlier = parent.ancestor(Math.max(0, parent.height - 1 - random.below(4)))!;
    const gone = maker.spendable(earlier).filter(({ outPoint }) => !parent.coins.has(outPointKey(outPoint)));
    if (gone.length === 0) return undefined;
    const transactions = [maker.spend([random.pick(gone)])];
    return maker.block(parent, { transactions, label: "spent again" });
  }

  async #burst(calls: readonly Call[], comparesCoins: boolean): Promise<void> {
    const before = this.atOnce.height;
    const outcomes = new Map<Call, BlockSubmission | undefined>();
    await Promise.all(calls.map(async (call) => outcomes.set(call, await make(this.atOnce, call))));
    const order = orderOfEffect(calls, this.isDownloading);
    for (const call of order) this.#compareOutcome(call, outcomes.get(call), await make(this.oneByOne, call));
    this.summary.calls += calls.length;
    this.summary.connected += Math.max(0, this.atOnce.height - before);
    const state = await this.#compare(comparesCoins || this.#options.onBurst !== undefined);
    const steps = order.flatMap(({ step }) => (step === undefined ? [] : [step]));
    await this.#options.onBurst?.(steps, state);
  }

  #compareOutcome(call: Call, ours: BlockSubmission | undefined, expected: BlockSubmission | undefined): void {
    if (ours === undefined || expected === undefined) return;
    if (ours.accepted) this.summary.accepted++;
    else this.summary.refused++;
    const label = call.step!.label;
    // One after the other, more is known to be invalid when a block comes.
    const isLater = (kind: string | undefined) =>
      kind === "cached-invalid" || kind === "invalid-previous" || kind === "missing-previous";
    if (isLater(expected.reject?.kind)) return;
    if (ours.accepted !== expected.accepted || ours.isNew !== expected.isNew)
      throw new Error(`${label}: ${JSON.stringify(answerOf(ours))}, one by one ${JSON.stringify(answerOf(expected))}`);
    if (ours.reject !== undefined && expected.reject !== undefined && ours.reject.reason !== expected.reject.reason)
      throw new Error(`${label}: ${ours.reject.reason}, one by one ${expected.reject.reason}`);
  }

  async #compare(withCoins: boolean): Promise<EndState> {
    const [tip, expected] = [this.atOnce.tip, this.oneByOne.tip].map(({ hash }) => displayHash(hash)) as [
      string,
      string,
    ];
    if (tip !== expected)
      throw new Error(`tip ${tip} at ${this.atOnce.height}, one by one ${expected} at ${this.oneByOne.height}`);
    for (const entry of this.atOnce.entries()) this.#compareMarks(entry);
    if (!withCoins) return { tip, coins: "" };
    const [coins, same] = await Promise.all([coinsOf(this.atOnce), coinsOf(this.oneByOne)]);
    if (coins.hash !== same.hash || coins.count !== same.count)
      throw new Error(`coins ${JSON.stringify(coins)}, one by one ${JSON.stringify(same)}`);
    return { tip, coins: coins.hash };
  }

  /** It or what it builds upon once broke a rule, and the operator had it reconsidered since. */
  #isKnownBad(entry: BlockIndexEntry): boolean {
    for (let at: BlockIndexEntry | undefined = entry; at !== undefined; at = at.previous)
      if (this.#bad.has(displayHash(at.hash))) return true;
    return false;
  }

  /** At once fewer blocks are tried, since a better branch may be there already: so fewer are known to be invalid, never more. */
  #compareMarks(entry: BlockIndexEntry): void {
    if (!entry.isInvalid) return;
    const other = this.oneByOne.find(entry.hash);
    if (other !== undefined && !other.isInvalid && !this.#isKnownBad(other))
      throw new Error(`block ${displayHash(entry.hash)} at ${entry.height} is called invalid`);
  }

  async #reopen(): Promise<void> {
    const before = displayHash(this.atOnce.tip.hash);
    const { hash } = await coinsOf(this.atOnce);
    await this.atOnce.close();
    const dawdling = new UnhurriedScripts(new SeededRandom(2));
    this.atOnce = await this.#open(256 * 1024, dawdling, this.#paths[0]!);
    if (displayHash(this.atOnce.tip.hash) !== before) throw new Error("another tip after a restart");
    if ((await coinsOf(this.atOnce)).hash !== hash) throw new Error("other coins after a restart");
  }
}

const answerOf = ({ accepted, isNew, isChecked, reject }: BlockSubmission) => ({
  accepted,
  isNew,
  isChecked,
  reason: reject?.reason,
});

/** Runs one seed. Rejects with what differs. */
export async function runConcurrently(seed: number, options: ConcurrentOptions): Promise<ConcurrentSummary> {
  const run = new ConcurrentRun(seed, options);
  try {
    await run.open();
    return await run.run();
  } finally {
    await run.close();
  }
}
