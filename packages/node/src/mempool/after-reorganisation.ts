import type { ChainLink, CoinLookup } from "@bitfleet/protocol/consensus/chain-view.ts";
import { COINBASE_MATURITY } from "@bitfleet/protocol/consensus/check-transaction.ts";
import { SEQUENCE_LOCKTIME_DISABLE_FLAG } from "@bitfleet/protocol/consensus/locktime.ts";
import type { OutPoint } from "@bitfleet/protocol/primitives/transaction.ts";
import { outPointKey } from "@bitfleet/protocol/primitives/types.ts";
import { areSequenceLocksMetNext, isFinalNext } from "./check-candidate.ts";
import type { Entry } from "./entry.ts";
import type { EntryPool } from "./entry-pool.ts";

/** The coins to fetch before {@link notFittingTip}: those of entries whose age counts. */
export function agingOutPoints(pool: EntryPool): readonly OutPoint[] {
  return [...pool.entries()].filter(countsAge).flatMap((entry) => confirmedInputs(entry, pool));
}

/** Entries that may not be in the block on top of `tip`, though they might have been on another: locked, or spending a young coinbase. */
export function notFittingTip(pool: EntryPool, tip: ChainLink, lookup: CoinLookup): readonly Entry[] {
  return [...pool.entries()].filter((entry) => !fitsTip(entry, pool, tip, lookup));
}

function fitsTip(entry: Entry, pool: EntryPool, tip: ChainLink, lookup: CoinLookup): boolean {
  const { tx } = entry;
  if (!isFinalNext(tx, tip)) return false;
  if (!countsAge(entry)) return true;
  const coins = tx.inputs.map(({ previousOutput }) => {
    const output = pool.get(previousOutput.txid)?.tx.outputs[previousOutput.index];
    return output ? { output, height: tip.height + 1, isCoinbase: false } : lookup(outPointKey(previousOutput));
  });
  const known = coins.filter((coin) => coin !== undefined);
  if (known.length < coins.length || !areSequenceLocksMetNext(tx, known, tip)) return false;
  return known.every((coin) => !coin.isCoinbase || tip.height + 1 - coin.height >= COINBASE_MATURITY);
}

/** BIP68 locks count from the coins, and so does the maturity of coinbases. */
function countsAge({ tx, spendsCoinbase }: Entry): boolean {
  return spendsCoinbase || tx.inputs.some(({ sequence }) => (sequence & SEQUENCE_LOCKTIME_DISABLE_FLAG) === 0);
}

function confirmedInputs({ tx }: Entry, pool: EntryPool): OutPoint[] {
  return tx.inputs.flatMap(({ previousOutput }) => (pool.get(previousOutput.txid) ? [] : [previousOutput]));
}
