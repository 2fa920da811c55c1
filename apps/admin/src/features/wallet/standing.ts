import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";

/** Blocks upon a payment after which nobody expects it to vanish. */
export const SETTLED_CONFIRMATIONS = 6;

export type Standing = "waiting" | "confirmed" | "settled" | "immature" | "replaced" | "abandoned" | "excluded";

type Facts = Pick<WalletTransaction, "confirmations" | "is_abandoned" | "replaced_by" | "movements">;

/** How far a transaction has come. */
export function standingOf({ confirmations, is_abandoned, replaced_by, movements }: Facts): Standing {
  if (confirmations > 0) {
    if (movements.some(({ category }) => category === "immature")) return "immature";
    return confirmations >= SETTLED_CONFIRMATIONS ? "settled" : "confirmed";
  }
  if (is_abandoned) return "abandoned";
  if (replaced_by !== null) return "replaced";
  return confirmations < 0 || movements.some(({ category }) => category === "orphan") ? "excluded" : "waiting";
}

/** What a transaction changes in what the wallet has, its fee included; of a reward, what it will once it is mature. */
export function netOf({ amount, fee, movements }: Pick<WalletTransaction, "amount" | "fee" | "movements">): number {
  const immature = movements.filter(({ category }) => category === "immature");
  return amount - (fee ?? 0) + immature.reduce((sum, one) => sum + one.amount, 0);
}

/** Whether the wallet itself made it. */
export const isOutgoing = ({ fee }: Pick<WalletTransaction, "fee">): boolean => fee !== null;
