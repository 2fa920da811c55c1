import { bigIntFromLittleEndian, equalBytes, littleEndianFromBigInt } from "@bitfleet/protocol/bytes/bytes.ts";
import { MAX_BLOCK_WEIGHT } from "@bitfleet/protocol/consensus/limits.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { type BlockReject, rejectText } from "@bitfleet/protocol/consensus/verdict.ts";
import { newVersionBitsCache } from "@bitfleet/protocol/consensus/version-bits.ts";
import { Block } from "@bitfleet/protocol/primitives/block.ts";
import type { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { BlockHash, Sats } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "../chain/chain.ts";
import type { MempoolEntry } from "../mempool/mempool.ts";
import type { Clock, Random } from "../ports.ts";
import {
  type BlockTemplate,
  blockFromTemplate,
  createBlockTemplate,
  type TemplateTransaction,
} from "./block-template.ts";
import { type HeaderSearch, nextTurn, searchNonce } from "./proof-of-work.ts";
import { type MineableChunk, selectTransactions } from "./select-transactions.ts";
import type { BlockSigner } from "./signet-signer.ts";

const EXTRA_NONCE_SIZE = 8;

/** Blocks made in one go before sockets and timers have their turn. */
const BLOCKS_PER_TURN = 8;

/** As in Core: on a network with more difficulty than this can find, a block of chosen transactions is not for this call. */
const GENERATE_BLOCK_TRIES_MAX = 1_000_000;

/** Weight kept free for header and coinbase (`-blockreservedweight`). */
const RESERVED_WEIGHT_DEFAULT = 8000;
/** `-blockmintxfee`, satoshis a thousand vbytes. */
const MIN_FEERATE_DEFAULT: Sats = 1n;

export interface GeneratorOptions {
  /** `-blockversion`, on regtest; else by the signalling rules. */
  readonly version?: number | undefined;
  /** `-blockmaxweight` */
  readonly maxWeight?: number;
  readonly reservedWeight?: number;
  readonly minFeerateSatPerKvb?: Sats;
  /**
   * Blocks that are asked for are byte for byte those that Core would make. Two nodes that are asked for one at the same second
   * on the same tip for the same script make the same, unless this is off (the default).
   */
  readonly makesCoreBlocks?: boolean;
}

export interface GeneratorDependencies {
  readonly chain: Pick<Chain, "atTip" | "tip" | "find" | "events" | "network" | "submitBlock" | "testBlock">;
  readonly mempool: { chunksInMiningOrder(): Iterable<MineableChunk> };
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "bytes">;
  /** Aborted when the node stops: what is under way ends early. */
  readonly signal: AbortSignal;
  /** Who hashes; the calling thread where absent. */
  readonly search?: HeaderSearch;
  /** Signs blocks, on a signet whose key is ours. */
  readonly signer?: BlockSigner | undefined;
}

/** The time, in seconds since 1970, that the block at a height is to have; the rules may ask for a later one. */
export type BlockTimes = (height: number) => number;

/** A block to be made. */
interface Wanted {
  readonly script: Uint8Array;
  readonly tag?: Uint8Array;
  readonly timeAt?: BlockTimes | undefined;
}

/** What came of a block that was to be made. */
interface Attempt {
  /** Absent where the tries did not suffice, the tip became another, or the search was stopped. */
  readonly result: Block | GenerateRefusal | undefined;
  readonly triesCount: number;
}

/** Why a block that was to be made is not: `reason` in Core's words. */
export interface GenerateRefusal {
  readonly reason: string;
  /** Before the search for a nonce, in it, or when the chain got the block. */
  readonly step: "test" | "search" | "submit";
}

/** Makes blocks on the tip. Whoever asks for some now goes before the miner, which makes them in the background. */
export class Generator {
  readonly #options: GeneratorOptions;
  readonly #deps: GeneratorDependencies;
  readonly #versionBits = newVersionBitsCache();
  /** Random at first, so that no other node makes the same blocks; then one more for each block. */
  #extraNonce: bigint | undefined;
  #lastAssembled: { readonly weight: number; readonly transactionCount: number } | undefined;
  /** Behind what is being made, so that two callers never make two blocks on one tip. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Calls that want blocks now, who waits until there are none, and the background's search that makes room for them. */
  #askedCount = 0;
  #unasked: (() => void)[] = [];
  #background = new AbortController();

  constructor(options: GeneratorOptions, deps: GeneratorDependencies) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Lowest feerate of transactions in blocks that are made here, satoshis a thousand vbytes. */
  get minFeerateSatPerKvb(): Sats {
    return this.#options.minFeerateSatPerKvb ?? MIN_FEERATE_DEFAULT;
  }

  /** The template of the next block, with the transactions of the mempool that pay best. */
  template(): Promise<BlockTemplate> {
    return this.#template();
  }

  #template(timeAt?: BlockTimes): Promise<BlockTemplate> {
    // While the tip moves, the mempool may be a step ahead of what the chain says is its tip.
    return this.#deps.chain.atTip(async () => {
      const selected = this.#selected();
      this.#noteAssembled(selected);
      return this.#templateOf(selected, timeAt);
    });
  }

  #noteAssembled(transactions: readonly TemplateTransaction[]): void {
    const reserved = this.#options.reservedWeight ?? RESERVED_WEIGHT_DEFAULT;
    const weight = transactions.reduce((sum, { tx }) => sum + tx.weight, reserved);
    this.#lastAssembled = { weight, transactionCount: transactions.length };
  }

  #selected(): readonly TemplateTransaction[] {
    return this.select(this.#deps.mempool.chunksInMiningOrder());
  }

  /** What the next block would take, were `chunks` in the order of mining all that waits. */
  select(chunks: Iterable<MineableChunk>): readonly MempoolEntry[] {
    const { chain } = this.#deps;
    return selectTransactions(chunks, {
      maxWeight: this.#options.maxWeight ?? MAX_BLOCK_WEIGHT,
      reservedWeight: this.#options.reservedWeight ?? RESERVED_WEIGHT_DEFAULT,
      minFeerateSatPerKvb: this.minFeerateSatPerKvb,
      height: chain.tip.height + 1,
      medianTime: medianTimePast(chain.tip),
    });
  }

  /** Weight, with what is kept free, and number of transactions of the block that was put together last; `undefined` before. */
  get lastAssembled(): { readonly weight: number; readonly transactionCount: number } | undefined {
    return this.#lastAssembled;
  }

  #templateOf(transactions: readonly TemplateTransaction[], timeAt?: BlockTimes): BlockTemplate {
    const { chain, clock } = this.#deps;
    const { version } = this.#options;
    const context = {
      previous: chain.tip,
      params: chain.network.params,
      nowSeconds: timeAt?.(chain.tip.height + 1) ?? Math.floor(clock.nowMs() / 1000),
      versionBits: this.#versionBits,
    };
    return createBlockTemplate(context, transactions, version === undefined ? {} : { version });
  }

  /** A block of `template` that pays to `script`, unlike any other, without proof of work; `tag` goes into its coinbase. */
  blockOf(template: BlockTemplate, script: Uint8Array, tag?: Uint8Array): Block {
    return blockFromTemplate(template, script, this.#nextExtraNonce(), tag);
  }

  /** A block that somebody asked for. */
  #askedBlockOf(template: BlockTemplate, script: Uint8Array): Block {
    return this.#options.makesCoreBlocks ? blockFromTemplate(template, script) : this.blockOf(template, script);
  }

  #nextExtraNonce(): Uint8Array {
    this.#extraNonce ??= bigIntFromLittleEndian(this.#deps.random.bytes(EXTRA_NONCE_SIZE));
    const bytes = littleEndianFromBigInt(this.#extraNonce, EXTRA_NONCE_SIZE);
    this.#extraNonce = BigInt.asUintN(8 * EXTRA_NONCE_SIZE, this.#extraNonce + 1n);
    return bytes;
  }

  /**
   * Mines `count` blocks on the tip that pay to `script`. Returns the hashes of fewer where `triesMax` hashes in all did
   * not suffice or the node stops, and a refusal where the chain refuses a block. Their times are the present, or `timeAt`
   * where the rules allow that.
   */
  generate(
    script: Uint8Array,
    count: number,
    triesMax: number,
    timeAt?: BlockTimes,
  ): Promise<readonly BlockHash[] | GenerateRefusal> {
    return this.#beforeBackground(() => this.#generate(script, count, triesMax, timeAt));
  }

  async #generate(script: Uint8Array, count: number, triesMax: number, timeAt?: BlockTimes) {
    const hashes: BlockHash[] = [];
    let triesLeft = triesMax;
    while (hashes.length < count && triesLeft > 0 && !this.#deps.signal.aborted) {
      const { result, triesCount } = await this.#inTurn(() =>
        this.#makeOne({ script, timeAt }, triesLeft, this.#deps.signal),
      );
      triesLeft -= triesCount;
      if (result === undefined) continue;
      if (isGenerateRefusal(result)) return result;
      hashes.push(result.hash);
      if (hashes.length % BLOCKS_PER_TURN === 0) await nextTurn();
    }
    return hashes;
  }

  /**
   * One block for the miner, with `tag` in its coinbase. `undefined` where `triesMax` hashes did not suffice, `signal` was aborted,
   * the tip became another, or others asked for blocks: then it may be tried again, with a new template. It begins when they have theirs.
   */
  async generateInBackground(
    script: Uint8Array,
    tag: Uint8Array,
    triesMax: number,
    signal: AbortSignal,
  ): Promise<Block | GenerateRefusal | undefined> {
    // To answer at once would have the miner ask again at once, which leaves no turn to those that are to go first.
    if (this.#askedCount > 0) await new Promise<void>((resolve) => this.#unasked.push(resolve));
    if (signal.aborted) return undefined;
    return this.#inTurn(async () => {
      if (this.#askedCount > 0) return undefined;
      this.#background = new AbortController();
      const either = AbortSignal.any([signal, this.#background.signal, this.#deps.signal]);
      return (await this.#makeOne({ script, tag }, triesMax, either)).result;
    });
  }

  async #beforeBackground<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#askedCount++;
    this.#background.abort();
    try {
      return await task();
    } finally {
      this.#askedCount--;
      if (this.#askedCount === 0) for (const resolve of this.#unasked.splice(0)) resolve();
    }
  }

  /**
   * Mines one block with exactly `transactions` behind the coinbase, which takes the subsidy and leaves the fees. The chain
   * changes only where `submit` says so.
   */
  generateBlock(
    script: Uint8Array,
    transactions: readonly Transaction[],
    submit: boolean,
  ): Promise<Block | GenerateRefusal> {
    return this.#beforeBackground(() => this.#inTurn(() => this.#makeOf(script, transactions, submit)));
  }

  async #makeOf(script: Uint8Array, transactions: readonly Transaction[], submit: boolean) {
    // As in Core, which puts together an empty block and adds to it.
    this.#noteAssembled([]);
    const template = this.#templateOf(transactions.map((tx) => ({ tx, fee: 0n, sigopsCost: 0 })));
    const unmined = this.#signed(this.#askedBlockOf(template, script));
    const reject = await this.#deps.chain.testBlock(unmined, { checkPow: false, checkMerkleRoot: false });
    if (reject) return { reason: rejectText(reject), step: "test" as const };
    const { block } = await this.#mine(unmined, GENERATE_BLOCK_TRIES_MAX, this.#deps.signal);
    if (block === undefined) return { reason: "no nonce was found", step: "search" as const };
    return (submit ? await this.#submit(block) : undefined) ?? block;
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const run = this.#tail.then(task);
    this.#tail = run.catch(() => {});
    return run;
  }

  async #makeOne({ script, tag, timeAt }: Wanted, triesMax: number, signal: AbortSignal): Promise<Attempt> {
    const template = await this.#template(timeAt);
    const mineOf = (unsigned: Block) => this.#mine(this.#signed(unsigned), triesMax, signal);
    let mined = await mineOf(tag ? this.blockOf(template, script, tag) : this.#askedBlockOf(template, script));
    // The very block was made before, and left since.
    if (mined.block && this.#deps.chain.find(mined.block.hash))
      mined = await mineOf(this.blockOf(template, script, tag));
    const { block, triesCount } = mined;
    const refused = block && (await this.#submit(block));
    return { result: refused ?? block, triesCount };
  }

  #signed(block: Block): Block {
    return this.#deps.signer?.sign(block) ?? block;
  }

  /** Ends at once where the tip becomes another. */
  async #mine(
    block: Block,
    triesMax: number,
    signal: AbortSignal,
  ): Promise<{ block: Block | undefined; triesCount: number }> {
    const { chain, search } = this.#deps;
    if (!equalBytes(chain.tip.hash, block.header.previousBlockHash)) return { block: undefined, triesCount: 0 };
    const { powLimit } = chain.network.params;
    const stale = new AbortController();
    const unsubscribe = chain.events.subscribe(
      (event) => {
        if (event.type === "tip-changed") stale.abort();
      },
      { name: "block search", delivery: "inline" },
    );
    const either = AbortSignal.any([signal, stale.signal]);
    try {
      const { header, triesCount } = await (search === undefined
        ? searchNonce(block.header, powLimit, triesMax, either)
        : search.search(block.header, powLimit, triesMax, either));
      return { block: header && new Block(header, block.transactions), triesCount };
    } finally {
      unsubscribe();
    }
  }

  async #submit(block: Block): Promise<GenerateRefusal | undefined> {
    const submission = await this.#deps.chain.submitBlock(block, { requested: true, minPowChecked: true });
    if (submission.accepted && submission.reject === undefined) return undefined;
    const { reject } = submission;
    return { reason: reject ? rejectText(reject as BlockReject) : "block not accepted", step: "submit" };
  }
}

export function isGenerateRefusal(result: object): result is GenerateRefusal {
  return "reason" in result;
}
