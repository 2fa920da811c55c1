import { Amount } from "@bitfleet/ui/amount.tsx";
import type { ReactElement } from "react";
import type { HistoryEntry } from "../session/account.ts";
import classes from "./money.module.css";
import { counts } from "./standing.ts";

/** By how much a transaction changes the account; struck out where it will not. */
export function Delta({ entry }: { readonly entry: Pick<HistoryEntry, "delta" | "standing"> }): ReactElement {
  const { delta, standing } = entry;
  const isCounted = counts(standing);
  const isGain = delta > 0n && standing === "confirmed";
  const content = (
    <>
      {delta > 0n && "+"}
      <Amount sats={delta} />
    </>
  );
  return isCounted ? (
    <span className={isGain ? classes.gain : undefined}>{content}</span>
  ) : (
    <s className={classes.void}>{content}</s>
  );
}
