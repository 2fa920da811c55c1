import type { RecordValue } from "@bitfleet/vault/vault.ts";
import { isGapLimit } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import type { FoundFurther } from "./session.ts";
import { countOf, fieldsOf, satsOf, UnreadableRecord } from "./stored.ts";

/** A search behind longer gaps that is under way, as it stands with its wallet. */
export interface StoredSearch {
  /** The wallet's gap limit before it. */
  readonly gapLimitBefore: number;
  /** What the wallet had before it. */
  readonly before: FoundFurther;
}

export function searchValue({ gapLimitBefore, before }: StoredSearch): RecordValue {
  const { accounts, transactions, sats } = before;
  return { gapLimitBefore, accounts, transactions, sats: sats.toString() };
}

/** One that cannot be read is none: that keeps nobody from their wallet. */
export function searchOf(value: RecordValue | undefined): StoredSearch | undefined {
  const what = "a search";
  if (value === undefined) return undefined;
  try {
    const { gapLimitBefore, accounts, transactions, sats } = fieldsOf(value, what);
    if (typeof gapLimitBefore !== "number" || !isGapLimit(gapLimitBefore)) return undefined;
    const before = {
      accounts: countOf(accounts, what),
      transactions: countOf(transactions, what),
      sats: satsOf(sats, what),
    };
    return { gapLimitBefore, before };
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}
