import type { BlockStatistics, FeerateSpread as Spread } from "@bitfleet/api/rest/chain-charts.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { useTheme } from "@bitfleet/ui/theme-provider.tsx";
import type { CSSProperties, ReactElement } from "react";
import { colorIndex, feerateColors } from "./feerate-colors.ts";
import classes from "./feerate-spread.module.css";
import { texts } from "./texts.ts";

const PARTS = [
  "max",
  "percentile_90",
  "percentile_75",
  "median",
  "percentile_25",
  "percentile_10",
  "min",
] as const satisfies readonly (keyof Spread)[];

const VBYTES_PER_KVB = 1000;

interface FeerateSpreadProps {
  /** `undefined` while they are on their way; `null` where they are not known. */
  readonly statistics: BlockStatistics | null | undefined;
  readonly paymentCount: number;
}

/** How the feerates of a block are spread, and its fees. */
export function FeerateSpread({ statistics, paymentCount }: FeerateSpreadProps): ReactElement {
  return (
    <Card title={texts.spread.title} aside={<span className={classes.unit}>{texts.spread.unit}</span>}>
      {statistics === null ? (
        <p className={classes.nothing}>{texts.map.unknownFees}</p>
      ) : (
        <>
          <Bars spread={statistics?.feerate_sat_per_kvb} />
          {statistics !== undefined && <Facts statistics={statistics} paymentCount={paymentCount} />}
        </>
      )}
    </Card>
  );
}

function Bars({ spread }: { readonly spread: Spread | undefined }): ReactElement {
  const { shown } = useTheme();
  const colors = feerateColors(shown);
  const top = Math.log1p((spread?.max ?? 0) / VBYTES_PER_KVB) || 1;
  return (
    <dl className={classes.bars}>
      {PARTS.map((part) => {
        const feerate = spread === undefined ? undefined : spread[part] / VBYTES_PER_KVB;
        const style = {
          "--share": feerate === undefined ? 0 : Math.log1p(feerate) / top,
          "--color": colors[colorIndex(feerate ?? 0)],
        };
        return (
          <div key={part} title={texts.spread.help[part]} data-part={part}>
            <dt>{texts.spread.names[part]}</dt>
            <dd>
              <span className={classes.bar} style={style as CSSProperties} aria-hidden="true" />
              <span className={classes.figure}>{feerate === undefined ? " " : formatFeerate(feerate)}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Facts({
  statistics,
  paymentCount,
}: {
  readonly statistics: BlockStatistics;
  readonly paymentCount: number;
}): ReactElement {
  return (
    <dl className={classes.facts}>
      {(["min", "median", "max"] as const).map((part) => (
        <div key={part}>
          <dt>{texts.spread.fees[part]}</dt>
          <dd>
            <Amount sats={BigInt(statistics[`${part}_fee`])} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{texts.spread.segwit}</dt>
        <dd>{texts.spread.segwitOf(formatCount(statistics.segwit_count), formatCount(paymentCount))}</dd>
      </div>
      <div>
        <dt>{texts.spread.utxo}</dt>
        <dd>
          {statistics.utxo_increase > 0 ? "+" : ""}
          {formatCount(statistics.utxo_increase)}
        </dd>
      </div>
    </dl>
  );
}
