import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import classes from "./broadcast.module.css";
import { type CoinFate, useCoinFate } from "./queries.ts";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.missing;

/** Each is looked up. */
const COINS_SHOWN_MAX = 5;

/** What became of the coins that a transaction would spend and that are not there. */
export function MissingCoins({ transaction }: { readonly transaction: DecodedTransaction }): ReactElement | null {
  const missing = transaction.inputs.flatMap(({ txid, vout, prevout }, index) =>
    prevout !== null || txid === null || vout === null ? [] : [{ txid, vout, index }],
  );
  if (missing.length === 0) return null;
  return (
    <ul className={classes.missing} data-testid="missing-coins">
      {missing.slice(0, COINS_SHOWN_MAX).map((coin) => (
        <MissingCoin key={coin.index} {...coin} />
      ))}
      {missing.length > COINS_SHOWN_MAX && <li>{texts.more(formatCount(missing.length - COINS_SHOWN_MAX))}</li>}
    </ul>
  );
}

function MissingCoin({
  txid,
  vout,
  index,
}: {
  readonly txid: string;
  readonly vout: number;
  readonly index: number;
}): ReactElement {
  const { data: fate } = useCoinFate(txid, vout);
  return (
    <li>
      {texts.input(formatCount(index))} <TransactionLink txid={txid} vout={vout} edgeCount={6} hasNoCopy />{" "}
      {fate != null && <Fate fate={fate} />}
    </li>
  );
}

function Fate({ fate }: { readonly fate: CoinFate }): ReactElement {
  switch (fate.kind) {
    case "unknown":
      return <>{texts.unknown}</>;
    case "no-output":
      return <>{texts.noOutput}</>;
    case "spent-somehow":
      return <>{texts.spentSomehow}</>;
    case "spent":
      return (
        <>
          {texts.spent} <TransactionLink txid={fate.by} edgeCount={6} hasNoCopy />{" "}
          {fate.height === null ? (
            texts.waiting
          ) : (
            <BlockLink id={String(fate.height)}>{texts.inBlock(formatCount(fate.height))}</BlockLink>
          )}
        </>
      );
  }
}
