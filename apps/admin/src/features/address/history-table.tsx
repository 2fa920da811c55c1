import type { AddressHistoryItem } from "@bitfleet/api/rest/addresses.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { useNextPage } from "@bitfleet/ui/table/use-next-page.ts";
import { type ReactElement, useMemo } from "react";
import classes from "./address.module.css";
import type { useHistory } from "./queries.ts";
import { texts } from "./texts.ts";

const words = texts.history;

interface HistoryTableProps {
  readonly items: readonly AddressHistoryItem[] | undefined;
  readonly history: ReturnType<typeof useHistory>;
  readonly tipHeight: number | undefined;
}

/** Transactions, the newest first, with what each gives and takes. */
export function HistoryTable({ items, history, tipHeight }: HistoryTableProps): ReactElement {
  const columns = useMemo(() => columnsOf(tipHeight), [tipHeight]);
  const onEnd = useNextPage(history);
  if (items === undefined && history.error !== null) {
    return <ErrorMessage error={history.error} onRetry={() => void history.refetch()} />;
  }
  return (
    <DataTable
      label={words.label}
      name="address-history"
      rows={items}
      columns={columns}
      rowKey={(item) => item.txid}
      onEnd={onEnd}
      {...(history.hasNextPage && { tools: <span className={classes.quiet}>{words.more}</span> })}
      card={(item) => (
        <div className={classes.card}>
          <TransactionLink txid={item.txid} />
          <Age unixSeconds={item.time} />
          <Change sats={item.value} />
          <State item={item} tipHeight={tipHeight} />
        </div>
      )}
      empty={
        <>
          <strong>{words.empty}</strong>
          <p>{words.emptyHint}</p>
        </>
      }
    />
  );
}

function columnsOf(tipHeight: number | undefined): readonly Column<AddressHistoryItem>[] {
  const { columns } = words;
  return [
    { id: "txid", title: columns.txid, width: 200, cell: (item) => <TransactionLink txid={item.txid} /> },
    { id: "time", title: columns.time, width: 116, cell: (item) => <Age unixSeconds={item.time} /> },
    { id: "change", title: columns.change, width: 172, align: "end", cell: (item) => <Change sats={item.value} /> },
    {
      id: "received",
      title: columns.received,
      width: 160,
      align: "end",
      cell: (item) => (item.received === 0 ? "–" : <Amount sats={BigInt(item.received)} />),
    },
    {
      id: "sent",
      title: columns.sent,
      width: 160,
      align: "end",
      cell: (item) => (item.sent === 0 ? "–" : <Amount sats={BigInt(item.sent)} />),
    },
    { id: "state", title: columns.state, cell: (item) => <State item={item} tipHeight={tipHeight} /> },
  ];
}

/** With its sign, in the colour of coming or going. */
export function Change({ sats }: { readonly sats: number }): ReactElement {
  return (
    <span className={classes.change} data-direction={sats > 0 ? "in" : sats < 0 ? "out" : "none"}>
      {sats > 0 && "+"}
      <Amount sats={BigInt(sats)} />
    </span>
  );
}

function State({ item, tipHeight }: { readonly item: AddressHistoryItem; readonly tipHeight: number | undefined }) {
  const { block_height: height } = item;
  if (height === null) return (<span className={classes.waits}>{words.waits}</span>) as ReactElement;
  const count = tipHeight === undefined ? item.confirmations : Math.max(0, tipHeight - height + 1);
  return (
    <span className={classes.quiet}>
      <BlockLink id={item.block_hash ?? String(height)}>{words.confirmations(count, formatCount(count))}</BlockLink>
    </span>
  );
}
