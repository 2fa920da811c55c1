import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import type { BlockStatistics } from "@bitfleet/api/rest/chain-charts.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatBytes, formatCount, formatFeerate, formatShare } from "@bitfleet/ui/format.ts";
import { Feerate, Weight } from "@bitfleet/ui/quantities.tsx";
import type { ReactElement } from "react";
import classes from "./block-tiles.module.css";
import { MAX_BLOCK_WEIGHT } from "./limits.ts";
import { texts } from "./texts.ts";

const VBYTES_PER_KVB = 1000;
const t = texts.tiles;

/** A block in six figures. `statistics`: `undefined` while they are on their way, `null` where they are not known. */
export function BlockTiles({
  block,
  statistics,
}: {
  readonly block: BlockSummary;
  readonly statistics: BlockStatistics | null | undefined;
}): ReactElement {
  return (
    <div className={classes.tiles}>
      <StatTiles>
        <StatTile
          label={t.transactions}
          detail={statistics ? t.coins(formatCount(statistics.input_count), formatCount(statistics.output_count)) : " "}
        >
          {formatCount(block.transaction_count)}
        </StatTile>
        <StatTile
          label={t.weight}
          explanation={t.weightHelp}
          detail={block.weight === null ? t.prunedHelp : t.full(formatShare(block.weight / MAX_BLOCK_WEIGHT))}
        >
          {block.weight === null ? t.pruned : <Weight weight={block.weight} />}
        </StatTile>
        <StatTile
          label={t.size}
          detail={block.stripped_size_bytes === null ? " " : t.stripped(formatBytes(block.stripped_size_bytes))}
        >
          {block.size_bytes === null ? t.pruned : <Bytes bytes={block.size_bytes} />}
        </StatTile>
        <FeeTiles statistics={statistics} hasPayments={block.transaction_count > 1} />
      </StatTiles>
    </div>
  );
}

function FeeTiles({
  statistics,
  hasPayments,
}: {
  readonly statistics: BlockStatistics | null | undefined;
  readonly hasPayments: boolean;
}): ReactElement {
  const spread = hasPayments ? statistics?.feerate_sat_per_kvb : undefined;
  const missing = statistics === null || !hasPayments ? "–" : undefined;
  const perVbyte = (feerate: number) => formatFeerate(feerate / VBYTES_PER_KVB);
  return (
    <>
      <StatTile
        label={t.feerate}
        explanation={t.feerateHelp}
        detail={spread ? t.feerates(perVbyte(spread.min), perVbyte(spread.max)) : " "}
      >
        {spread ? <Feerate satPerVbyte={spread.median / VBYTES_PER_KVB} /> : missing}
      </StatTile>
      <StatTile
        label={t.fees}
        detail={
          statistics && hasPayments ? (
            <>
              {t.medianFee}
              <Amount sats={BigInt(statistics.median_fee)} />
            </>
          ) : (
            " "
          )
        }
      >
        {statistics ? <Amount sats={BigInt(statistics.total_fee)} /> : missing}
      </StatTile>
      <StatTile
        label={t.reward}
        explanation={t.rewardHelp}
        detail={
          statistics ? (
            <>
              {t.subsidy}
              <Amount sats={BigInt(statistics.subsidy)} />
            </>
          ) : (
            " "
          )
        }
      >
        {statistics ? <Amount sats={BigInt(statistics.subsidy) + BigInt(statistics.total_fee)} /> : missing}
      </StatTile>
    </>
  );
}
