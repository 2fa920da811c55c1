import { Amount } from "@bitfleet/ui/amount.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { type ReactElement, useDeferredValue, useMemo, useState } from "react";
import { type BlockRow, filterRows, type RowFilter } from "./block-rows.ts";
import { GoneMessage, isGone } from "./gone-message.tsx";
import type { useBlockOverview } from "./queries.ts";
import { texts } from "./texts.ts";
import classes from "./transaction-table.module.css";

const t = texts.table;

const COLUMNS: readonly Column<BlockRow>[] = [
  { id: "index", title: t.index, cell: (row) => formatCount(row.index), sortBy: (row) => row.index, width: 84 },
  { id: "txid", title: t.txid, cell: (row) => <TransactionLink txid={row.txid} edgeCount={12} /> },
  {
    id: "feerate",
    title: `${t.feerate}, sat/vB`,
    cell: (row) => (row.feerate === null ? <Missing row={row} /> : formatFeerate(row.feerate)),
    sortBy: (row) => row.feerate,
    align: "end",
    width: 150,
  },
  {
    id: "fee",
    title: t.fee,
    cell: (row) => (row.fee === null ? "" : <Amount sats={BigInt(row.fee)} />),
    sortBy: (row) => row.fee,
    align: "end",
    width: 190,
  },
  {
    id: "vsize",
    title: `${t.vsize}, vB`,
    cell: (row) => formatCount(row.vsize),
    sortBy: (row) => row.vsize,
    align: "end",
    width: 150,
  },
  {
    id: "weight",
    title: `${t.weight}, WU`,
    cell: (row) => formatCount(row.weight),
    sortBy: (row) => row.weight,
    align: "end",
    width: 130,
    isHiddenAtFirst: true,
  },
];

interface TransactionTableProps {
  readonly overview: ReturnType<typeof useBlockOverview>;
  readonly rows: readonly BlockRow[] | undefined;
  /** As the address had it when the table was opened. */
  readonly filter: RowFilter;
  readonly onFilter: (filter: RowFilter) => void;
}

/** All transactions of a block, to sort and to filter. */
export function TransactionTable({ overview, rows, filter, onFilter }: TransactionTableProps): ReactElement {
  const [find, setFind] = useState(filter.find ?? "");
  const [feerateText, setFeerateText] = useState(filter.feerate === undefined ? "" : String(filter.feerate));
  const wanted = useDeferredValue(find);
  const feerate = Number(useDeferredValue(feerateText)) || 0;
  const shown = useMemo(() => rows && filterRows(rows, { find: wanted, feerate }), [rows, wanted, feerate]);
  if (overview.error !== null && rows === undefined) {
    if (isGone(overview.error)) return <GoneMessage />;
    return <ErrorMessage error={overview.error} onRetry={() => void overview.refetch()} />;
  }
  return (
    <DataTable
      label={t.label}
      name="block-transactions"
      rows={shown}
      columns={COLUMNS}
      rowKey={keyOf}
      empty={t.empty}
      tools={
        <div className={classes.filters}>
          <Field
            label={t.find}
            className={classes.find}
            value={find}
            onChange={({ target: { value } }) => {
              setFind(value);
              onFilter({ find: value.trim() || undefined, feerate: feerate || undefined });
            }}
          />
          <Field
            label={t.feerateMin}
            className={classes.feerate}
            type="number"
            min={0}
            step="any"
            inputMode="decimal"
            value={feerateText}
            onChange={({ target: { value } }) => {
              setFeerateText(value);
              onFilter({ find: find.trim() || undefined, feerate: Number(value) || undefined });
            }}
          />
        </div>
      }
    />
  );
}

const keyOf = ({ txid }: BlockRow) => txid;

function Missing({ row }: { readonly row: BlockRow }): ReactElement {
  return <span className={classes.missing}>{row.index === 0 ? t.coinbase : "–"}</span>;
}
