import { GENESIS, mine, rewardOf, type Spendable, spendableOf, type Tip } from "@bitfleet/node/chain/test-kit.ts";
import { EMPTY_BYTES } from "@bitfleet/protocol/bytes/bytes.ts";
import type { Block } from "@bitfleet/protocol/primitives/block.ts";
import { Transaction, type TransactionFields, type TxOutput } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { SighashCache } from "@bitfleet/protocol/script/sighash.ts";
import { ANYONE, COIN_KINDS, type CoinKind } from "../differential/coin-kinds.ts";
import type { SeededRandom } from "../differential/random.ts";

/** A chain with coins of every kind, and transactions that spend them: what two mempools are compared with. */

/** Large enough for what makes dust and what pays fees; small enough that no fee looks like a slip. */
export const COIN_VALUE: Sats = 1_000_000n;

const REWARD_COUNT = 125;
const COINS_PER_KIND = 30;
const BLOCK_SPACING_SECONDS = 60;
/** How far the tip's time lies in the past. */
const TIP_AGE_SECONDS = 600;

/** An output of a kind that the tests can open. */
export interface KnownCoin extends Spendable {
  readonly kind: CoinKind;
}

export interface MempoolChain {
  /** From height 1 to the tip. */
  readonly blocks: readonly Block[];
  readonly tipHeight: number;
  /** By the name of their kind: {@link COINS_PER_KIND} each. */
  readonly coins: ReadonlyMap<string, readonly KnownCoin[]>;
  /** Rewards by the height of their block; those of the first two are spent. */
  readonly rewards: readonly KnownCoin[];
  /** The transaction that made the coins. */
  readonly confirmed: Transaction;
}

export function buildMempoolChain(nowMs = Date.now()): MempoolChain {
  const tipSeconds = Math.floor(nowMs / 1000) - TIP_AGE_SECONDS;
  const tipHeight = REWARD_COUNT + 1;
  const timeAt = (height: number) => tipSeconds - (tipHeight - height) * BLOCK_SPACING_SECONDS;
  const tips: Tip[] = [];
  for (let height = 1; height <= REWARD_COUNT; height++)
    tips.push(mine(tips.at(-1) ?? GENESIS, { time: timeAt(height), spoil: payAnyone }));
  const rewards = tips.map((tip) => ({ ...rewardOf(tip), kind: ANYONE }));
  const outputs = COIN_KINDS.flatMap(({ script: scriptPubKey }) =>
    Array.from({ length: COINS_PER_KIND }, () => ({ value: COIN_VALUE, scriptPubKey })),
  );
  const spent = rewards.slice(0, 2);
  const inputs = spent.map(({ outPoint }) => plainInput(outPoint));
  const confirmed = new Transaction({ version: 2, inputs, outputs, lockTime: 0 });
  tips.push(mine(tips.at(-1)!, { time: timeAt(tipHeight), spoil: payAnyone, transactions: [confirmed] }));
  const coins = new Map(
    COIN_KINDS.map((kind, position) => {
      const own = Array.from({ length: COINS_PER_KIND }, (_, index) => ({
        ...spendableOf(confirmed, position * COINS_PER_KIND + index),
        kind,
      }));
      return [kind.name, own] as const;
    }),
  );
  return { blocks: tips.map(({ block }) => block), tipHeight, coins, rewards, confirmed };
}

/** Has the reward paid to whoever comes. */
export function payAnyone([coinbase, ...others]: readonly Transaction[]): readonly Transaction[] {
  const { version, inputs, outputs, lockTime } = coinbase!;
  const [reward, ...commitments] = outputs;
  const own = [{ value: reward!.value, scriptPubKey: ANYONE.script }, ...commitments];
  return [new Transaction({ version, inputs, outputs: own, lockTime }), ...others];
}

function plainInput(previousOutput: Spendable["outPoint"], sequence = 0xfffffffd) {
  return { previousOutput, scriptSig: EMPTY_BYTES, sequence, witness: [] as readonly Uint8Array[] };
}

/** A transaction as it is planned, before it is signed. */
export interface Draft {
  readonly version: number;
  readonly coins: readonly KnownCoin[];
  /** Of the inputs; the last counts for those behind. */
  readonly sequences: readonly number[];
  readonly outputs: readonly TxOutput[];
  readonly lockTime: number;
  /** Input whose signature is to be wrong. */
  readonly badInput?: number;
  /** Changes the signed fields. */
  readonly spoil?: (fields: TransactionFields) => TransactionFields;
}

export function signDraft(draft: Draft, random: SeededRandom): Transaction {
  const { version, coins, sequences, outputs, lockTime, spoil } = draft;
  const bare = coins.map(({ outPoint }, index) => plainInput(outPoint, sequences[index] ?? sequences.at(-1)));
  const fields = { version, inputs: bare, outputs, lockTime };
  const cache = new SighashCache(
    fields,
    coins.map(({ output }) => output),
  );
  const inputs = bare.map((input, inputIndex) => {
    const job = { cache, inputIndex, random, isBad: draft.badInput === inputIndex };
    return { ...input, ...coins[inputIndex]!.kind.unlock(job) };
  });
  const signed = { ...fields, inputs };
  return new Transaction(spoil ? spoil(signed) : signed);
}

/** The outputs of a transaction that are of known kinds. */
export function coinsMade(tx: Transaction): KnownCoin[] {
  return tx.outputs.flatMap(({ scriptPubKey }, index) => {
    const kind = COIN_KINDS.find(({ script }) => Buffer.compare(script, scriptPubKey) === 0);
    return kind === undefined ? [] : [{ ...spendableOf(tx, index), kind }];
  });
}
