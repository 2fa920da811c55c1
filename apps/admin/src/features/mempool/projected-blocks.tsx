import type { ProjectedBlock, ProjectedBlocks as Projection } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount, formatFeerate, formatShare } from "@bitfleet/ui/format.ts";
import { useProjectedBlocks } from "@bitfleet/ui/node-queries.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { CSSProperties, ReactElement } from "react";
import { heatColor } from "./heat.ts";
import classes from "./projected-blocks.module.css";
import { texts } from "./texts.ts";

/** BIP141. */
const BLOCK_WEIGHT_MAX = 4_000_000;
/** Place of the median among the percentiles of a projected block. */
const MEDIAN_INDEX = 3;
const words = texts.projected;

type OnShow = (from: number, to: number) => void;

/** The next blocks side by side, each as full as it would be, in the colours of what pays for it. */
export function ProjectedBlocks({ onShow }: { readonly onShow: OnShow }): ReactElement {
  const projected = useProjectedBlocks();
  return (
    <Card title={words.title} aside={<span className={classes.about}>{words.about}</span>}>
      {projected.data === undefined ? (
        projected.error === null ? (
          <div className={classes.row} aria-hidden="true">
            <div className={classes.missing} />
          </div>
        ) : (
          <ErrorMessage error={projected.error} onRetry={() => void projected.refetch()} />
        )
      ) : (
        <Row projection={projected.data} onShow={onShow} />
      )}
    </Card>
  );
}

function Row({ projection, onShow }: { readonly projection: Projection; readonly onShow: OnShow }): ReactElement {
  const { blocks, remaining } = projection;
  if (blocks.length === 0) {
    return (
      <div className={classes.row}>
        <div className={classes.empty}>
          <strong>{words.empty}</strong>
          <span>{words.emptyHint}</span>
        </div>
      </div>
    );
  }
  return (
    <ol className={classes.row} aria-label={words.title} data-testid="projected-blocks">
      {blocks.map((block) => (
        <li key={block.index}>
          <Block block={block} onShow={onShow} />
        </li>
      ))}
      {remaining.transaction_count > 0 && (
        <li className={classes.rest}>
          <strong>{words.rest}</strong>
          <span>{countOf(remaining.transaction_count)}</span>
          <Amount sats={BigInt(remaining.total_fee)} />
        </li>
      )}
    </ol>
  );
}

function Block({ block, onShow }: { readonly block: ProjectedBlock; readonly onShow: OnShow }): ReactElement {
  const rates = block.feerate_range_sat_per_kvb.map((rate) => rate / 1000);
  const [low = 0, high = low] = [rates[0], rates.at(-1)];
  const share = block.weight / BLOCK_WEIGHT_MAX;
  const name = block.index === 0 ? words.next : words.later(formatCount(block.index));
  const colors = rates.map(heatColor).join(", ");
  return (
    <button
      type="button"
      className={classes.block}
      style={{ "--share": share, "--colors": colors } as CSSProperties}
      title={words.show(name)}
      onClick={() => onShow(low, high)}
    >
      <span className={classes.name}>{name}</span>
      <span className={classes.median}>
        {words.median(formatFeerate(rates[MEDIAN_INDEX] ?? low))} <small>sat/vB</small>
      </span>
      <span className={classes.quiet}>{words.range(formatFeerate(low), formatFeerate(high))}</span>
      <span className={classes.fees}>
        <Amount sats={BigInt(block.total_fee)} />
      </span>
      <span className={classes.quiet}>{countOf(block.transaction_count)}</span>
      <span className={classes.quiet}>{words.full(formatShare(share))}</span>
    </button>
  );
}

const countOf = (count: number) => texts.transactions(count, formatCount(count));
