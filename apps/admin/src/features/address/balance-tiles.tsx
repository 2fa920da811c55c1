import type { WatchBalance } from "@bitfleet/api/rest/watch.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement, ReactNode } from "react";
import { Change } from "./history-table.tsx";
import { texts } from "./texts.ts";

const words = texts.figures;

interface BalanceTilesProps {
  readonly balance: WatchBalance | undefined;
  /** Below what is pending. */
  readonly pendingDetail?: string | undefined;
  /** The last tile. */
  readonly children: ReactNode;
}

/** What there is, what will be, and what may not be spent yet. */
export function BalanceTiles({ balance, pendingDetail, children }: BalanceTilesProps): ReactElement {
  return (
    <StatTiles>
      <StatTile
        label={words.balance}
        detail={balance && words.coins(balance.utxo_count, formatCount(balance.utxo_count))}
      >
        {balance && (
          <span data-testid="balance">
            <Amount sats={BigInt(balance.confirmed)} />
          </span>
        )}
      </StatTile>
      <StatTile label={words.pending} explanation={words.pendingExplained} detail={pendingDetail}>
        {balance && <Change sats={balance.unconfirmed} />}
      </StatTile>
      <StatTile label={words.immature} explanation={words.immatureExplained}>
        {balance && <Amount sats={BigInt(balance.immature)} />}
      </StatTile>
      {children}
    </StatTiles>
  );
}
