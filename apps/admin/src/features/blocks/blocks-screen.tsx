import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { formatCount, formatShare, formatWeight } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Pager } from "@bitfleet/ui/pager.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type CSSProperties, type ReactElement, useState } from "react";
import classes from "./blocks-screen.module.css";
import { BLOCKS_PER_PAGE, useBlocks } from "./queries.ts";

/** BIP141. */
const MAX_BLOCK_WEIGHT = 4_000_000;

const route = getRouteApi("/blocks");

/** All blocks of the active chain, newest first, page by page. */
export function BlocksScreen(): ReactElement {
  const { page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const blocks = useBlocks(page);
  return (
    <>
      <div className={classes.head}>
        <h1>Blocks</h1>
        {blocks.data !== undefined && <p>{formatCount(blocks.data.total)} in the active chain, newest first</p>}
      </div>
      <Content blocks={blocks} page={page} />
      {blocks.data !== undefined && (
        <Pager
          page={page}
          pageCount={blocks.data.total_pages}
          label="blocks"
          hasArrowKeys
          onPage={(next) => void navigate({ to: "/blocks", search: next > 1 ? { page: next } : {} })}
        />
      )}
    </>
  );
}

function Content({
  blocks,
  page,
}: {
  readonly blocks: ReturnType<typeof useBlocks>;
  readonly page: number;
}): ReactElement {
  if (blocks.data === undefined) {
    if (blocks.error !== null) return <ErrorMessage error={blocks.error} onRetry={() => void blocks.refetch()} />;
    return <LoadingRows count={BLOCKS_PER_PAGE} height={40} label="Loading blocks" />;
  }
  if (blocks.data.items.length === 0) {
    return (
      <Message title={`There is no page ${page}`} action={<Link to="/blocks">Go to the newest blocks</Link>}>
        The chain has {formatCount(blocks.data.total_pages)} pages of blocks.
      </Message>
    );
  }
  return <BlockTable blocks={blocks.data.items} isPrevious={blocks.isPlaceholderData} />;
}

function BlockTable({
  blocks,
  isPrevious,
}: {
  readonly blocks: readonly BlockSummary[];
  /** The blocks are of another page, shown until this one's arrive. */
  readonly isPrevious: boolean;
}): ReactElement {
  const highest = useHighestShown(blocks);
  return (
    <div className={classes.frame} aria-busy={isPrevious}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Height</th>
            <th scope="col">Hash</th>
            <th scope="col">Age</th>
            <th scope="col" className={classes.figure}>
              <span className={classes.long}>Transactions</span>
              <span className={classes.short}>
                <abbr title="Transactions">Txs</abbr>
              </span>
            </th>
            <th scope="col" className={`${classes.figure} ${classes.wide}`}>
              Size
            </th>
            <th scope="col" className={classes.wide}>
              Weight
            </th>
          </tr>
        </thead>
        <tbody>
          {blocks.map((block) => (
            <tr key={block.hash} data-new={highest !== undefined && block.height > highest} data-height={block.height}>
              <th scope="row">
                <Link to="/block/$id" params={{ id: block.hash }} className={classes.height}>
                  {formatCount(block.height)}
                </Link>
              </th>
              <td>
                <span className={classes.long}>
                  <BlockHash hash={block.hash} edgeCount={8} />
                </span>
                <span className={classes.short}>
                  <BlockHash hash={block.hash} edgeCount={4} />
                </span>
              </td>
              <td className={classes.age}>
                <Age unixSeconds={block.timestamp} />
              </td>
              <td className={classes.figure}>{formatCount(block.transaction_count)}</td>
              <td className={`${classes.figure} ${classes.wide}`}>
                {block.size_bytes === null ? "pruned" : <Bytes bytes={block.size_bytes} />}
              </td>
              <td className={classes.wide}>{block.weight === null ? null : <Weight weight={block.weight} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BlockHash({ hash, edgeCount }: { readonly hash: string; readonly edgeCount: number }): ReactElement {
  return (
    <Hash
      value={hash}
      label="block hash"
      edgeCount={edgeCount}
      link={(text) => (
        <Link to="/block/$id" params={{ id: hash }} tabIndex={-1}>
          {text}
        </Link>
      )}
    />
  );
}

/** Height of the newest block at the first showing: what is above it came while the reader looked. */
function useHighestShown(blocks: readonly BlockSummary[]): number | undefined {
  const [highest] = useState(blocks[0]?.height);
  return highest;
}

function Weight({ weight }: { readonly weight: number }): ReactElement {
  const share = weight / MAX_BLOCK_WEIGHT;
  return (
    <span className={classes.weight}>
      <span className={classes.gauge} style={{ "--share": share } as CSSProperties} aria-hidden="true" />
      <span title={`${formatShare(share)} of a full block`}>{formatWeight(weight)}</span>
    </span>
  );
}
