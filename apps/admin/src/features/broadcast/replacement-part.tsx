import type { ReplacementCost } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./replacement-part.module.css";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.replacement;

const SHOWN_MAX = 6;

interface ReplacementPartProps {
  readonly cost: ReplacementCost;
  /** What the new one pays; `null` where that is not known. */
  readonly fee: number | null;
  /** In vbytes. */
  readonly size: number;
}

/** Which waiting transactions would have to go, and the sum that decides whether this one pays enough. */
export function ReplacementPart({ cost, fee, size }: ReplacementPartProps): ReactElement {
  const { replaced, conflicts, replaced_count: count } = cost;
  const missing = fee === null ? null : cost.fee_min - fee;
  const isDirect = new Set(conflicts);
  return (
    <Card title={texts.title(count)}>
      <div className={classes.parts} data-testid="replacement">
        <ul className={classes.list}>
          {replaced.slice(0, SHOWN_MAX).map((txid) => (
            <li key={txid}>
              <TransactionLink txid={txid} edgeCount={7} />
              <small>{isDirect.has(txid) ? texts.conflict : texts.descendant}</small>
            </li>
          ))}
          {count > SHOWN_MAX && <li className={classes.more}>{texts.more(formatCount(count - SHOWN_MAX))}</li>}
        </ul>
        <dl className={classes.sum}>
          <Line term={texts.replacedFee} detail={rateText(cost.replaced_fee, cost.replaced_virtual_size)}>
            <Amount sats={BigInt(cost.replaced_fee)} />
          </Line>
          <Line term={texts.relayFee} detail={texts.relayDetail(formatCount(size))}>
            <Amount sats={BigInt(cost.relay_fee)} />
          </Line>
          <Line term={texts.least} tone="sum">
            <Amount sats={BigInt(cost.fee_min)} />
          </Line>
          {fee !== null && (
            <Line
              term={texts.pays}
              detail={rateText(fee, size)}
              tone={missing !== null && missing > 0 ? "bad" : "good"}
            >
              <Amount sats={BigInt(fee)} />
            </Line>
          )}
        </dl>
        <p className={classes.note} data-tone={missing !== null && missing > 0 ? "bad" : undefined}>
          {missing !== null && missing > 0 ? (
            <>
              {texts.missing} <Amount sats={BigInt(missing)} />.
            </>
          ) : (
            texts.enough
          )}
        </p>
      </div>
    </Card>
  );
}

const rateText = (fee: number, size: number) => `${formatFeerate(fee / size)} sat/vB`;

function Line({
  term,
  detail,
  tone,
  children,
}: {
  readonly term: string;
  readonly detail?: string;
  readonly tone?: "sum" | "good" | "bad";
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div data-tone={tone}>
      <dt>
        {term} {detail !== undefined && <small>{detail}</small>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
