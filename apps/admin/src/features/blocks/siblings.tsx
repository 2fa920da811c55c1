import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { BlockSibling } from "@bitfleet/api/rest/chain-charts.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { AlertIcon } from "@bitfleet/ui/icons.tsx";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import classes from "./siblings.module.css";
import { texts } from "./texts.ts";

interface SiblingsProps {
  readonly block: BlockSummary;
  /** `undefined` while they are on their way. */
  readonly siblings: readonly BlockSibling[] | undefined;
}

/** Says of a block outside the active chain that it is stale, and what stands in its place. */
export function StaleNotice({ block, siblings }: SiblingsProps): ReactElement | null {
  if (block.confirmations >= 1) return null;
  const replacement = siblings?.find(({ status }) => status === "active");
  return (
    <div className={classes.notice} role="status" data-testid="stale">
      <AlertIcon size={22} />
      <div>
        <strong>{texts.stale.title}</strong>
        {replacement === undefined ? (
          <p>{siblings === undefined ? " " : texts.stale.alone}</p>
        ) : (
          <p>
            {texts.stale.lost} <BlockLink id={replacement.hash} />
          </p>
        )}
      </div>
    </div>
  );
}

/** Other blocks of the height: what a reorganisation left, or put in the place of this one. Nothing where there are none. */
export function Siblings({ siblings }: Pick<SiblingsProps, "siblings">): ReactElement | null {
  if (siblings === undefined || siblings.length === 0) return null;
  return (
    <Card title={texts.siblings.title}>
      <ul className={classes.siblings}>
        {siblings.map((sibling) => (
          <li key={sibling.hash} data-hash={sibling.hash}>
            <span className={classes.status} data-status={sibling.status} title={texts.siblings.help[sibling.status]}>
              {texts.siblings.status[sibling.status]}
            </span>
            <BlockLink id={sibling.hash} />
            <span className={classes.facts}>
              <span>{texts.siblings.count(sibling.transaction_count, formatCount(sibling.transaction_count))}</span>
              <Age unixSeconds={sibling.timestamp} />
              {sibling.seen !== null && (
                <span>
                  {texts.siblings.seen} <Age unixSeconds={sibling.seen} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
