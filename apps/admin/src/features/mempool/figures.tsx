import type { MempoolSummary } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatBytes, formatFeerate } from "@bitfleet/ui/format.ts";
import { Count, Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import type { ReactElement } from "react";
import { texts } from "./texts.ts";

/** BIP141, in vbytes. */
const BLOCK_SIZE_MAX = 1_000_000;
const TENTHS_OF_BLOCKS = 10;
/** Keeps its line, a space that does not break. */
const NO_DETAIL = "\u00a0";
const words = texts.figures;

/** The mempool in numbers. */
export function Figures({ mempool }: { readonly mempool: MempoolSummary | undefined }): ReactElement {
  const of = <Value,>(show: (mempool: MempoolSummary) => Value) => (mempool === undefined ? undefined : show(mempool));
  return (
    <StatTiles>
      <StatTile
        label={words.waiting}
        detail={
          of((pool) => words.memory(formatBytes(pool.usage_bytes), formatBytes(pool.usage_bytes_max))) ?? NO_DETAIL
        }
      >
        {of((pool) => (
          <span data-testid="mempool-count">
            <Count count={pool.transaction_count} />
          </span>
        ))}
      </StatTile>
      <StatTile
        label={words.size}
        detail={of((pool) =>
          words.blocks(
            (Math.ceil((pool.virtual_size / BLOCK_SIZE_MAX) * TENTHS_OF_BLOCKS) / TENTHS_OF_BLOCKS).toString(),
          ),
        )}
      >
        {of((pool) => (
          <VirtualSize vbytes={pool.virtual_size} />
        ))}
      </StatTile>
      <StatTile
        label={words.fees}
        detail={
          of((pool) =>
            pool.virtual_size === 0 ? NO_DETAIL : words.feesDetail(formatFeerate(pool.total_fee / pool.virtual_size)),
          ) ?? NO_DETAIL
        }
      >
        {of((pool) => (
          <Amount sats={BigInt(pool.total_fee)} />
        ))}
      </StatTile>
      <StatTile
        label={words.floor}
        explanation={words.floorExplained}
        detail={of((pool) => words.floorDetail(formatFeerate(pool.relay_feerate_sat_per_kvb / 1000)))}
        {...(mempool !== undefined &&
          mempool.min_feerate_sat_per_kvb > mempool.relay_feerate_sat_per_kvb && { tone: "warn" as const })}
      >
        {of((pool) => (
          <Feerate satPerVbyte={pool.min_feerate_sat_per_kvb / 1000} />
        ))}
      </StatTile>
    </StatTiles>
  );
}
