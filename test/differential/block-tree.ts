import { concatBytes, EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { coinbaseHeightScript } from "@bitfleet/protocol/consensus/check-block.ts";
import { medianTimePast, sequenceLocks, sequenceLocksMet } from "@bitfleet/protocol/consensus/locktime.ts";
import { type Network, regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { checkProofOfWork } from "@bitfleet/protocol/consensus/pow.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import { commitToWitnesses } from "@bitfleet/protocol/consensus/witness-commitment.ts";
import type { BlockHeaderFields } from "@bitfleet/protocol/primitives/block.ts";
import { Block, BlockHeader } from "@bitfleet/protocol/primitives/block.ts";
import { blockMerkleRoot } from "@bitfleet/protocol/primitives/merkle.ts";
import {
  COINBASE_INDEX,
  type OutPoint,
  Transaction,
  type TransactionFields,
  type TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey, type Sats, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { isUnspendable, pushData } from "@bitfleet/protocol/script/script.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { ANYONE, COIN_KINDS, type CoinKind } from "./coin-kinds.ts";
import type { SeededRandom } from "./random.ts";

export interface TreeCoin {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
  /** `undefined` where nobody can open it. */
  readonly kind: CoinKind | undefined;
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** A block of the tree, valid or not, with the coins as they would be after it. */
export class TreeBlock {
  readonly block: Block;
  readonly header: BlockHeader;
  readonly height: number;
  readonly chainwork = 0n;
  readonly previous: TreeBlock | undefined;
  readonly label: string;
  #coins: ReadonlyMap<string, TreeCoin> | undefined;

  constructor(block: Block, previous: TreeBlock | undefined, label: string) {
    this.block = block;
    this.header = block.header;
    this.previous = previous;
    this.height = previous === undefined ? 0 : previous.height + 1;
    this.label = label;
  }

  ancestor(height: number): TreeBlock | undefined {
    let at: TreeBlock | undefined = this;
    while (at !== undefined && at.height > height) at = at.previous;
    return at;
  }

  get coins(): ReadonlyMap<string, TreeCoin> {
    this.#coins ??= this.#makeCoins();
    return this.#coins;
  }

  #makeCoins(): ReadonlyMap<string, TreeCoin> {
    if (this.previous === undefined) return new Map();
    const coins = new Map(this.previous.coins);
    this.block.transactions.forEach((tx, index) => {
      if (index > 0) for (const { previousOutput } of tx.inputs) coins.delete(outPointKey(previousOutput));
      for (const coin of coinsMadeBy(tx, this.height, index === 0)) coins.set(outPointKey(coin.outPoint), coin);
    });
    return coins;
  }
}

const kindByScript = new Map(COIN_KINDS.map((kind) => [kind.script.join(), kind]));

export function coinsMadeBy(tx: Transaction, height: number, isCoinbase: boolean): TreeCoin[] {
  return tx.outputs.flatMap((output, index) => {
    if (isUnspendable(output.scriptPubKey)) return [];
    const kind = kindByScript.get(output.scriptPubKey.join());
    return [{ outPoint: { txid: tx.txid, index }, output, kind, height, isCoinbase }];
  });
}

export type ActivationHeights = Network["params"]["activationHeights"];

export interface SpendOptions {
  readonly isBad?: boolean;
  /** Changes the fields before they are signed. */
  readonly change?: (fields: TransactionFields) => TransactionFields;
  readonly fee?: Sats;
}

export interface BlockOptions {
  readonly label?: string;
  readonly transactions?: readonly Transaction[];
  readonly fees?: Sats;
  /** Changes the coinbase before witnesses are committed to. */
  readonly coinbase?: (fields: TransactionFields) => TransactionFields;
  /** Changes all transactions after that, before the header commits to them. */
  readonly finish?: (transactions: readonly Transaction[]) => readonly Transaction[];
  readonly header?: (fields: BlockHeaderFields) => BlockHeaderFields;
  readonly commits?: boolean;
}

const COINBASE_MATURITY = 100;
const BLOCK_SECONDS = 60;
const FEE: Sats = 1000n;

/** Builds blocks and transactions on a regtest chain with rules that begin at `activationHeights`. */
export class BlockMaker {
  readonly network: Network;
  readonly random: SeededRandom;
  readonly genesis: TreeBlock;

  constructor(random: SeededRandom, activationHeights: Partial<ActivationHeights>) {
    this.random = random;
    this.network = regtestNetwork({ activationHeights });
    this.genesis = new TreeBlock(this.network.params.genesis, undefined, "genesis");
  }

  isActive(rule: keyof ActivationHeights, height: number): boolean {
    return height >= this.network.params.activationHeights[rule];
  }

  /** A block on top of `previous`: valid, unless the options make it otherwise. */
  block(previous: TreeBlock, options: BlockOptions = {}): TreeBlock {
    const { transactions = [], fees = 0n, label = "valid" } = options;
    const height = previous.height + 1;
    const isSegwit = this.isActive("segwit", height);
    const subsidy = blockSubsidy(height, this.network.params);
    const previousOutput: OutPoint = { txid: ZERO_HASH as Txid, index: COINBASE_INDEX };
    const scriptSig = concatBytes(coinbaseHeightScript(height), pushData(this.random.bytes(4)));
    const fields: TransactionFields = {
      version: 2,
      inputs: [{ previousOutput, scriptSig, sequence: 0xffffffff, witness: [] }],
      outputs: this.#split(subsidy + fees, 1 + this.random.below(3)),
      lockTime: 0,
    };
    const coinbase = new Transaction(options.coinbase?.(fields) ?? fields);
    const needsCommitment = transactions.some((tx) => tx.hasWitness) || !this.random.oneIn(4);
    const commits = options.commits ?? (isSegwit && needsCommitment);
    const all = [commits ? commitToWitnesses(coinbase, transactions) : coinbase, ...transactions];
    const finished = options.finish?.(all) ?? all;
    return new TreeBlock(this.solve(previous, finished, options.header), previous, label);
  }

  solve(
    previous: TreeBlock,
    transactions: readonly Transaction[],
    change: (fields: BlockHeaderFields) => BlockHeaderFields = (fields) => fields,
  ): Block {
    const fields = change({
      version: 0x20000000,
      previousBlockHash: previous.header.hash,
      merkleRoot: blockMerkleRoot({ transactions }).root,
      time: this.#timeAfter(previous),
      bits: this.network.params.genesis.header.bits,
      nonce: 0,
    });
    for (let nonce = fields.nonce; nonce < 200_000; nonce++) {
      const header = new BlockHeader({ ...fields, nonce });
      if (checkProofOfWork(header.hash, fields.bits, this.network.params)) return new Block(header, transactions);
    }
    // Bits that are no target.
    return new Block(new BlockHeader(fields), transactions);
  }

  #timeAfter(previous: TreeBlock): number {
    const earliest = medianTimePast(previous) + 1;
    if (this.random.oneIn(8)) return earliest;
    return Math.max(earliest, previous.header.time + this.random.below(3 * BLOCK_SECONDS) - BLOCK_SECONDS / 2);
  }

  #split(total: Sats, count: number): TxOutput[] {
    const outputs: TxOutput[] = [];
    let rest = total;
    for (let index = 1; index <= count; index++) {
      const value = index === count ? rest : rest / 2n;
      rest -= value;
      outputs.push({ value, scriptPubKey: this.random.pick(COIN_KINDS).script });
    }
    if (this.random.oneIn(6)) outputs.push({ value: 0n, scriptPubKey: Uint8Array.of(0x6a, 1, 1) });
    return outputs;
  }

  /** A signed transaction that spends `coins` in a block on top of `previous`. */
  spend(coins: readonly TreeCoin[], options: SpendOptions = {}): Transaction {
    const { isBad = false, fee = FEE } = options;
    const total = coins.reduce((sum, { output }) => sum + output.value, 0n) - fee;
    const lockTime = Math.max(0, ...coins.map(({ kind }) => kind?.lockTimeMin ?? 0));
    const plain: TransactionFields = {
      version: this.random.pick([1, 2, 2, 3]),
      inputs: coins.map(({ outPoint }) => ({
        previousOutput: outPoint,
        scriptSig: EMPTY_BYTES,
        sequence: lockTime > 0 ? 0xfffffffe : this.random.pick([0xffffffff, 0xfffffffe, 0x80000001]),
        witness: [],
      })),
      outputs: this.#split(total, 1 + this.random.below(3)),
      lockTime,
    };
    const locked = withSequences(plain, coins);
    const fields = options.change?.(locked) ?? locked;
    const cache = new SighashCache(
      new Transaction(fields),
      coins.map(({ output }) => output),
    );
    const spoiled = isBad ? this.random.below(coins.length) : -1;
    const inputs = fields.inputs.map((input, inputIndex) => {
      const kind = coins[inputIndex]?.kind ?? ANYONE;
      const job = { cache, inputIndex, random: this.random, isBad: inputIndex === spoiled };
      return { ...input, ...kind.unlock(job) };
    });
    return new Transaction({ ...fields, inputs });
  }

  /** Whether a block on top of `previous` may have `tx`, as far as locks go. */
  locksAllow(tx: Transaction, coins: readonly TreeCoin[], previous: TreeBlock): boolean {
    const median = medianTimePast(previous);
    const isTime = tx.lockTime >= 500_000_000;
    if (tx.lockTime >= (isTime ? median : previous.height + 1)) return false;
    const heights = coins.map((coin) => coin.height);
    const locks = sequenceLocks(tx, heights, (height) => previous.ancestor(height));
    return sequenceLocksMet(locks, previous.height + 1, median);
  }

  isMature(coin: TreeCoin, height: number): boolean {
    return !coin.isCoinbase || height - coin.height >= COINBASE_MATURITY;
  }

  /** Coins that a valid block on top of `previous` may spend. */
  spendable(previous: TreeBlock): TreeCoin[] {
    const height = previous.height + 1;
    const isSegwit = this.isActive("segwit", height);
    return [...previous.coins.values()].filter((coin) => {
      const { kind, output } = coin;
      return (
        kind !== undefined &&
        output.value > 10n * FEE &&
        this.isMature(coin, height) &&
        (isSegwit || !kind.needsWitness)
      );
    });
  }

  /** Valid transactions for a block on top of `previous`, some of which spend each other's outputs. */
  transactions(previous: TreeBlock, countMax: number): { readonly list: Transaction[]; readonly fees: Sats } {
    const height = previous.height + 1;
    const isSegwit = this.isActive("segwit", height);
    let pool = this.random.shuffled(this.spendable(previous)).slice(0, 3 * countMax);
    const list: Transaction[] = [];
    let fees: Sats = 0n;
    const count = this.random.below(countMax + 1);
    for (let made = 0; made < count && pool.length > 0; made++) {
      const coins = pool.slice(0, 1 + this.random.below(3));
      pool = pool.slice(coins.length);
      const tx = this.spend(coins);
      if (!this.locksAllow(tx, coins, previous)) continue;
      list.push(tx);
      fees += FEE;
      const mine = coinsMadeBy(tx, height, false);
      const chained = mine.filter(
        ({ kind, output }) =>
          kind !== undefined &&
          output.value > 10n * FEE &&
          (isSegwit || !kind.needsWitness) &&
          (kind.sequenceMin === undefined || !this.isActive("csv", height)),
      );
      if (this.random.oneIn(2)) pool = [...chained, ...pool];
    }
    return { list, fees };
  }
}

/** With the sequence numbers that relative locks of the coins ask for. */
function withSequences(fields: TransactionFields, coins: readonly TreeCoin[]): TransactionFields {
  if (coins.every(({ kind }) => kind?.sequenceMin === undefined)) return fields;
  const inputs = fields.inputs.map((input, index) => {
    const sequence = coins[index]?.kind?.sequenceMin;
    return sequence === undefined ? input : { ...input, sequence };
  });
  return { ...fields, version: 2, inputs };
}
