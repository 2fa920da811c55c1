import type { AcceptanceResult } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import type { OtherParts } from "./other-parts.ts";
import classes from "./package-card.module.css";
import { type Member, membersUpTo } from "./package-members.ts";
import { reasonMeaning } from "./reject-reasons.ts";
import { ReplacementPart } from "./replacement-part.tsx";
import { useStepThrough } from "./step-through.tsx";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.together;

interface MemberRowProps {
  readonly member: Member;
  /** From 0. */
  readonly index: number;
  readonly members: readonly Member[];
  readonly result: AcceptanceResult | undefined;
  readonly parts: OtherParts;
}

/** One of several transactions: its figures and its verdict in a line, and below it, when asked for, how it will look. */
export function MemberRow({ member, index, members, result, parts }: MemberRowProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const { transaction } = member;
  const { txid, fee, virtual_size: size } = transaction;
  const run = { transactions: membersUpTo(members, txid), inputCount: transaction.inputs.length };
  const { button, walk } = useStepThrough(result?.reason, parts.stepThrough, run);
  return (
    <li className={classes.member} data-outcome={result?.outcome} data-testid="member">
      <div className={classes.line}>
        <span className={classes.number}>{formatCount(index + 1)}</span>
        <span className={classes.id}>
          <Hash value={txid} label="txid" edgeCount={8} />
          <small>
            {formatCount(size)} vB
            {fee !== null && ` · ${formatFeerate(fee / size)} sat/vB`}
          </small>
        </span>
        <span className={classes.fee}>{fee !== null && <Amount sats={BigInt(fee)} />}</span>
        <span className={classes.verdict}>
          {result !== undefined && <b>{texts.outcomes[result.outcome]}</b>}
          {result !== undefined && <small>{effectiveText(result)}</small>}
        </span>
        <span className={classes.buttons}>
          {button}
          <Button variant="default" size="sm" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? texts.hide : texts.show}
          </Button>
        </span>
        {result?.reason != null && (
          <p className={classes.reason}>
            {reasonMeaning(result.reason)} <code>{result.reason}</code>
          </p>
        )}
      </div>
      {walk}
      {isOpen && result?.replacement != null && <ReplacementPart cost={result.replacement} fee={fee} size={size} />}
      {isOpen && parts.preview(transaction)}
    </li>
  );
}

/** What it counts as paying, where that is not what it pays by itself. */
function effectiveText({
  effective_feerate_sat_per_kvb: rate,
  fee,
  virtual_size: size,
}: AcceptanceResult): string | undefined {
  if (rate === null || fee === null || size === null || Math.abs(rate - (fee * 1000) / size) < 1) return undefined;
  return texts.effective(formatFeerate(rate / 1000));
}
