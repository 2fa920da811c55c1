import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { Badge, type Tone } from "@bitfleet/ui/badge.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { type Standing, standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.standing;

const TONES: Readonly<Record<Standing, Tone>> = {
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
    <Badge tone={TONES[standing]}>
      {standing === "confirmed" || standing === "settled"
        ? texts.confirmations(formatCount(confirmations), confirmations)
        : texts[standing]}
    </Badge>
  );
}
