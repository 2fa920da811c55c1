import { Age } from "@bitfleet/ui/age.tsx";
import { ArrowInIcon, ArrowOutIcon, PickIcon, TransferIcon } from "@bitfleet/ui/icons.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { HistoryEntry } from "../session/account.ts";
import { Delta } from "./delta.tsx";
import classes from "./entry-line.module.css";
import { entryName } from "./entry-name.ts";
import { StandingBadge } from "./standing-badge.tsx";

/** A transaction in a line or two, which lead to all that is known of it. */
export function EntryLine({ entry }: { readonly entry: HistoryEntry }): ReactElement {
  return (
    <Link to="/tx/$txid" params={{ txid: entry.txid }} className={classes.line ?? ""} data-testid="entry">
      <DirectionIcon direction={entry.direction} />
      <span className={classes.name}>{entryName(entry)}</span>
      <span className={classes.delta}>
        <Delta entry={entry} />
      </span>
      <span className={classes.standing}>
        <StandingBadge entry={entry} />
      </span>
      <small className={classes.age}>
        <Age unixSeconds={entry.time} />
      </small>
    </Link>
  );
}

/** Whether it came, went, was mined or stayed. Decoration: the amount says it too. */
export function DirectionIcon({ direction }: Pick<HistoryEntry, "direction">): ReactElement {
  return (
    <span className={classes.direction} data-direction={direction}>
      {ICONS[direction]}
    </span>
  );
}

const ICONS = {
  in: <ArrowInIcon />,
  out: <ArrowOutIcon />,
  self: <TransferIcon size={16} />,
  mined: <PickIcon size={16} />,
} as const;
