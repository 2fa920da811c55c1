import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { EntryLine } from "../../money/entry-line.tsx";
import { standingLook } from "../../money/standing-badge.tsx";
import type { HistoryEntry } from "../../session/account.ts";
import classes from "./home.module.css";
import { texts } from "./texts.ts";

/** As many are told one by one. */
const SHOWN_COUNT = 5;

/** What is in no block yet, and what each of it waits for. */
export function WaitingCard({ entries }: { readonly entries: readonly HistoryEntry[] }): ReactElement {
  const shown = entries.slice(0, SHOWN_COUNT);
  const restCount = entries.length - shown.length;
  return (
    <Card
      title={texts.waitingTitle}
      aside={<span className={classes.quiet}>{texts.waitingAbout(entries.length)}</span>}
    >
      <ul className={classes.list} data-testid="waiting">
        {shown.map((entry) => (
          <li key={entry.txid}>
            <EntryLine entry={entry} />
            <p className={classes.why}>{standingLook(entry).why}</p>
          </li>
        ))}
      </ul>
      {restCount > 0 && (
        <Link to="/history" className={classes.more ?? ""}>
          {texts.more(formatCount(restCount))}
        </Link>
      )}
    </Card>
  );
}
