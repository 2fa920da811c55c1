import { fromHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { Transaction, type TxInput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Txid } from "@bitfleet/protocol/primitives/types.ts";
import type { SeededRandom } from "../differential/random.ts";
import { CoinPicker, isSpendable, type KnownCoin, madeBy } from "./coin-picker.ts";
import type { Life } from "./life.ts";
import { coinKey, idOf, spentKeys } from "./reference-chain.ts";
import type { ModelEntry } from "./reference-entry.ts";
import { feeAt, sum } from "./reference-rules.ts";
import {
  ANCHOR_SCRIPT,
  CONDITION,
  CONDITION_SCRIPT,
  dataScript,
  kindOf,
  MULTISIG_SCRIPT,
  STRANGE_SCRIPT,
} from "./scripts.ts";
import type { World } from "./worlds.ts";

interface Draft {
  readonly coins: readonly KnownCoin[];
  readonly version?: number;
  readonly sequences?: readonly number[];
  readonly lockTime?: number;
  readonly scripts?: readonly Uint8Array[];
  /** A dust output with this value. */
  readonly dust?: readonly bigint[];
  /** Instead of a fee by feerate. */
  readonly fee?: bigint | undefined;
}

/** Satoshis a thousand vbytes; many lie at or around what is relayed. */
const FEERATES: readonly bigint[] = [0n, 99n, 100n, 101n, 150n, 200n, 300n, 300n, 500n, 1000n, 1000n, 3000n, 10_000n];
const SEQUENCES = [0xffffffff, 0xfffffffd, 0xfffffffd, 0] as const;

/** Makes up transactions that fit, nearly fit, or do not fit what the reference holds. */
export class TransactionMaker {
  readonly #random: SeededRandom;
  readonly #life: Life;
  readonly #world: World;
  readonly #coins: CoinPicker;

  constructor(random: SeededRandom, life: Life, world: World) {
    this.#random = random;
    this.#life = life;
    this.#world = world;
    this.#coins = new CoinPicker(random, life, world);
  }

  get #reference() {
    return this.#life.reference;
  }

  /** Spends what nobody spends yet, confirmed or not. */
  fresh(): Transaction {
    const random = this.#random;
    const coins = this.#coins.freeCoins(1 + (random.oneIn(2) ? 0 : random.below(3)));
    const draft: Draft = { coins, version: this.#versionFor(coins) };
    switch (random.below(14)) {
      case 0:
      case 5:
        return this.make({ ...draft, version: Math.max(draft.version!, 2), ...this.#lock() });
      case 4:
        return this.make({ ...draft, coins: this.#coins.rewards(false) });
      case 1:
        return this.make({ ...draft, dust: [random.pick([0n, 1n, 239n, 240n])], fee: random.oneIn(3) ? 10n : 0n });
      case 2:
        return this.make({ ...draft, scripts: [...this.#scripts(), MULTISIG_SCRIPT] });
      case 3:
        return this.make({ ...draft, scripts: [...this.#scripts(), dataScript(random.pick(this.#paddings()))] });
      default:
        return this.make(draft);
    }
  }

  /** Spends what an entry spends, and often more: what other entries spend, what they made, or what is free. */
  replacement(): Transaction {
    const random = this.#random;
    const { entries, graph } = this.#reference;
    if (entries.length === 0) return this.fresh();
    if (random.oneIn(8)) return this.#copy(random.pick(entries));
    const coins: KnownCoin[] = [];
    for (let count = 1 + (random.oneIn(3) ? random.below(3) : 0); count > 0; count--) {
      const entry = random.pick(entries);
      coins.push(...this.#coins.coinsOf([random.pick(spentKeys(entry.tx))]));
      if (random.oneIn(12)) coins.push(...this.#coins.coinsOf([coinKey(entry.id, 0)]));
    }
    if (random.oneIn(3)) coins.push(...this.#coins.freeCoins(1));
    const unique = [...new Map(coins.map((coin) => [coin.key, coin])).values()];
    const draft = { coins: unique, version: this.#versionFor(unique), sequences: [0xfffffffd] };
    const conflicts = [...new Set(unique.flatMap(({ key }) => this.#reference.spender(key) ?? []))];
    const replaced = sum(graph.withDescendants(conflicts).map(({ modifiedFee }) => modifiedFee));
    const plain = this.make({ ...draft, fee: 0n });
    const step = feeAt(this.#world.options.incrementalFeerateSatPerKvb, plain.virtualSize);
    const extra = random.pick([-1000n, -1n, 0n, step - 1n, step, step, step + 1n, 3n * step, 5000n, 30_000n]);
    const fee = replaced + extra;
    const scripts = random.oneIn(4) ? [...this.#scripts(), dataScript(random.pick([300, 900]))] : undefined;
    return this.make({ ...draft, fee: fee < 0n ? 0n : fee, ...(scripts && { scripts }) });
  }

  /** As large as an entry, to the same scripts, for as much or a little more. */
  #copy({ tx, fee }: ModelEntry): Transaction {
    const scripts = tx.outputs.map(({ scriptPubKey }) => scriptPubKey);
    const { version } = tx;
    const step = feeAt(this.#world.options.incrementalFeerateSatPerKvb, tx.virtualSize);
    const sequences = [this.#random.pick([0xfffffffc, 0xfffffffb])];
    return this.make({ coins: this.#coins.coinsOf(spentKeys(tx)), version, scripts, sequences, fee: fee + step });
  }

  /** Version 3: a parent with two outputs, a child, and one that wants the place of the child; now and then it breaks a rule. */
  family(): Transaction[] {
    const random = this.#random;
    const parent = this.make({
      coins: this.#coins.freeCoins(1, (coin) => this.#reference.find(coin.key.split(":")[0]!) === undefined),
      version: 3,
      scripts: [ANCHOR_SCRIPT, ANCHOR_SCRIPT, ANCHOR_SCRIPT],
      fee: 300n,
    });
    const child = (index: number, fee: bigint) => {
      const coins = [madeBy(parent, index), ...(random.oneIn(5) ? this.#coins.freeCoins(1) : [])];
      const padding = random.oneIn(5) ? [dataScript(random.pick([850, 950]))] : [];
      const scripts = [ANCHOR_SCRIPT, ANCHOR_SCRIPT, ...padding];
      return this.make({ coins, version: random.oneIn(8) ? 2 : 3, scripts, fee });
    };
    const first = child(0, 300n);
    const grandchild = this.make({
      coins: [madeBy(first, 0)],
      version: 3,
      scripts: [ANCHOR_SCRIPT, ANCHOR_SCRIPT],
      fee: 500n,
    });
    const second = child(1, random.pick([200n, 300n, 310n, 400n, 1000n]));
    return random.oneIn(3) ? [parent, first, grandchild, second] : [parent, first, second];
  }

  /** Padded so that its cluster is exactly as large as may be, or four units of weight more. */
  filling(): Transaction {
    const random = this.#random;
    const { graph, options } = this.#reference;
    const coins = this.#coins.freeCoins(1);
    const draft = { coins, version: this.#versionFor(coins), sequences: [0xffffffff] };
    const [parent] = coins.flatMap(({ key }) => this.#reference.find(key.split(":")[0]!) ?? []);
    const joined = parent === undefined ? [] : graph.cluster(parent);
    const room = 4 * options.clusterVirtualSizeMax - joined.reduce((total, { size }) => total + size, 0);
    const build = (size: number) =>
      this.make({ ...draft, scripts: [ANCHOR_SCRIPT, dataScript(size)], fee: BigInt(room) });
    // From 253 bytes on the length of a script takes as much whatever it is, up to 65535.
    const size = 300 + Math.floor((room - build(300).weight) / 4) + random.pick([0, 0, 1]);
    return size < 253 || size > 65_535 ? this.fresh() : build(size);
  }

  /** Two of version 3, a child of both once they are confirmed, and one that wants its place once they are not. */
  reunion(): { readonly parents: Transaction[]; readonly child: Transaction; readonly late: Transaction } {
    const scripts = [ANCHOR_SCRIPT, ANCHOR_SCRIPT];
    const isConfirmed = ({ key }: KnownCoin) => this.#reference.find(key.split(":")[0]!) === undefined;
    const coins = this.#coins.freeCoins(8, isConfirmed);
    const parents = coins.slice(0, 2).map((coin) => this.make({ coins: [coin], version: 3, scripts, fee: 2000n }));
    const made = parents.map((tx) => madeBy(tx, 0));
    const child = this.make({ coins: made, version: 3, scripts, fee: 300n });
    const late = this.make({ coins: [madeBy(parents[0]!, 1)], version: 3, scripts, fee: 3000n });
    return { parents, child, late };
  }

  /** A transaction with another that spends it, which may be in the block `length` above. */
  aging(length: number): { readonly young: Transaction; readonly heir: Transaction } {
    const scripts = [ANCHOR_SCRIPT, ANCHOR_SCRIPT];
    const isConfirmed = ({ key }: KnownCoin) => this.#reference.find(key.split(":")[0]!) === undefined;
    const young = this.make({ coins: this.#coins.freeCoins(1, isConfirmed), scripts, fee: 1000n });
    const heir = this.make({ coins: [madeBy(young, 0)], scripts, fee: 5000n, sequences: [length] });
    return { young, heir };
  }

  payingDust(fee: bigint): Transaction {
    return this.make({ coins: this.#coins.freeCoins(1), scripts: [ANCHOR_SCRIPT, ANCHOR_SCRIPT], dust: [0n], fee });
  }

  #paddings(): readonly number[] {
    return this.#world.growsClusters ? [900, 9800, 30_000, 60_000] : [500, 900, 1500, 9800];
  }

  /** A parent that does not quite pay for what it replaces, and a child that does, by more bytes or a higher feerate. */
  replacingPair(): Transaction[] {
    const random = this.#random;
    const coins = this.#coins.conflictingCoins();
    const conflicts = [...new Set(coins.flatMap(({ key }) => this.#reference.spender(key) ?? []))];
    const old = sum(this.#reference.graph.withDescendants(conflicts).map(({ modifiedFee }) => modifiedFee));
    const step = (tx: Transaction) => feeAt(this.#world.options.incrementalFeerateSatPerKvb, tx.virtualSize);
    const scripts = [ANCHOR_SCRIPT, ANCHOR_SCRIPT];
    const feeOf = (fee: bigint) => (fee < 0n ? 0n : fee);
    const parentFee = random.pick([old - 1n, old, old + step(this.make({ coins, scripts, fee: 0n })) - 1n, 0n]);
    const parent = this.make({ coins, scripts, fee: feeOf(parentFee) });
    // As large as its parent, and as much for it.
    if (random.oneIn(4)) return [parent, this.make({ coins: [madeBy(parent, 0)], scripts, fee: feeOf(parentFee) })];
    const childScripts = random.oneIn(2) ? [...scripts, dataScript(random.pick([400, 900]))] : scripts;
    const draft = { coins: [madeBy(parent, 0)], scripts: childScripts };
    const both = step(parent) + step(this.make({ ...draft, fee: 0n }));
    const missing = old + both - feeOf(parentFee);
    const fee = missing + random.pick([-10n, -1n, 0n, 0n, 1n, 50n, 3000n]);
    return [parent, this.make({ ...draft, fee: feeOf(fee) })];
  }

  /** Each spends one that came before it: more than a cluster may have. */
  growth(): Transaction[] {
    const { clusterCountMax } = this.#world.options;
    const made: Transaction[] = [];
    while (made.length < clusterCountMax + 2) {
      const free = made.flatMap((tx) => [0, 1, 2].map((index) => madeBy(tx, index)));
      const spent = new Set(made.flatMap(spentKeys));
      // Those of most value, as dust is not wanted.
      const open = free
        .filter(({ key }) => !spent.has(key))
        .sort((a, b) => Number(b.output.value - a.output.value))
        .slice(0, 5);
      const coins = open.length > 0 ? [this.#random.pick(open)] : this.#coins.freeCoins(1);
      if (open.length > 2 && this.#random.oneIn(3)) coins.push(open.find((coin) => coin !== coins[0])!);
      const fee = BigInt(20 + this.#random.below(400));
      made.push(
        this.make({ coins, scripts: [ANCHOR_SCRIPT, ANCHOR_SCRIPT, ANCHOR_SCRIPT], fee, sequences: [0xffffffff] }),
      );
    }
    return made;
  }

  /** Parents and a child that spends them, mostly well made. */
  package(recent: readonly Transaction[]): Transaction[] {
    const random = this.#random;
    if (random.oneIn(5)) return this.replacingPair();
    const version = random.pick([2, 2, 2, 3]);
    const parents: Transaction[] = [];
    for (let count = random.pick([1, 1, 1, 2, 2, 3]); count > 0; count--) {
      if (recent.length > 0 && random.oneIn(6)) parents.push(random.pick(recent));
      else parents.push(this.#packageParent(version));
    }
    const unique = [...new Map(parents.map((tx) => [idOf(tx), tx])).values()];
    const spent = new Set(unique.flatMap(spentKeys));
    const coins = unique.flatMap((parent) => {
      const own = parent.outputs.map((_, index) => madeBy(parent, index)).filter(isSpendable);
      return own.filter(({ key }) => !spent.has(key)).slice(0, random.oneIn(3) ? 1 : 4);
    });
    if (random.oneIn(6)) coins.push(...this.#coins.freeCoins(1));
    if (random.oneIn(8)) coins.push(...this.#coins.conflictingCoins());
    const childCoins = [...new Map(coins.map((coin) => [coin.key, coin])).values()];
    if (childCoins.length === 0) return unique;
    const fee = random.oneIn(3) ? undefined : BigInt(random.pick([50, 100, 1000, 3000, 20_000]));
    const child = this.make({ coins: childCoins, version: random.oneIn(10) ? 2 : version, fee });
    const members = [...unique, child];
    switch (random.below(24)) {
      case 0:
        return random.shuffled(members);
      case 1:
        return [...members, members[0]!];
      case 2:
        return [...members, this.fresh()];
      case 3:
        return [...unique, this.make({ coins: this.#coins.coinsOf(spentKeys(unique[0]!)), version: 2 }), child];
      default:
        return members;
    }
  }

  #packageParent(version: number): Transaction {
    const random = this.#random;
    const coins = random.oneIn(3) ? this.#coins.conflictingCoins() : this.#coins.freeCoins(1 + random.below(2));
    const fee = random.pick([0n, 0n, 0n, 20n, 100n, undefined]);
    const dust = random.oneIn(4) ? [0n] : [];
    return this.make({ coins, version: random.oneIn(8) ? 2 : version, fee: dust.length > 0 ? 0n : fee, dust });
  }

  /** Each spends a coin of its own; the others spend 101 and 100 of those. */
  crowd(): { readonly crowd: Transaction[]; readonly family: Transaction[]; readonly tries: Transaction[] } {
    const { chain } = this.#reference;
    const ids = chain
      .blockAt(this.#life.chain.view.height - this.#life.depthMax)
      .block.transactions.slice(1, 2)
      .map(idOf);
    const coins = [...chain.coins()]
      .filter(([key]) => ids.includes(key.split(":")[0]!) && this.#reference.spender(key) === undefined)
      .map(([key, { output }]) => ({ key, output }));
    if (coins.length < 101) return { crowd: [], family: [], tries: [] };
    const scripts = [ANCHOR_SCRIPT, ANCHOR_SCRIPT];
    const crowd = coins.slice(0, 101).map((coin) => this.make({ coins: [coin], scripts, fee: 100n }));
    const all = (count: number) =>
      this.make({ coins: coins.slice(0, count), scripts, fee: 100_000n, sequences: [0xfffffffd] });
    const parent = this.make({ coins: coins.slice(0, 101), scripts, fee: 10n, sequences: [0xfffffffd] });
    const family = [parent, this.make({ coins: [madeBy(parent, 0)], scripts, fee: 100_000n })];
    return { crowd, family, tries: [all(101), all(100)] };
  }

  /** Breaks a rule of form, of coins or of scripts. */
  odd(recent: readonly Transaction[]): Transaction {
    const random = this.#random;
    const coins = this.#coins.freeCoins(1 + random.below(2));
    const draft: Draft = { coins, version: this.#versionFor(coins) };
    switch (random.below(18)) {
      case 0:
        return this.make({ ...draft, version: random.pick([0, 4]) });
      case 1:
        return this.make({ ...draft, coins: [coins[0]!, coins[0]!] });
      case 2:
        return this.make({ ...draft, scripts: [ANCHOR_SCRIPT, STRANGE_SCRIPT] });
      case 3:
        return this.make({ ...draft, dust: [0n, 0n], fee: 0n });
      case 4:
        return this.make({ coins: coins.slice(0, 1), scripts: [ANCHOR_SCRIPT], version: 2 });
      case 5:
        return this.make({ ...draft, fee: -1n });
      case 6:
        return this.make({ ...draft, coins: this.#coins.rewards(true) });
      case 7:
        return this.make({ ...draft, scripts: Array.from({ length: random.pick([200, 201]) }, () => MULTISIG_SCRIPT) });
      case 8:
        return this.#life.chain.view.tip.block.transactions[0]!;
      case 9: {
        const { transactions } = this.#life.chain.view.tip.block;
        return random.pick(transactions.slice(1).length > 0 ? transactions.slice(1) : [this.make(draft)]);
      }
      case 10:
        return this.make({
          ...draft,
          coins: [...coins, { key: coinKey("22".repeat(32), 1), output: coins[0]!.output }],
        });
      case 11:
      case 14:
        return this.make({ ...draft, ...this.#lock(true) });
      case 12:
        return this.make({
          ...draft,
          scripts: [ANCHOR_SCRIPT, dataScript(random.pick([60_000, 99_000])), dataScript(random.pick([20, 40_001]))],
        });
      case 13:
        return this.make({ ...draft, coins: this.#coins.coinsWhere((script) => kindOf(script) === "strange") });
      default:
        return this.#withOtherWitness(recent);
    }
  }

  /** The same transaction with a witness that differs, is missing, too large, or fails. */
  #withOtherWitness(recent: readonly Transaction[]): Transaction {
    const random = this.#random;
    const known = [...this.#reference.entries.map(({ tx }) => tx), ...recent].filter(({ hasWitness }) => hasWitness);
    const tx =
      known.length > 0 && random.oneIn(2)
        ? random.pick(known)
        : this.make({ coins: this.#coins.coinsWhere((script) => kindOf(script) === "condition"), version: 2 });
    const items = random.pick([
      [Uint8Array.of(2), CONDITION],
      [],
      [new Uint8Array(0), CONDITION],
      [new Uint8Array(81).fill(1), CONDITION],
      [CONDITION],
      [Uint8Array.of(1), Uint8Array.of(0x51)],
    ]);
    const inputs = tx.inputs.map((input) =>
      input.witness.length > 0 || random.oneIn(8) ? { ...input, witness: items } : input,
    );
    return new Transaction({ version: tx.version, inputs, outputs: tx.outputs, lockTime: tx.lockTime });
  }

  make(draft: Draft): Transaction {
    const random = this.#random;
    const { version = 2, lockTime = 0, dust = [] } = draft;
    const coins = draft.coins.length > 0 ? draft.coins : [NOWHERE];
    const sequence = random.pick(SEQUENCES);
    const inputs = coins.map(({ key, output }, index): TxInput => {
      const [id, position] = key.split(":") as [string, string];
      return {
        previousOutput: { txid: fromHex(id) as Txid, index: Number(position) },
        scriptSig: new Uint8Array(0),
        sequence: draft.sequences?.[index % draft.sequences.length] ?? sequence,
        witness: kindOf(output.scriptPubKey) === "condition" ? [Uint8Array.of(1), CONDITION] : [],
      };
    });
    const scripts = draft.scripts ?? this.#scripts();
    const valueIn = sum(coins.map(({ output }) => output.value));
    const share = valueIn / BigInt(2 * scripts.length);
    const build = (fee: bigint) => {
      const outputs = scripts.map((scriptPubKey) => ({
        value: kindOf(scriptPubKey) === "data" ? 0n : share,
        scriptPubKey,
      }));
      for (const value of dust) outputs.push({ value, scriptPubKey: ANCHOR_SCRIPT });
      const rest = valueIn - fee - sum(outputs.slice(1).map(({ value }) => value));
      const first = { value: rest < 0n ? 0n : rest, scriptPubKey: scripts[0]! };
      return new Transaction({ version, inputs, outputs: [first, ...outputs.slice(1)], lockTime });
    };
    if (draft.fee !== undefined) return build(draft.fee);
    const vsize = this.#sizeOf(build(0n));
    const { minimum, usageBytes } = this.#reference;
    const full = minimum.read(usageBytes);
    const feerate = full > 0n && random.oneIn(2) ? full : random.pick(FEERATES);
    const fee = feeAt(feerate, vsize) + BigInt(random.pick([-1, 0, 0, 0, 1, 7]));
    return build(fee < 0n ? 0n : fee);
  }

  /** As the mempool counts it. */
  #sizeOf(tx: Transaction): number {
    const sigops = 80 * tx.outputs.filter(({ scriptPubKey }) => kindOf(scriptPubKey) === "multisig").length;
    return Math.max(tx.virtualSize, sigops * 5);
  }

  #scripts(): Uint8Array[] {
    const random = this.#random;
    const count = random.pick([1, 2, 2, 3, 4]);
    const scripts = Array.from({ length: count }, () => (random.oneIn(4) ? CONDITION_SCRIPT : ANCHOR_SCRIPT));
    return count === 1 && !random.oneIn(12) ? [...scripts, CONDITION_SCRIPT] : scripts;
  }

  #lock(isLate = false): Pick<Draft, "lockTime" | "sequences"> {
    const random = this.#random;
    const { chain } = this.#reference;
    const late = isLate ? 1 : 0;
    switch (random.below(5)) {
      case 0:
        return { lockTime: chain.height + late, sequences: [0xfffffffe] };
      case 1:
        return { lockTime: chain.medianTime(chain.height) - 1 + late, sequences: [0xfffffffe] };
      case 2:
      case 3:
        return { sequences: [random.pick([0, 1, 2, 3, 4, 5, 8]) + late] };
      default:
        return { sequences: [2 ** 22 + random.pick([0, 1, 2, 3, 4, 6]) + late] };
    }
  }

  /** Three where an unconfirmed parent has it, most often. */
  #versionFor(coins: readonly KnownCoin[]): number {
    const random = this.#random;
    const parents = coins.flatMap(({ key }) => this.#reference.find(key.split(":")[0]!) ?? []);
    const isTruc = parents.some(({ tx }) => tx.version === 3);
    if (isTruc) return random.oneIn(8) ? 2 : 3;
    if (parents.length > 0) return random.oneIn(30) ? 3 : random.pick([1, 2, 2, 2]);
    return random.pick([1, 2, 2, 2, 2, 3]);
  }
}

/** A coin that nobody has, where there is none to be had. */
const NOWHERE: KnownCoin = {
  key: coinKey("33".repeat(32), 0),
  output: { value: 1_000_000n, scriptPubKey: ANCHOR_SCRIPT },
};
