import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { useDetailTitle } from "@bitfleet/ui/document-title.ts";
import { formatCount, formatDateTime } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { ArrowLeftIcon, ArrowRightIcon } from "@bitfleet/ui/icons.tsx";
import { useArrowKeys } from "@bitfleet/ui/pager.tsx";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import classes from "./block-screen.module.css";
import { texts } from "./texts.ts";

interface BlockHeadProps {
  readonly block: BlockSummary;
  /** When this node first had it, in seconds since 1970. */
  readonly seen: number | null | undefined;
}

/** Which block it is, how it stands, and the way to its neighbours, by arrow keys too. */
export function BlockHead({ block, seen }: BlockHeadProps): ReactElement {
  const navigate = useNavigate();
  useDetailTitle(texts.title(formatCount(block.height)));
  const previousId = block.height === 0 ? undefined : block.previous_hash;
  const nextId = block.next_hash ?? undefined;
  const go = (id: string | undefined) => {
    if (id !== undefined) void navigate({ to: "/block/$id", params: { id }, search: tabOf });
  };
  useArrowKeys({ onLeft: () => go(previousId), onRight: () => go(nextId) });
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <h1>{texts.title(formatCount(block.height))}</h1>
        <Status block={block} />
        <nav className={classes.neighbours} aria-label={texts.neighbours}>
          <Neighbour id={previousId} label={texts.previousBlock}>
            <ArrowLeftIcon /> {texts.previous}
          </Neighbour>
          <Neighbour id={nextId} label={texts.nextBlock}>
            {texts.next} <ArrowRightIcon />
          </Neighbour>
        </nav>
      </div>
      <div className={classes.hash} data-testid="block-hash">
        <Hash value={block.hash} label="block hash" isWhole />
      </div>
      <p className={classes.when}>
        <Age unixSeconds={block.timestamp} /> · {formatDateTime(block.timestamp)}
        {seen != null && <> · {texts.firstSeen(formatDateTime(seen))}</>}
      </p>
    </div>
  );
}

/** Neighbours show the tab that is open; page and filter are of the block alone. */
const tabOf = ({ tab }: { readonly tab?: string }) => (tab === undefined ? {} : { tab });

function Status({ block }: { readonly block: BlockSummary }): ReactElement {
  if (block.confirmations < 1) {
    return (
      <span className={classes.status} data-tone="warn" title={texts.status.staleHelp}>
        {texts.status.stale}
      </span>
    );
  }
  const text =
    block.height === 0
      ? texts.status.genesis
      : block.next_hash === null
        ? texts.status.tip
        : texts.status.confirmations(block.confirmations, formatCount(block.confirmations));
  return (
    <span className={classes.status} data-tone="good">
      {text}
    </span>
  );
}

function Neighbour({
  id,
  label,
  children,
}: {
  readonly id: string | undefined;
  readonly label: string;
  readonly children: ReactNode;
}): ReactElement {
  if (id === undefined) {
    return (
      <span className={classes.neighbour} aria-disabled="true">
        {children}
      </span>
    );
  }
  return (
    <Link to="/block/$id" params={{ id }} search={tabOf} className={classes.neighbour ?? ""} aria-label={label}>
      {children}
    </Link>
  );
}
