import { concatBytes, EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import { coinbaseHeightScript } from "@bitfleet/protocol/consensus/check-block.ts";
import { medianTimePast } from "@bitfleet/protocol/consensus/locktime.ts";
import { blockSubsidy } from "@bitfleet/protocol/consensus/subsidy.ts";
import {
  WITNESS_COMMITMENT_PREFIX,
  witnessCommitmentIndex,
  witnessCommitmentOutput,
} from "@bitfleet/protocol/consensus/witness-commitment.ts";
import { Block, type BlockHeaderFields } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction, type TransactionFields } from "@bitfleet/protocol/primitives/transaction.ts";
import type { MerkleRoot } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import { type BlockMaker, type BlockOptions, coinsMadeBy, TreeBlock, type TreeCoin } from "./block-tree.ts";
import { ANYONE } from "./coin-kinds.ts";

/**
 * Blocks at the edges of the rules: some break one, some only just do not. Which is which the two nodes have to say. A maker
 * returns `undefined` where the branch lacks what it needs.
 */
type EdgeBlock = (maker: BlockMaker, previous: TreeBlock) => TreeBlock | undefined;

/** As many as a spendable script can hold, and some room. */
const SIGOPS_PER_OUTPUT = 9000;

const output = (value: bigint, scriptPubKey: Uint8Array = ANYONE.script) => ({ value, scriptPubKey });

/** A block with ordinary transactions and one thing that is special. */
function special(maker: BlockMaker, previous: TreeBlock, label: string, options: BlockOptions = {}): TreeBlock {
  const { list, fees } = maker.transactions(previous, 3);
  const extra = options.transactions ?? [];
  return maker.block(previous, { fees, ...options, transactions: [...extra, ...list], label });
}

const withHeader = (label: string, change: (fields: BlockHeaderFields, previous: TreeBlock) => BlockHeaderFields) => {
  return (maker: BlockMaker, previous: TreeBlock) =>
    special(maker, previous, label, { header: (fields) => change(fields, previous) });
};

const withCoinbase = (
  label: string,
  change: (fields: TransactionFields, maker: BlockMaker, height: number) => TransactionFields,
) => {
  return (maker: BlockMaker, previous: TreeBlock) =>
    special(maker, previous, label, { coinbase: (fields) => change(fields, maker, previous.height + 1) });
};

const withScriptSig = (label: string, script: (height: number, random: BlockMaker["random"]) => Uint8Array) =>
  withCoinbase(label, (fields, maker, height) => {
    const scriptSig = script(height, maker.random);
    return { ...fields, inputs: [{ ...fields.inputs[0]!, scriptSig }] };
  });

/** A block with a transaction that spends one to three spendable coins in a special way. */
const withSpend = (
  label: string,
  make: (maker: BlockMaker, coins: readonly TreeCoin[], previous: TreeBlock) => readonly Transaction[],
): EdgeBlock => {
  return (maker, previous) => {
    const coins = maker.random.shuffled(maker.spendable(previous)).slice(0, 1 + maker.random.below(3));
    if (coins.length === 0) return undefined;
    const list = make(maker, coins, previous);
    return list.length === 0 ? undefined : maker.block(previous, { label, transactions: list });
  };
};

const withFinish = (label: string, finish: (list: readonly Transaction[]) => readonly Transaction[]): EdgeBlock => {
  return (maker, previous) => special(maker, previous, label, { finish });
};

/** Relative and absolute locks: `off` by nothing at the edge, by one beyond it. */
const withLock = (
  label: string,
  change: (fields: TransactionFields, coins: readonly TreeCoin[], previous: TreeBlock) => TransactionFields,
) =>
  withSpend(label, (maker, coins, previous) => {
    const plain = coins.filter(({ kind }) => kind?.sequenceMin === undefined && kind?.lockTimeMin === undefined);
    return plain.length === 0 ? [] : [maker.spend(plain, { change: (fields) => change(fields, plain, previous) })];
  });

function sequenced(fields: TransactionFields, sequences: readonly number[], version = 2): TransactionFields {
  const inputs = fields.inputs.map((input, index) => ({ ...input, sequence: sequences[index] ?? 0xffffffff }));
  return { ...fields, version, inputs };
}

function coinbaseWith(fields: TransactionFields, ...outputs: TransactionFields["outputs"]): TransactionFields {
  return { ...fields, outputs: [...fields.outputs, ...outputs] };
}

function withoutWitness({ version, inputs, outputs, lockTime }: Transaction): Transaction {
  return new Transaction({ version, inputs: inputs.map((input) => ({ ...input, witness: [] })), outputs, lockTime });
}

const reservedValue = (witness: readonly Uint8Array[]) => (list: readonly Transaction[]) => {
  const [coinbase, ...rest] = list;
  const { version, inputs, outputs, lockTime } = coinbase!;
  return [new Transaction({ version, inputs: [{ ...inputs[0]!, witness }], outputs, lockTime }), ...rest];
};

/** A coinbase with outputs whose scripts are nothing but `count` times one opcode. */
const sigopBlock = (label: string, count: number, opcode: number): EdgeBlock => {
  return (maker, previous) => {
    const pieces = Array.from({ length: Math.ceil(count / SIGOPS_PER_OUTPUT) }, (_, index) =>
      output(0n, new Uint8Array(Math.min(SIGOPS_PER_OUTPUT, count - SIGOPS_PER_OUTPUT * index)).fill(opcode)),
    );
    const value = blockSubsidy(previous.height + 1, maker.network.params);
    return maker.block(previous, { label, coinbase: (fields) => ({ ...fields, outputs: [output(value), ...pieces] }) });
  };
};

export const EDGE_BLOCKS: readonly EdgeBlock[] = [
  withHeader("time at the median", (fields, previous) => ({ ...fields, time: medianTimePast(previous) })),
  withHeader("time after the median", (fields, previous) => ({ ...fields, time: medianTimePast(previous) + 1 })),
  withHeader("time in 2100", (fields) => ({ ...fields, time: 4_102_444_800 })),
  withHeader("other bits", (fields) => ({ ...fields, bits: 0x207ffffe })),
  withHeader("bits too easy", (fields) => ({ ...fields, bits: 0x2100ffff })),
  withHeader("negative bits", (fields) => ({ ...fields, bits: 0x20ffffff })),
  withHeader("wrong merkle root", (fields) => ({ ...fields, merkleRoot: new Uint8Array(32).fill(7) as MerkleRoot })),
  ...[-1, 0, 1, 2, 3, 4, 0x7fffffff, -0x80000000].map((version) =>
    withHeader(`version ${version}`, (fields) => ({ ...fields, version })),
  ),
  ...[-1n, 0n, 1n].map((more) =>
    withCoinbase(`coinbase ${more} more`, (fields) => ({
      ...fields,
      outputs: fields.outputs.map((one, index) => (index === 0 ? { ...one, value: one.value + more } : one)),
    })),
  ),
  withCoinbase("coinbase of too much money", (fields) => coinbaseWith(fields, output(2_100_000_000_000_001n))),
  withCoinbase("coinbase of all money twice", (fields) =>
    coinbaseWith(fields, output(2_100_000_000_000_000n), output(2_100_000_000_000_000n)),
  ),
  withCoinbase("coinbase with negative output", (fields) => coinbaseWith(fields, output(-1n))),
  withCoinbase("coinbase without outputs", (fields) => ({ ...fields, outputs: [] })),
  withCoinbase("coinbase not final", (fields, _maker, height) => ({
    ...sequenced(fields, [0]),
    lockTime: height,
  })),
  withCoinbase("coinbase locked, final", (fields, _maker, height) => ({
    ...sequenced(fields, [0]),
    lockTime: height - 1,
  })),
  withCoinbase("coinbase of version -1", (fields) => ({ ...fields, version: -1 })),
  withScriptSig("coinbase of next height", (height) => coinbaseHeightScript(height + 1)),
  withScriptSig("coinbase script of 1 byte", () => Uint8Array.of(1)),
  withScriptSig("coinbase script of 2 bytes", () => Uint8Array.of(1, 1)),
  ...[100, 101].map((size) =>
    withScriptSig(`coinbase script of ${size} bytes`, (height) => {
      const start = coinbaseHeightScript(height);
      return concatBytes(start, new Uint8Array(size - start.length));
    }),
  ),
  withScriptSig("coinbase with bare height", (height) => concatBytes(coinbaseHeightScript(height), EMPTY_BYTES)),
  withScriptSig("coinbase with long height push", (height) => Uint8Array.of(3, height, height >> 8, 0)),
  (maker, previous) => {
    // The same coinbase as an ancestor's: overwrites where it is unspent (BIP30), else comes into being again.
    const other = previous.ancestor(1 + maker.random.below(Math.max(1, previous.height)));
    if (other === undefined || other.previous === undefined) return undefined;
    const tx = other.block.transactions[0]!;
    return maker.block(previous, { label: "repeated coinbase", commits: false, coinbase: () => tx });
  },
  withSpend("bad signature", (maker, coins) => [maker.spend(coins, { isBad: true })]),
  withSpend("input twice", (maker, coins) => [maker.spend([coins[0]!, coins[0]!])]),
  withSpend("double spend in block", (maker, coins) => [maker.spend(coins), maker.spend([coins[0]!])]),
  withSpend("same transaction twice", (maker, coins) => {
    const tx = maker.spend(coins);
    return [tx, tx];
  }),
  withSpend("spends more than it has", (maker, coins) => [maker.spend(coins, { fee: -1n })]),
  withSpend("fee of zero", (maker, coins) => [maker.spend(coins, { fee: 0n })]),
  withSpend("missing input", (maker, coins) => {
    const txid = maker.random.bytes(32) as Transaction["txid"];
    return [maker.spend([...coins, { ...coins[0]!, kind: ANYONE, outPoint: { txid, index: 0 } }], { fee: 5000n })];
  }),
  withSpend("output index too high", (maker, coins) => [
    maker.spend([{ ...coins[0]!, outPoint: { ...coins[0]!.outPoint, index: 77 } }]),
  ]),
  withSpend("null input", (maker, coins) => {
    const txid = new Uint8Array(32) as Transaction["txid"];
    return [maker.spend([...coins, { ...coins[0]!, kind: ANYONE, outPoint: { txid, index: 0xffffffff } }])];
  }),
  withSpend("no outputs", (maker, coins) => [maker.spend(coins, { change: (fields) => ({ ...fields, outputs: [] }) })]),
  withSpend("output above all money", (maker, coins) => [
    maker.spend(coins, { change: (fields) => ({ ...fields, outputs: [output(2_100_000_000_000_001n)] }) }),
  ]),
  withSpend("child before parent", (maker, coins, previous) => {
    const tx = maker.spend(coins);
    const made = coinsMadeBy(tx, previous.height + 1, false).filter(({ kind }) => kind?.name === "anyone");
    return made.length === 0 ? [] : [maker.spend(made), tx];
  }),
  withSpend("spends unspendable", (maker, coins) => {
    const tx = maker.spend(coins, {
      change: (fields) => ({ ...fields, outputs: [output(0n, Uint8Array.of(Op.RETURN)), ...fields.outputs] }),
    });
    const coin = { ...coins[0]!, kind: ANYONE, outPoint: { txid: tx.txid, index: 0 }, output: output(0n) };
    return [tx, maker.spend([coin], { fee: 0n })];
  }),
  withSpend("output of a huge script", (maker, coins) => [
    maker.spend(coins, {
      change: (fields) => ({ ...fields, outputs: [output(1n, new Uint8Array(10_001)), ...fields.outputs] }),
    }),
  ]),
  withSpend("output of a large script", (maker, coins) => [
    maker.spend(coins, {
      change: (fields) => ({ ...fields, outputs: [output(1n, new Uint8Array(10_000)), ...fields.outputs] }),
    }),
  ]),
  ...[98, 99, 100, 101].map(
    (age): EdgeBlock =>
      (maker, previous) => {
        const coin = [...previous.coins.values()].find(
          ({ height, isCoinbase, kind }) => isCoinbase && kind !== undefined && previous.height + 1 - height === age,
        );
        return coin && maker.block(previous, { label: `reward of age ${age}`, transactions: [maker.spend([coin])] });
      },
  ),
  (maker, previous) => {
    const genesis = maker.genesis.block.transactions[0]!;
    const coin = { outPoint: { txid: genesis.txid, index: 0 }, output: genesis.outputs[0]! };
    const spending = maker.spend([{ ...coin, kind: ANYONE, height: 0, isCoinbase: true }]);
    return maker.block(previous, { label: "spends genesis", transactions: [spending] });
  },
  ...[0, 1].map((off) =>
    withLock(`lock height ${off} off`, (fields, _coins, previous) => ({
      ...sequenced(
        fields,
        fields.inputs.map(() => 0xfffffffe),
      ),
      lockTime: previous.height + off,
    })),
  ),
  ...[-1, 0, 1, 60].map((off) =>
    withLock(`lock time ${off} off`, (fields, _coins, previous) => ({
      ...sequenced(
        fields,
        fields.inputs.map(() => 0xfffffffe),
      ),
      lockTime: medianTimePast(previous) + off,
    })),
  ),
  ...[0, 1].flatMap((off) => [
    withLock(`sequence height ${off} off`, (fields, coins, previous) =>
      sequenced(
        fields,
        coins.map(({ height }) => previous.height + 1 - height + off),
      ),
    ),
    withLock(`sequence height ${off} off, version 1`, (fields, coins, previous) =>
      sequenced(
        fields,
        coins.map(({ height }) => previous.height + 1 - height + off),
        1,
      ),
    ),
    withLock(`sequence time ${off} off`, (fields, coins, previous) =>
      sequenced(
        fields,
        coins.map(({ height }) => {
          const start = medianTimePast(previous.ancestor(Math.max(0, height - 1))!);
          return 0x400000 | (((medianTimePast(previous) - start) >> 9) + off);
        }),
      ),
    ),
  ]),
  // What redeem and witness scripts cost comes on top of what outputs alone may: 19,000 of 20,000 leave four or five of them.
  ...[18_500, 19_000, 19_500, 19_800].map(
    (count): EdgeBlock =>
      (maker, previous) => {
        const heavy = maker.spendable(previous).filter(({ kind }) => kind?.name.endsWith("sigops"));
        if (heavy.length === 0) return undefined;
        const transactions = heavy.slice(0, 12).map((coin) => maker.spend([coin]));
        const { label, block } = sigopBlock(
          `${count} checksigs and ${transactions.length} heavy inputs`,
          count,
          Op.CHECKSIG,
        )(maker, previous)!;
        const { outputs } = block.transactions[0]!;
        return maker.block(previous, { label, transactions, coinbase: (fields) => ({ ...fields, outputs }) });
      },
  ),
  // Witnesses that bring the block to the weight limit and beyond.
  ...[2, 3, 4].map((megabytes) =>
    withSpend(`${megabytes} MB of witnesses`, (maker, coins) => {
      const tx = maker.spend(coins, { change: (fields) => ({ ...fields, version: 2 }) });
      const ballast = new Uint8Array(megabytes * 1_000_000 - 2000);
      const inputs = tx.inputs.map((input, index) =>
        index === 0 ? { ...input, witness: [ballast, ...input.witness] } : input,
      );
      return [new Transaction({ version: tx.version, inputs, outputs: tx.outputs, lockTime: tx.lockTime })];
    }),
  ),
  sigopBlock("20000 checksigs", 20_000, Op.CHECKSIG),
  sigopBlock("20001 checksigs", 20_001, Op.CHECKSIG),
  sigopBlock("1000 multisigs", 1000, Op.CHECKMULTISIG),
  sigopBlock("1001 multisigs", 1001, Op.CHECKMULTISIG),
  withFinish("no transactions", () => []),
  withFinish("no coinbase", ([coinbase, ...rest]) => (rest.length === 0 ? [coinbase!] : rest)),
  withFinish("two coinbases", ([coinbase, ...rest]) => [coinbase!, ...rest, coinbase!]),
  withFinish("stripped witnesses", ([coinbase, ...rest]) => [coinbase!, ...rest.map(withoutWitness)]),
  withFinish("coinbase without witness", (list) => [withoutWitness(list[0]!), ...list.slice(1)]),
  withFinish("nothing has a witness", (list) => list.map(withoutWitness)),
  withFinish("reserved value of 31 bytes", reservedValue([new Uint8Array(31)])),
  withFinish("reserved value of ones", reservedValue([new Uint8Array(32).fill(1)])),
  withFinish("two reserved values", reservedValue([new Uint8Array(32), new Uint8Array(32)])),
  withFinish("commitment to nothing", ([coinbase, ...rest]) => {
    const { version, inputs, outputs, lockTime } = coinbase!;
    const wrong = output(0n, concatBytes(WITNESS_COMMITMENT_PREFIX, new Uint8Array(32)));
    return [new Transaction({ version, inputs, outputs: [...outputs, wrong], lockTime }), ...rest];
  }),
  (maker, previous) => {
    // Two commitments, of which the last counts; and bytes behind it, which mean nothing.
    const { list, fees } = maker.transactions(previous, 3);
    const coinbase = (fields: TransactionFields) => {
      const block = { transactions: [new Transaction(fields), ...list] };
      const right = witnessCommitmentOutput(block).scriptPubKey;
      const wrong = output(0n, concatBytes(WITNESS_COMMITMENT_PREFIX, new Uint8Array(32)));
      return coinbaseWith(fields, wrong, output(0n, concatBytes(right, Uint8Array.of(1, 2, 3))));
    };
    return maker.block(previous, { label: "two commitments", transactions: list, fees, coinbase, commits: true });
  },
  (maker, previous) => {
    const { list, fees } = maker.transactions(previous, 3);
    return maker.block(previous, { label: "no commitment", transactions: list, fees, commits: false });
  },
  (maker, previous) => special(maker, previous, "commitment before its time", { commits: true }),
  (maker, previous) => {
    const value = blockSubsidy(previous.height + 1, maker.network.params);
    const huge = maker.random.pick([998_000, 999_500, 1_000_500]);
    const coinbase = (fields: TransactionFields) => ({
      ...fields,
      outputs: [output(value), ...Array.from({ length: 10 }, () => output(0n, new Uint8Array(huge / 10)))],
    });
    return maker.block(previous, { label: `block of ${huge} bytes`, coinbase });
  },
];

/** Copies of a block that have its hash but other content (CVE-2012-2459 and BIP141). */
export function spoiledCopies(maker: BlockMaker, original: TreeBlock): TreeBlock[] {
  const { header, transactions } = original.block;
  const copy = (label: string, list: readonly Transaction[]) =>
    new TreeBlock(new Block(header, list), original.previous, label);
  const copies = [
    copy("copy without witnesses", transactions.map(withoutWitness)),
    copy("copy without coinbase witness", [withoutWitness(transactions[0]!), ...transactions.slice(1)]),
    copy("copy with other reserved value", reservedValue([new Uint8Array(32).fill(9)])(transactions)),
    copy("copy with more transactions", [...transactions, transactions.at(-1)!]),
    copy("copy with fewer transactions", transactions.slice(0, -1)),
  ];
  for (let size = 1; size <= transactions.length; size *= 2) {
    if ((transactions.length / size) % 2 !== 1) continue;
    copies.push(copy(`copy with last ${size} repeated`, [...transactions, ...transactions.slice(-size)]));
    break;
  }
  if (witnessCommitmentIndex(original.block) !== undefined && transactions.length > 1) {
    const last = transactions.at(-1)!;
    const inputs = last.inputs.map((input) => ({ ...input, witness: [...input.witness, Uint8Array.of(1)] }));
    const { version, outputs, lockTime } = last;
    const changed = new Transaction({ version, inputs, outputs, lockTime });
    copies.push(copy("copy with longer witness", [...transactions.slice(0, -1), changed]));
  }
  return maker.random.shuffled(copies);
}
