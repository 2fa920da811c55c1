import type { MempoolLine } from "@bitfleet/api/rest/mempool.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { CloseIcon, RefreshIcon } from "@bitfleet/ui/icons.tsx";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { useNextPage } from "@bitfleet/ui/table/use-next-page.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo, useState } from "react";
import { Filters } from "./filters.tsx";
import { isFiltered, type MempoolFilters, type MempoolSearch, NO_FILTERS } from "./mempool-search.ts";
import { useWaiting } from "./queries.ts";
import { Rate } from "./rate.tsx";
import { texts } from "./texts.ts";
import classes from "./waiting-table.module.css";

const words = texts.list;

interface WaitingTableProps {
  readonly filters: MempoolFilters;
  /** Transactions that wait, listed or not. */
  readonly total: number | undefined;
  readonly sequence: number | undefined;
  readonly onFilter: (filters: MempoolSearch) => void;
  readonly onCluster: (txid: string) => void;
}

/** What waits, one by one: as many as the reader scrolls to, of however many there are. */
export function WaitingTable({ filters, total, sequence, onFilter, onCluster }: WaitingTableProps): ReactElement {
  const { list, isBehind, renew } = useWaiting(filters, sequence);
  const onEnd = useNextPage(list);
  const [renewals, setRenewals] = useState(0);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const columns = useMemo(() => columnsOf(onCluster), [onCluster]);
  if (rows === undefined && list.error !== null) {
    return <ErrorMessage error={list.error} onRetry={() => void list.refetch()} />;
  }
  const onRenew = () => {
    setRenewals((count) => count + 1);
    renew();
  };
  const hasMore = list.hasNextPage && !isFiltered(filters) && rows !== undefined && total !== undefined;
  return (
    <div className={classes.place}>
      <Filters filters={filters} onFilter={onFilter} />
      <div className={classes.notes}>
        <div role="status">
          {isBehind ? (
            <button type="button" className={classes.renew} onClick={onRenew}>
              <RefreshIcon size={14} /> {words.newer}
            </button>
          ) : (
            hasMore && words.loaded(formatCount(rows.length), formatCount(Math.max(total, rows.length)))
          )}
        </div>
        {isFiltered(filters) && (
          <button type="button" className={classes.clear} onClick={() => onFilter(NO_FILTERS)}>
            <CloseIcon size={14} /> {texts.filters.clear}
          </button>
        )}
      </div>
      <DataTable
        // A list asked for anew is read from its top: left where it was, its end would be in view, and all of it would be fetched again.
        key={JSON.stringify([filters, renewals])}
        label={words.label}
        name="mempool"
        rows={rows}
        columns={columns}
        rowKey={keyOf}
        card={(line) => <LineCard line={line} onCluster={onCluster} />}
        onEnd={onEnd}
        empty={
          isFiltered(filters) ? (
            <>
              <p className={classes.none}>{words.none}</p>
              <Button variant="default" onClick={() => onFilter(NO_FILTERS)}>
                {words.clear}
              </Button>
            </>
          ) : (
            <>
              <strong>{words.empty}</strong>
              <p className={classes.none}>{words.emptyHint}</p>
            </>
          )
        }
      />
    </div>
  );
}

const keyOf = (line: MempoolLine) => line.txid;

function columnsOf(onCluster: (txid: string) => void): readonly Column<MempoolLine>[] {
  const { columns } = words;
  return [
    { id: "txid", title: columns.txid, width: 214, cell: (line) => <TransactionLink txid={line.txid} /> },
    { id: "age", title: columns.age, width: 136, cell: (line) => <Age unixSeconds={line.time} /> },
    {
      id: "feerate",
      title: columns.feerate,
      width: 128,
      align: "end",
      cell: (line) => <Rate satPerVbyte={line.feerate_sat_per_kvb / 1000} />,
    },
    { id: "fee", title: columns.fee, width: 160, align: "end", cell: (line) => <Amount sats={BigInt(line.fee)} /> },
    {
      id: "size",
      title: columns.size,
      width: 108,
      align: "end",
      cell: (line) => <VirtualSize vbytes={line.virtual_size} />,
    },
    {
      id: "coins",
      title: columns.coins,
      width: 92,
      align: "end",
      cell: (line) => `${formatCount(line.input_count)} → ${formatCount(line.output_count)}`,
    },
    {
      id: "value",
      title: columns.value,
      width: 190,
      align: "end",
      isHiddenAtFirst: true,
      cell: (line) => <Amount sats={BigInt(line.total_output)} />,
    },
    {
      id: "relations",
      title: columns.relations,
      cell: (line) => <Relations line={line} onCluster={onCluster} />,
    },
    {
      id: "marks",
      title: columns.marks,
      width: 84,
      isHiddenAtFirst: true,
      cell: (line) => (line.signals_replacement ? words.replaceable : words.notReplaceable),
    },
  ];
}

function LineCard({ line, onCluster }: { readonly line: MempoolLine; readonly onCluster: (txid: string) => void }) {
  return (
    <div className={classes.card}>
      <TransactionLink txid={line.txid} />
      <Age unixSeconds={line.time} />
      <Rate satPerVbyte={line.feerate_sat_per_kvb / 1000} />
      <VirtualSize vbytes={line.virtual_size} />
      <Amount sats={BigInt(line.fee)} />
      <Relations line={line} onCluster={onCluster} />
    </div>
  ) as ReactElement;
}

function Relations({ line, onCluster }: { readonly line: MempoolLine; readonly onCluster: (txid: string) => void }) {
  const { parent_count: parents, child_count: children } = line;
  if (parents + children === 0) return (<span className={classes.quiet}>–</span>) as ReactElement;
  const parts = [
    ...(parents > 0 ? [words.parents(parents, formatCount(parents))] : []),
    ...(children > 0 ? [words.children(children, formatCount(children))] : []),
  ];
  return (
    <button type="button" className={classes.link} title={words.cluster} onClick={() => onCluster(line.txid)}>
      {parts.join(", ")}
    </button>
  );
}
