import type { WatchBody, WatchUtxo } from "@bitfleet/api/rest/watch.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { AddressLink, BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { useNextPage } from "@bitfleet/ui/table/use-next-page.ts";
import { type ReactElement, useMemo } from "react";
import classes from "./address.module.css";
import { useCoins } from "./queries.ts";
import { texts } from "./texts.ts";

const words = texts.coins;

interface CoinsTableProps {
  readonly watched: WatchBody;
  readonly stamp: string;
  /** They are of several addresses. */
  readonly hasAddresses: boolean;
}

/** What could be spent, and what stands in the way where something does. */
export function CoinsTable({ watched, stamp, hasAddresses }: CoinsTableProps): ReactElement {
  const coins = useCoins(watched, stamp);
  const onEnd = useNextPage(coins);
  const rows = useMemo(() => coins.data?.pages.flatMap((page) => page.items), [coins.data]);
  if (rows === undefined && coins.error !== null) {
    return <ErrorMessage error={coins.error} onRetry={() => void coins.refetch()} />;
  }
  return (
    <DataTable
      label={words.label}
      rows={rows}
      columns={hasAddresses ? [...COLUMNS, ADDRESS] : COLUMNS}
      rowKey={(coin) => `${coin.txid}:${coin.vout}`}
      onEnd={onEnd}
      empty={<strong>{words.empty}</strong>}
    />
  );
}

const COLUMNS: readonly Column<WatchUtxo>[] = [
  {
    id: "output",
    title: words.columns.output,
    width: 236,
    cell: (coin) => <TransactionLink txid={coin.txid} vout={coin.vout} />,
  },
  {
    id: "value",
    title: words.columns.value,
    width: 190,
    align: "end",
    sortBy: (coin) => coin.value,
    cell: (coin) => <Amount sats={BigInt(coin.value)} />,
  },
  {
    id: "height",
    title: words.columns.height,
    width: 120,
    align: "end",
    sortBy: (coin) => coin.block_height,
    cell: (coin) =>
      coin.block_height === null ? (
        "–"
      ) : (
        <BlockLink id={coin.block_hash ?? String(coin.block_height)}>{formatCount(coin.block_height)}</BlockLink>
      ),
  },
  { id: "state", title: words.columns.state, cell: (coin) => <CoinState coin={coin} /> },
];

const ADDRESS: Column<WatchUtxo> = {
  id: "address",
  title: words.columns.index,
  width: 270,
  cell: (coin) => coin.address !== null && <AddressLink address={coin.address} hasNoCopy />,
};

function CoinState({ coin }: { readonly coin: WatchUtxo }): ReactElement {
  if (coin.spent_by !== null) {
    return (
      <span className={classes.waits}>
        {words.spent} <TransactionLink txid={coin.spent_by} edgeCount={4} hasNoCopy />
      </span>
    );
  }
  if (!coin.is_confirmed) return <span className={classes.waits}>{words.waits}</span>;
  return coin.is_mature ? <span>{words.ready}</span> : <span className={classes.waits}>{words.immature}</span>;
}
