import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { formatCount, formatShare, formatWeight } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import { Link } from "@tanstack/react-router";
import { type CSSProperties, type ReactElement, type ReactNode, useState } from "react";
import classes from "./blocks-screen.module.css";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { useFees } from "./queries.ts";
import { texts } from "./texts.ts";

const t = texts.list;

interface BlockListProps {
  readonly blocks: readonly BlockSummary[];
  /** The blocks are of another page, shown until this one's arrive. */
  readonly isPrevious: boolean;
  /** The height that the reader asked for. */
  readonly markedHeight: number | undefined;
}

/** Blocks as a table, with a bar each for fees and weight. */
export function BlockList({ blocks, isPrevious, markedHeight }: BlockListProps): ReactElement {
  const highest = useHighestShown(blocks);
  const fees = useFees(blocks).data;
  const highestFee = Math.max(1, ...blocks.map(({ height }) => fees?.get(height) ?? 0));
  return (
    <div className={classes.frame} aria-busy={isPrevious}>
      <table className={classes.table}>
        <Head />
        <tbody>
          {blocks.map((block) => (
            <tr
              key={block.hash}
              data-new={highest !== undefined && block.height > highest}
              data-height={block.height}
              data-marked={block.height === markedHeight}
              aria-current={block.height === markedHeight ? "true" : undefined}
            >
              <th scope="row">
                <Link to="/block/$id" params={{ id: block.hash }} className={classes.height}>
                  {formatCount(block.height)}
                </Link>
              </th>
              <td>
                <span className={classes.long}>
                  <BlockLink id={block.hash} />
                </span>
                <span className={classes.short}>
                  <BlockLink id={block.hash} edgeCount={4} />
                </span>
              </td>
              <td className={classes.age}>
                <Age unixSeconds={block.timestamp} />
              </td>
              <td className={classes.figure}>{formatCount(block.transaction_count)}</td>
              <td className={`${classes.figure} ${classes.wide}`}>
                <Fee fee={fees?.get(block.height)} highest={highestFee} />
              </td>
              <td className={`${classes.figure} ${classes.wider}`}>
                {block.size_bytes === null ? t.pruned : <Bytes bytes={block.size_bytes} />}
              </td>
              <td className={classes.wide}>{block.weight === null ? null : <Weight weight={block.weight} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head(): ReactElement {
  return (
    <thead>
      <tr>
        <th scope="col">{t.heights}</th>
        <th scope="col">{t.hash}</th>
        <th scope="col">{t.age}</th>
        <th scope="col" className={classes.figure}>
          <span className={classes.long}>{t.transactions}</span>
          <span className={classes.short}>
            <abbr title={t.transactions}>{t.transactionsShort}</abbr>
          </span>
        </th>
        <th scope="col" className={`${classes.figure} ${classes.wide}`}>
          {t.fees}
        </th>
        <th scope="col" className={`${classes.figure} ${classes.wider}`}>
          {t.size}
        </th>
        <th scope="col" className={classes.wide}>
          {t.weight}
        </th>
      </tr>
    </thead>
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
    <Gauge share={share}>
      <span title={texts.tiles.full(formatShare(share))}>{formatWeight(weight)}</span>
    </Gauge>
  );
}

/** `undefined` while it is on its way, `null` where it is not known. Its bar compares it with the others of the page. */
function Fee({ fee, highest }: { readonly fee: number | null | undefined; readonly highest: number }): ReactElement {
  if (fee === null || fee === undefined) return <span className={classes.unknown}>{fee === null ? "–" : ""}</span>;
  return (
    <Gauge share={fee / highest} isHidden={fee === 0}>
      <Amount sats={BigInt(fee)} />
    </Gauge>
  );
}

function Gauge({
  share,
  isHidden = false,
  children,
}: {
  readonly share: number;
  readonly isHidden?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <span className={classes.weight}>
      <span
        className={classes.gauge}
        data-hidden={isHidden}
        style={{ "--share": share } as CSSProperties}
        aria-hidden="true"
      />
      {children}
    </span>
  );
}
