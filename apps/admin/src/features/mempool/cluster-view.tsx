import { ApiError } from "@bitfleet/api/errors.ts";
import type { MempoolCluster } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { ArrowLeftIcon } from "@bitfleet/ui/icons.tsx";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import { ClusterGraph } from "./cluster-graph.tsx";
import classes from "./clusters.module.css";
import { useCluster } from "./queries.ts";
import { Rate } from "./rate.tsx";
import { texts } from "./texts.ts";

const words = texts.cluster;
const GRAPH_HEIGHT = 320;

/** Everything that one waiting transaction is connected with: as a graph, and in the order of mining. */
export function ClusterView({ txid }: { readonly txid: string }): ReactElement {
  const cluster = useCluster(txid);
  return (
    <div className={classes.place}>
      <div>
        <Link
          to="/mempool"
          search={((old: object) => ({ ...old, tab: "clusters", cluster: undefined })) as never}
          resetScroll={false}
          className={`${classes.link} ${classes.back}`}
        >
          <ArrowLeftIcon /> {words.close}
        </Link>
      </div>
      <Content txid={txid} cluster={cluster} />
    </div>
  );
}

function Content({
  txid,
  cluster,
}: {
  readonly txid: string;
  readonly cluster: ReturnType<typeof useCluster>;
}): ReactElement {
  if (cluster.error instanceof ApiError && cluster.error.status === 404) {
    return (
      <Message title={words.gone} action={<TransactionLink txid={txid} />}>
        {words.goneHint}
      </Message>
    );
  }
  if (cluster.data === undefined) {
    if (cluster.error !== null) return <ErrorMessage error={cluster.error} onRetry={() => void cluster.refetch()} />;
    return <LoadingRows count={1} height={GRAPH_HEIGHT} label={texts.tabs.clusters} />;
  }
  return <Cluster txid={txid} cluster={cluster.data} />;
}

interface Row {
  readonly place: number;
  readonly transaction: MempoolCluster["transactions"][number];
  readonly chunkFeerate: number;
}

function Cluster({ txid, cluster }: { readonly txid: string; readonly cluster: MempoolCluster }): ReactElement {
  const [marked, setMarked] = useState(txid);
  const { transactions, chunks } = cluster;
  const rows = useMemo(
    () =>
      transactions.map((transaction, place): Row => {
        return { place, transaction, chunkFeerate: (chunks[transaction.chunk]?.feerate_sat_per_kvb ?? 0) / 1000 };
      }),
    [transactions, chunks],
  );
  const count = formatCount(transactions.length);
  return (
    <>
      <Card
        title={transactions.length === 1 ? words.alone : words.title(count)}
        aside={<span className={classes.about}>{words.graph(count, formatCount(chunks.length))}</span>}
      >
        <ClusterGraph cluster={cluster} marked={marked} onMark={setMarked} />
        <p className={classes.about}>{transactions.length === 1 ? words.aloneHint : words.keys}</p>
      </Card>
      <DataTable
        label={words.label}
        rows={rows}
        columns={COLUMNS}
        rowKey={keyOf}
        onOpen={(row) => setMarked(row.transaction.txid)}
      />
    </>
  );
}

const keyOf = (row: Row) => row.transaction.txid;

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "place",
    title: words.columns.place,
    width: 76,
    align: "end",
    sortBy: (row) => row.place,
    cell: (row) => row.place + 1,
  },
  {
    id: "txid",
    title: words.columns.txid,
    width: 214,
    cell: (row) => <TransactionLink txid={row.transaction.txid} />,
  },
  { id: "chunk", title: words.columns.chunk, cell: (row) => words.chunk(formatCount(row.transaction.chunk + 1)) },
  {
    id: "chunkFeerate",
    title: words.columns.chunkFeerate,
    width: 136,
    align: "end",
    sortBy: (row) => row.chunkFeerate,
    cell: (row) => <Rate satPerVbyte={row.chunkFeerate} />,
  },
  {
    id: "feerate",
    title: words.columns.feerate,
    width: 136,
    align: "end",
    sortBy: ({ transaction }) => transaction.fee / transaction.virtual_size,
    cell: ({ transaction }) => <Rate satPerVbyte={transaction.fee / transaction.virtual_size} />,
  },
  {
    id: "fee",
    title: words.columns.fee,
    width: 160,
    align: "end",
    sortBy: ({ transaction }) => transaction.fee,
    cell: ({ transaction }) => <Amount sats={BigInt(transaction.fee)} />,
  },
  {
    id: "size",
    title: words.columns.size,
    width: 104,
    align: "end",
    sortBy: ({ transaction }) => transaction.virtual_size,
    cell: ({ transaction }) => <VirtualSize vbytes={transaction.virtual_size} />,
  },
  {
    id: "parents",
    title: words.columns.parents,
    width: 92,
    align: "end",
    sortBy: ({ transaction }) => transaction.depends_on.length,
    cell: ({ transaction }) => formatCount(transaction.depends_on.length),
  },
];
