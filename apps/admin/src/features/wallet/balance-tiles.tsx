import { Amount } from "@bitfleet/ui/amount.tsx";
import { StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import type { ReactElement, ReactNode } from "react";
import { useBalance } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./wallet.module.css";

const texts = allTexts.head;

/** What a wallet has: to spend now, on its way, and later. */
export function BalanceTiles({ name }: { readonly name: string }): ReactElement {
  const { data } = useBalance(name);
  const amount = (sats: number | undefined): ReactNode => sats !== undefined && <Amount sats={BigInt(sats)} />;
  return (
    <div className={classes.balances}>
      <StatTiles>
        <StatTile label={texts.available} explanation={texts.availableHint}>
          {amount(data?.confirmed) || undefined}
        </StatTile>
        <StatTile label={texts.pending} explanation={texts.pendingHint}>
          {amount(data?.unconfirmed) || undefined}
        </StatTile>
        <StatTile label={texts.immature} explanation={texts.immatureHint}>
          {amount(data?.immature) || undefined}
        </StatTile>
        {data !== undefined && data.used > 0 && (
          <StatTile label={texts.used} explanation={texts.usedHint}>
            {amount(data.used)}
          </StatTile>
        )}
      </StatTiles>
    </div>
  );
}
