import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import { isOutgoing, SETTLED_CONFIRMATIONS, standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./transaction-dialog.module.css";

const texts = allTexts.transaction;

interface TransactionStepsProps {
  readonly transaction: WalletTransaction;
  /** Whether a node has it in its mempool; `undefined` where that is not known. */
  readonly isKnownToNode: boolean | undefined;
  /** It should have one by now. */
  readonly isMissing: boolean;
}

/** From sent to settled, and where the transaction is by now. */
export function TransactionSteps({ transaction, isKnownToNode, isMissing }: TransactionStepsProps): ReactElement {
  const standing = standingOf(transaction);
  const { confirmations, block_hash: hash, block_height: height } = transaction;
  const first = isOutgoing(transaction) ? texts.sent : texts.received;
  if (standing === "replaced" || standing === "abandoned" || standing === "excluded") {
    return (
      <ol className={classes.steps} aria-label={texts.steps}>
        <li data-state="done">{first}</li>
        <li data-state="bad">{allTexts.standing[standing]}</li>
      </ol>
    );
  }
  const isMined = confirmations > 0;
  const isSettled = confirmations >= SETTLED_CONFIRMATIONS;
  return (
    <ol className={classes.steps} aria-label={texts.steps} data-testid="steps" data-standing={standing}>
      <li data-state="done">{first}</li>
      {!isMined && (
        <li data-state={isMissing ? "bad" : "now"}>
          <span role="status">
            {isMissing ? texts.unknown : isKnownToNode === false ? texts.underWay : texts.mempool}
          </span>
        </li>
      )}
      <li data-state={isMined ? "done" : "ahead"}>
        <span role="status">
          {isMined && hash !== null && height !== null ? (
            <BlockLink id={hash}>{texts.inBlock(formatCount(height))}</BlockLink>
          ) : (
            texts.noBlock
          )}
        </span>
      </li>
      <li data-state={isSettled ? "done" : isMined ? "now" : "ahead"}>
        {isSettled
          ? texts.settled(formatCount(confirmations))
          : texts.of(formatCount(Math.max(0, confirmations)), SETTLED_CONFIRMATIONS)}
      </li>
    </ol>
  );
}
