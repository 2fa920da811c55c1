import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import type {
  OutPoint,
  Transaction,
  TransactionFields,
  TxInput,
  TxOutput,
} from "@bitfleet/protocol/primitives/transaction.ts";
import { type Sats, type Txid, ZERO_HASH } from "@bitfleet/protocol/primitives/types.ts";
import { Op } from "@bitfleet/protocol/script/opcodes.ts";
import {
  dataOutput,
  payToAnchor,
  payToMultisig,
  payToScriptHash,
  payToTaproot,
  payToWitnessProgram,
  payToWitnessPublicKeyHash,
  payToWitnessScriptHash,
} from "@bitfleet/protocol/script/templates.ts";
import { COIN_KINDS } from "../differential/coin-kinds.ts";
import type { SeededRandom } from "../differential/random.ts";
import { COIN_VALUE, type Draft, type KnownCoin, type MempoolChain, signDraft } from "./mempool-chain.ts";

/** Transactions that are standard, and the same changed in one respect each, around the edge of the rule that it is about. */

/** Kinds whose outputs and spends are standard. */
const STANDARD_KINDS = new Set([
  "p2pk",
  "p2pkh long key",
  "bare multisig",
  "p2sh multisig",
  "p2wpkh",
  "p2wsh multisig",
  "p2sh-p2wpkh",
  "p2sh-p2wsh",
  "taproot key",
  "taproot script",
  "anchor",
]);
const KEY = new Uint8Array(33).fill(2);
const SAFE_FEERATE = 2000n;

export interface Case {
  readonly name: string;
  readonly tx: Transaction;
}

type Change = (draft: Draft, random: SeededRandom, chain: MempoolChain) => Draft;

/** The same transaction with `fee` satoshis left over, taken from its first output. */
function withFee(draft: Draft, fee: Sats): Draft {
  const valueIn = draft.coins.reduce((sum, { output }) => sum + output.value, 0n);
  const [first, ...others] = draft.outputs;
  const rest = others.reduce((sum, { value }) => sum + value, 0n);
  return { ...draft, outputs: [{ ...first!, value: valueIn - rest - fee }, ...others] };
}

function withOutput(draft: Draft, value: Sats, scriptPubKey: Uint8Array, count = 1): Draft {
  const added = Array.from({ length: count }, (): TxOutput => ({ value, scriptPubKey }));
  return { ...draft, outputs: [...draft.outputs, ...added] };
}

const spoiled = (draft: Draft, spoil: (fields: TransactionFields) => TransactionFields): Draft => ({ ...draft, spoil });

/** Changes the input at `index` after it was signed. */
function withInput(draft: Draft, index: number, change: (input: TxInput) => Partial<TxInput>): Draft {
  return spoiled(draft, (fields) => ({
    ...fields,
    inputs: fields.inputs.map((input, at) => (at === index ? { ...input, ...change(input) } : input)),
  }));
}

const withCoins = (draft: Draft, ...coins: readonly KnownCoin[]): Draft => ({ ...draft, coins });
const known = (chain: MempoolChain, name: string, index: number) => chain.coins.get(name)![index]!;

/** Outputs at the edge of dust, and kinds that are no coins of ours. */
const DUST_SCRIPTS = [
  payToScriptHash(new Uint8Array(20)),
  payToWitnessPublicKeyHash(new Uint8Array(20)),
  payToWitnessScriptHash(new Uint8Array(32)),
  payToTaproot(new Uint8Array(32).fill(1)),
  payToAnchor(),
  payToMultisig(1, [KEY]),
  payToWitnessProgram(16, new Uint8Array(40)),
] as const;
const DUST_EDGES = [239n, 240n, 293n, 294n, 329n, 330n, 353n, 354n, 539n, 540n, 581n, 582n];

const ODD_SCRIPTS: readonly Uint8Array[] = [
  EMPTY_BYTES,
  Uint8Array.of(Op.ONE),
  Uint8Array.of(Op.RETURN),
  Uint8Array.of(Op.RETURN, Op.NOP),
  Uint8Array.of(Op.RETURN, 2, 1),
  payToWitnessProgram(0, new Uint8Array(21)),
  payToWitnessProgram(1, new Uint8Array(1)),
  payToWitnessProgram(1, new Uint8Array(33)),
  payToWitnessProgram(2, new Uint8Array(2)),
  payToMultisig(1, [KEY, KEY, KEY]),
  payToMultisig(1, [KEY, KEY, KEY, KEY]),
  payToMultisig(2, Array(20).fill(KEY)),
  new Uint8Array(10_000).fill(Op.ONE),
  new Uint8Array(10_001).fill(Op.ONE),
  dataOutput(new Uint8Array(80)),
  dataOutput(new Uint8Array(5000)),
  dataOutput(new Uint8Array(99_000)),
  dataOutput(new Uint8Array(100_001)),
];

const SEQUENCES = [0, 1, 2, 3, 0x400000, 0x400001, 0x40ffff, 0x80000000, 0xfffffffe, 0xffffffff];

const changes: Readonly<Record<string, Change>> = {
  nothing: (draft) => draft,
  version: (draft, random) => ({ ...draft, version: random.pick([0, 1, 2, 3, 4, 0x80000000, 0xffffffff]) }),
  "lock height": (draft, random, { tipHeight }) => ({ ...draft, lockTime: tipHeight + random.below(4) - 1 }),
  "lock time": (draft, random, { blocks }) => {
    const median = blocks.at(-6)!.header.time;
    return { ...draft, lockTime: median + random.below(5) - 2 };
  },
  "lock without effect": (draft) => ({ ...draft, lockTime: 0xffffffff, sequences: [0xffffffff] }),
  sequence: (draft, random) => ({ ...draft, sequences: [random.pick(SEQUENCES)] }),
  "odd script": (draft, random) => withOutput(draft, 1000n, random.pick(ODD_SCRIPTS)),
  "two odd scripts": (draft, random) =>
    withOutput(withOutput(draft, 1000n, random.pick(ODD_SCRIPTS)), 1000n, random.pick(ODD_SCRIPTS)),
  dust: (draft, random) => withOutput(draft, random.pick(DUST_EDGES), random.pick(DUST_SCRIPTS)),
  "twice dust": (draft, random) => withOutput(draft, random.pick(DUST_EDGES), random.pick(DUST_SCRIPTS), 2),
  "dust without fee": (draft, random) =>
    withFee(withOutput(draft, random.pick(DUST_EDGES), random.pick(DUST_SCRIPTS)), BigInt(random.below(2))),
  "value out of range": (draft, random) =>
    withOutput(
      draft,
      random.pick([-1n, 2_100_000_000_000_001n, 2_100_000_000_000_000n, 2n ** 63n - 1n]),
      DUST_SCRIPTS[0],
    ),
  "no fee": (draft) => withFee(draft, 0n),
  "fee below zero": (draft, random) => withFee(draft, -BigInt(random.pick([1, 1000]))),
  "huge fee": (draft, random) => withFee(draft, BigInt(random.pick([5000, 20_000, 100_000, 900_000]))),
  "no outputs": (draft) => ({ ...draft, outputs: [] }),
  "missing input": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), ({ previousOutput }) => ({
      previousOutput: { ...previousOutput, index: 100_000 },
    })),
  "spent input": (draft, random, { rewards }) => withCoins(draft, rewards[random.below(2)]!, ...draft.coins),
  "input twice": (draft) => withCoins(draft, ...draft.coins, draft.coins[0]!),
  "null input": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), () => ({
      previousOutput: { txid: ZERO_HASH as Txid, index: 0xffffffff } satisfies OutPoint,
      scriptSig: new Uint8Array(random.pick([1, 2, 100, 101])),
      witness: [],
    })),
  "reward about to ripen": (draft, random, { rewards, tipHeight }) => {
    // The next block may spend a reward of 100 blocks before.
    const reward = rewards[tipHeight + 1 - 100 - 2 + random.below(4)]!;
    return withCoins(draft, reward, ...draft.coins);
  },
  "bad signature": (draft, random) => ({ ...draft, badInput: random.below(draft.coins.length) }),
  "no witness": (draft) =>
    spoiled(draft, (fields) => ({ ...fields, inputs: fields.inputs.map((input) => ({ ...input, witness: [] })) })),
  "witness item more": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), ({ witness }) => ({
      witness: [random.bytes(random.pick([0, 1, 80, 81])), ...witness],
    })),
  "witness item behind": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), ({ witness }) => ({
      witness: [...witness, random.pick([EMPTY_BYTES, Uint8Array.of(0x50), Uint8Array.of(1), random.bytes(3601)])],
    })),
  "witness of many items": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), ({ witness }) => ({
      witness: [...Array(random.pick([98, 99, 100, 101])).fill(Uint8Array.of(1)), ...witness],
    })),
  "scriptSig more": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), ({ scriptSig }) => ({
      scriptSig: Uint8Array.of(random.pick([Op.ZERO, Op.ONE, Op.RESERVED, Op.NOP, Op.DUP]), ...scriptSig),
    })),
  "scriptSig gone": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), () => ({ scriptSig: EMPTY_BYTES })),
  "scriptSig of another size": (draft, random) =>
    withInput(draft, random.below(draft.coins.length), () => ({
      scriptSig: new Uint8Array(random.pick([1649, 1650, 1651])),
    })),
  "coin of any kind": (draft, random, chain) =>
    withCoins(draft, known(chain, random.pick(COIN_KINDS).name, random.below(10)), ...draft.coins),
  "many signature operations": (draft, random, chain) => {
    const name = random.pick(["p2wsh sigops", "p2sh sigops"]);
    return withCoins(draft, ...chain.coins.get(name)!.slice(0, 1 + random.below(29)));
  },
  "tiny transaction": (draft, random, chain) => ({
    ...draft,
    coins: [known(chain, "anchor", random.below(10))],
    outputs: [
      { value: COIN_VALUE, scriptPubKey: Uint8Array.of(Op.RETURN, ...new Uint8Array(random.below(5)).fill(Op.ONE)) },
    ],
  }),
  "weight at the limit": (draft, random, chain) => {
    const coins = [known(chain, "anchor", random.below(10))];
    const size = 99_900 - 10 - 41 - draft.outputs.length * 40 + random.below(200);
    const large = withOutput({ ...draft, coins, outputs: draft.outputs.slice(0, 1) }, 0n, dataOfSize(size));
    return withFee(large, 15_000n);
  },
  "fee at the edge": (draft, random, chain) => {
    // Anchors are opened by nothing, so the size is known beforehand.
    const coins = Array.from({ length: 1 + random.below(3) }, (_, index) => known(chain, "anchor", index));
    const plain = withFee({ ...draft, coins }, 0n);
    const edge = (BigInt(signDraft(plain, random).virtualSize) * 100n + 999n) / 1000n;
    return withFee(plain, edge + BigInt(random.below(3) - 1));
  },
};

function dataOfSize(size: number): Uint8Array {
  const data = new Uint8Array(size).fill(Op.ONE);
  data[0] = Op.RETURN;
  return data;
}

/** A standard transaction that spends up to three confirmed coins of standard kinds. */
function plainDraft(random: SeededRandom, chain: MempoolChain): Draft {
  const kinds = random.shuffled(COIN_KINDS.filter(({ name }) => STANDARD_KINDS.has(name)));
  const coins = kinds.slice(0, 1 + random.below(3)).map(({ name }) => known(chain, name, random.below(10)));
  const outputs = random.shuffled(kinds).slice(0, 1 + random.below(3));
  const draft = {
    version: random.pick([1, 2, 2, 3]),
    coins,
    sequences: [0xfffffffd],
    outputs: outputs.map(({ script: scriptPubKey }) => ({ value: 100_000n, scriptPubKey })),
    lockTime: 0,
  };
  return withFee(draft, (BigInt(signDraft(draft, random).virtualSize) * SAFE_FEERATE) / 1000n);
}

/** `count` transactions, each kind of change in turn. */
export function makeCases(count: number, random: SeededRandom, chain: MempoolChain): Case[] {
  const names = Object.keys(changes);
  return Array.from({ length: count }, (_, index) => {
    const name = names[index % names.length]!;
    const tx = signDraft(changes[name]!(plainDraft(random, chain), random, chain), random);
    return { name: `${index} ${name}`, tx };
  });
}
