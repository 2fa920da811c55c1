import { formatCount } from "@bitfleet/ui/format.ts";
import { Step, Steps } from "@bitfleet/ui/payment/steps.tsx";
import type { ReactElement } from "react";
import type { HistoryEntry, Standing } from "../session/account.ts";
import { blocksToMaturity, DEEP_CONFIRMATIONS, SETTLED_CONFIRMATIONS } from "./standing.ts";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.confirmations;

type Facts = Pick<HistoryEntry, "standing" | "isTaken" | "confirmations" | "direction" | "height" | "fee">;

/** From made to settled, and where a transaction is by now. */
export function ConfirmationSteps({ entry }: { readonly entry: Facts }): ReactElement {
  const { standing, isTaken, confirmations, direction, height } = entry;
  const first = direction === "mined" ? texts.mined : direction === "in" ? texts.seen : texts.made;
  if (hasEnded(standing)) {
    return (
      <Steps label={texts.label} standing={standing}>
        <Step state="done">{first}</Step>
        <Step state="bad">
          <span role="status">{moneyTexts.standing[standing].why}</span>
        </Step>
      </Steps>
    );
  }
  const isMined = standing === "confirmed";
  // What came from others was seen, and so it says in the first step.
  const isSeenAlready = direction === "mined" || (direction === "in" && isMined);
  const isKept = standing === "unsent" && !isTaken;
  const isDeep = confirmations >= DEEP_CONFIRMATIONS;
  const isSettled = confirmations >= SETTLED_CONFIRMATIONS;
  const toMaturity = blocksToMaturity(entry);
  return (
    <Steps label={texts.label} standing={standing}>
      <Step state="done">{first}</Step>
      {!isSeenAlready && (
        <Step state={isMined ? "done" : isKept ? "bad" : "now"}>
          <span role="status">
            {isMined ? texts.seen : isKept ? texts.unsent : isTaken ? texts.taken : texts.mempool}
          </span>
        </Step>
      )}
      <Step state={isMined ? "done" : "ahead"}>
        <span role="status">{height === undefined ? texts.noBlock : texts.inBlock(formatCount(height))}</span>
      </Step>
      <Step state={isDeep ? "done" : isMined ? "now" : "ahead"}>
        {isDeep ? texts.deep(DEEP_CONFIRMATIONS) : texts.of(formatCount(confirmations), DEEP_CONFIRMATIONS)}
      </Step>
      <Step state={isSettled ? "done" : isDeep ? "now" : "ahead"}>
        {isSettled
          ? texts.settled(formatCount(confirmations))
          : texts.of(formatCount(confirmations), SETTLED_CONFIRMATIONS)}
      </Step>
      {toMaturity > 0 && <Step state="ahead">{texts.maturing(formatCount(toMaturity))}</Step>}
    </Steps>
  );
}

/** Nobody carries it on its way now. */
function hasEnded(standing: Standing): standing is Exclude<Standing, "pending" | "unsent" | "confirmed"> {
  return standing !== "pending" && standing !== "unsent" && standing !== "confirmed";
}
