import { chainOf } from "@bitfleet/protocol/consensus/test-kit.ts";
import { Transaction } from "@bitfleet/protocol/primitives/transaction.ts";
import type { Sats } from "@bitfleet/protocol/primitives/types.ts";
import { payToAnchor } from "@bitfleet/protocol/script/templates.ts";
import { GENESIS, type MineOptions, mine, type Tip } from "../chain/test-kit.ts";
import type { Candidate } from "./candidate.ts";
import type { CheckContext, CheckMode } from "./check-candidate.ts";
import { Entry, type EntryFields } from "./entry.ts";
import { EntryPool } from "./entry-pool.ts";
import { MEMPOOL_DEFAULTS } from "./mempool-options.ts";

/** What the tests of acceptance share. */

/** Standard to pay to, and opened by nothing: its spends need no signature. */
export const ANCHOR = payToAnchor();

/** An entry that is in no pool. */
export function entryOf(tx: Transaction, fee: Sats, fields: Partial<EntryFields> = {}): Entry {
  return new Entry({
    tx,
    fee,
    feeDelta: 0n,
    sigopsCost: 0,
    timeSeconds: 0,
    height: 0,
    sequence: 1,
    spendsCoinbase: false,
    bytesPerSigop: 20,
    ...fields,
  });
}

/** A pool with these entries, parents before children. */
export function poolOf(...entries: readonly Entry[]): EntryPool {
  const pool = new EntryPool();
  for (const entry of entries) pool.add(entry);
  return pool;
}

/** A transaction with its fee, before replacement and limits are looked at. Conflicts are those of `pool`. */
export function candidateOf(tx: Transaction, fee: Sats, pool: EntryPool, fields: Partial<EntryFields> = {}): Candidate {
  return {
    tx,
    entry: entryOf(tx, fee, fields),
    spentOutputs: [],
    conflicts: new Set(pool.conflictsOf(tx)),
    evictsSibling: false,
  };
}

export const SINGLE_MODE: CheckMode = {
  bypassLimits: false,
  paidByPackage: false,
  allowsReplacement: true,
  evictsSibling: true,
};

/** On a chain of blocks 0 to 199, one each 1000 seconds: the median time past of the tip is that of block 194. */
export function contextOf(fields: Partial<CheckContext> = {}): CheckContext {
  return {
    options: MEMPOOL_DEFAULTS,
    pool: new EntryPool(),
    tip: CHAIN.at(-1)!,
    arrivalSeconds: 1_700_000_000,
    rollingFeerateSatPerKvb: 0n,
    sequence: 1,
    feeDeltaOf: () => 0n,
    packageMembers: new Map(),
    ...fields,
  };
}

const CHAIN = chainOf(200, (height) => ({ time: 1_600_000_000 + 1000 * height }));

/** Blocks whose rewards are anchors: anybody may spend them, once they are old enough. */
export function mineAnchors(previous: Tip, count: number, options: MineOptions = {}): Tip[] {
  const tips: Tip[] = [];
  while (tips.length < count) tips.push(mine(tips.at(-1) ?? previous, { ...options, spoil: payToAnchors }));
  return tips;
}

/** {@link mineAnchors} from genesis. */
export const anchorChain = (count: number): Tip[] => mineAnchors(GENESIS, count);

function payToAnchors([coinbase, ...others]: readonly Transaction[]): readonly Transaction[] {
  const { version, inputs, outputs, lockTime } = coinbase!;
  const [reward, ...commitments] = outputs;
  const own = [{ value: reward!.value, scriptPubKey: ANCHOR }, ...commitments];
  return [new Transaction({ version, inputs, outputs: own, lockTime }), ...others];
}
