import type { MempoolSummary } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatBytes, formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import type { ReactElement, ReactNode } from "react";
import classes from "./cards.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.mempool;

/** Virtual size of a full block: a quarter of its weight. */
const BLOCK_VBYTES = 1_000_000;

/** How much waits, and what a transaction must pay to be let in. */
export function MempoolCard({ mempool }: { readonly mempool: MempoolSummary | undefined }): ReactElement {
  return (
    <Card title={texts.title}>
      <p className={classes.big} data-testid="mempool-count">
        {mempool === undefined ? (
          <Missing />
        ) : (
          <>
            {formatCount(mempool.transaction_count)}
            <span>
              <Explained term={texts.waiting}>{texts.waitingHelp}</Explained>
            </span>
          </>
        )}
      </p>
      <dl className={classes.rows}>
        <Row term={texts.blocks} help={texts.blocksHelp}>
          {mempool && blocksText(mempool.virtual_size / BLOCK_VBYTES)}
        </Row>
        <Row term={texts.fees}>{mempool && <Amount sats={BigInt(mempool.total_fee)} />}</Row>
        <Row term={texts.memory}>
          {mempool && texts.memoryOf(formatBytes(mempool.usage_bytes), formatBytes(mempool.usage_bytes_max))}
        </Row>
        <Row term={texts.minimum} help={texts.minimumHelp}>
          {mempool && `${formatFeerate(mempool.min_feerate_sat_per_kvb / 1000)} sat/vB`}
        </Row>
      </dl>
    </Card>
  );
}

function Row({
  term,
  help,
  children,
}: {
  readonly term: string;
  readonly help?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div>
      <dt>{help === undefined ? term : <Explained term={term}>{help}</Explained>}</dt>
      <dd>{children ?? <Missing />}</dd>
    </div>
  );
}

export function Missing(): ReactElement {
  return <span className={classes.missing} />;
}

function blocksText(blocks: number): string {
  if (blocks === 0) return "0";
  return blocks < 0.01 ? "<0.01" : blocks.toFixed(blocks < 10 ? 2 : 0);
}
