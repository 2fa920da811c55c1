import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { type Standing, standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./wallet.module.css";

const texts = allTexts.standing;

const TONES: Readonly<Record<Standing, string>> = {
  waiting: "warn",
  immature: "plain",
  confirmed: "good",
  settled: "good",
  replaced: "plain",
  abandoned: "plain",
  excluded: "bad",
};

/** How far a transaction has come, in a word or two. */
export function StandingBadge({ transaction }: { readonly transaction: WalletTransaction }): ReactElement {
  const standing = standingOf(transaction);
  const { confirmations } = transaction;
  return (
    <span className={classes.badge} data-tone={TONES[standing]}>
      {standing === "confirmed" || standing === "settled"
        ? texts.confirmations(formatCount(confirmations), confirmations)
        : texts[standing]}
    </span>
  );
}
