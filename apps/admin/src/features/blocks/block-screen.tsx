import { ApiError } from "@bitfleet/api/errors.ts";
import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { formatCount, formatDateTime } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { ArrowLeftIcon, ArrowRightIcon } from "@bitfleet/ui/icons.tsx";
import { useArrowKeys } from "@bitfleet/ui/pager.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import classes from "./block-screen.module.css";
import { HeaderFields } from "./header-fields.tsx";
import { useBlock } from "./queries.ts";

interface BlockScreenProps {
  /** Hash or height. */
  readonly id: string;
  /** What stands below the header: another feature's part, put in by the route. */
  readonly transactions: (block: BlockSummary) => ReactNode;
}

/** One block: its header explained, its neighbours, its transactions. */
export function BlockScreen({ id, transactions }: BlockScreenProps): ReactElement {
  const block = useBlock(id);
  if (block.data !== undefined) {
    return (
      <div className={classes.screen}>
        <BlockHead block={block.data} />
        <HeaderFields block={block.data} />
        {transactions(block.data)}
      </div>
    );
  }
  if (block.error instanceof ApiError && (block.error.status === 404 || block.error.status === 400)) {
    return (
      <Message
        level={1}
        title={/^\d+$/.test(id) && id.length < 64 ? `No block at height ${formatCount(Number(id))}` : "Unknown block"}
        action={<Link to="/blocks">See the newest blocks</Link>}
      >
        <code>{id}</code> is no block that this node knows. It may belong to another network, or not be mined yet.
      </Message>
    );
  }
  if (block.error !== null) return <ErrorMessage level={1} error={block.error} onRetry={() => void block.refetch()} />;
  return <LoadingRows count={6} height={64} label="Loading the block" />;
}

function BlockHead({ block }: { readonly block: BlockSummary }): ReactElement {
  const navigate = useNavigate();
  const previousId = block.height === 0 ? undefined : block.previous_hash;
  const nextId = block.next_hash ?? undefined;
  const go = (id: string | undefined) => {
    if (id !== undefined) void navigate({ to: "/block/$id", params: { id } });
  };
  useArrowKeys({ onLeft: () => go(previousId), onRight: () => go(nextId) });
  return (
    <div className={classes.head}>
      <div className={classes.title}>
        <h1>Block {formatCount(block.height)}</h1>
        <Status block={block} />
        <nav className={classes.neighbours} aria-label="Neighbouring blocks">
          <Neighbour id={previousId} label="Previous block">
            <ArrowLeftIcon /> Previous
          </Neighbour>
          <Neighbour id={nextId} label="Next block">
            Next <ArrowRightIcon />
          </Neighbour>
        </nav>
      </div>
      <div className={classes.hash} data-testid="block-hash">
        <Hash value={block.hash} label="block hash" isWhole />
      </div>
      <p className={classes.when}>
        <Age unixSeconds={block.timestamp} /> · {formatDateTime(block.timestamp)}
      </p>
    </div>
  );
}

function Status({ block }: { readonly block: BlockSummary }): ReactElement {
  if (block.confirmations < 1) {
    return (
      <span
        className={classes.status}
        data-tone="warn"
        title="Valid or not, this block is not part of the active chain"
      >
        Not in the active chain
      </span>
    );
  }
  if (block.height === 0) {
    return (
      <span className={classes.status} data-tone="good">
        Genesis
      </span>
    );
  }
  return (
    <span className={classes.status} data-tone="good">
      {block.next_hash === null
        ? "Tip"
        : `${formatCount(block.confirmations)} confirmation${block.confirmations === 1 ? "" : "s"}`}
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
    <Link to="/block/$id" params={{ id }} className={classes.neighbour ?? ""} aria-label={label}>
      {children}
    </Link>
  );
}
