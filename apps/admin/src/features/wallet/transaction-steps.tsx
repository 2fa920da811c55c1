import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Step, Steps } from "@bitfleet/ui/payment/steps.tsx";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import { isOutgoing, SETTLED_CONFIRMATIONS, standingOf } from "./standing.ts";
import { texts as allTexts } from "./texts.ts";

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
      <Steps label={texts.steps} standing={standing}>
        <Step state="done">{first}</Step>
        <Step state="bad">{allTexts.standing[standing]}</Step>
      </Steps>
    );
  }
  const isMined = confirmations > 0;
  const isSettled = confirmations >= SETTLED_CONFIRMATIONS;
  return (
    <Steps label={texts.steps} standing={standing}>
      <Step state="done">{first}</Step>
      {!isMined && (
        <Step state={isMissing ? "bad" : "now"}>
          <span role="status">
            {isMissing ? texts.unknown : isKnownToNode === false ? texts.underWay : texts.mempool}
          </span>
        </Step>
      )}
      <Step state={isMined ? "done" : "ahead"}>
        <span role="status">
          {isMined && hash !== null && height !== null ? (
            <BlockLink id={hash}>{texts.inBlock(formatCount(height))}</BlockLink>
          ) : (
            texts.noBlock
          )}
        </span>
      </Step>
      <Step state={isSettled ? "done" : isMined ? "now" : "ahead"}>
        {isSettled
          ? texts.settled(formatCount(confirmations))
          : texts.of(formatCount(Math.max(0, confirmations)), SETTLED_CONFIRMATIONS)}
      </Step>
    </Steps>
  );
}
