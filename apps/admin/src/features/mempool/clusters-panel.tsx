import type { MempoolClusterLine } from "@bitfleet/api/rest/mempool.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatCount, formatFeerate, shortHash } from "@bitfleet/ui/format.ts";
import { VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { Link } from "@tanstack/react-router";
import type { CSSProperties, ReactElement } from "react";
import { ClusterView } from "./cluster-view.tsx";
import classes from "./clusters.module.css";
import { heatColor } from "./heat.ts";
import { CLUSTER_MINIMUMS, type ClusterMinimum, unlessFirst } from "./mempool-search.ts";
import { CLUSTERS_MAX, useClusters } from "./queries.ts";
import { Rate } from "./rate.tsx";
import { texts } from "./texts.ts";

const words = texts.clusters;
/** Chunks of one cluster that are drawn in a row of the table. */
const CHUNKS_SHOWN = 24;

/** Who depends on whom: the cluster that the address names, or the largest of them all. */
export function ClustersPanel({
  cluster,
  ...list
}: ClusterListProps & { readonly cluster: string | undefined }): ReactElement {
  return cluster === undefined ? <ClusterList {...list} /> : <ClusterView key={cluster} txid={cluster} />;
}

interface ClusterListProps {
  readonly minimum: ClusterMinimum;
  readonly onMinimum: (minimum: ClusterMinimum | undefined) => void;
}

function ClusterList({ minimum, onMinimum }: ClusterListProps): ReactElement {
  const clusters = useClusters(minimum);
  if (clusters.data === undefined && clusters.error !== null) {
    return <ErrorMessage error={clusters.error} onRetry={() => void clusters.refetch()} />;
  }
  return (
    <div className={classes.place}>
      <p className={classes.about}>
        {words.about} {clusters.data?.isWhole === false && words.most(formatCount(CLUSTERS_MAX))}
      </p>
      <DataTable
        label={words.label}
        rows={clusters.data?.items}
        columns={COLUMNS}
        rowKey={keyOf}
        initialSorting={{ columnId: "count", isDescending: true }}
        tools={
          <Choice
            label={words.minimum}
            hasLabel
            options={CLUSTER_MINIMUMS.map((value) => ({ value: String(value), title: words.minimums[value] }))}
            value={String(minimum)}
            onChoose={(value) => onMinimum(unlessFirst(Number(value) as ClusterMinimum, CLUSTER_MINIMUMS))}
          />
        }
        empty={
          <>
            <strong>{words.empty}</strong>
            <p>{words.emptyHint}</p>
          </>
        }
      />
    </div>
  );
}

const keyOf = (line: MempoolClusterLine) => line.txid;
const feerateAt = (line: MempoolClusterLine, index: number) => (line.chunks.at(index)?.feerate_sat_per_kvb ?? 0) / 1000;

const COLUMNS: readonly Column<MempoolClusterLine>[] = [
  {
    id: "first",
    title: words.columns.first,
    width: 184,
    cell: (line) => (
      <Link
        to="/mempool"
        search={((old: object) => ({ ...old, tab: "clusters", cluster: line.txid })) as never}
        resetScroll={false}
        className={classes.link ?? ""}
        aria-label={words.show(line.txid)}
      >
        {shortHash(line.txid)}
      </Link>
    ),
  },
  {
    id: "count",
    title: words.columns.count,
    width: 116,
    align: "end",
    sortBy: (line) => line.transaction_count,
    cell: (line) => formatCount(line.transaction_count),
  },
  { id: "chunks", title: words.columns.chunks, cell: (line) => <ChunkStrip line={line} /> },
  {
    id: "feerate",
    title: words.columns.feerate,
    width: 126,
    align: "end",
    sortBy: (line) => feerateAt(line, 0),
    cell: (line) => <Rate satPerVbyte={feerateAt(line, 0)} />,
  },
  {
    id: "worst",
    title: words.columns.worst,
    width: 126,
    align: "end",
    sortBy: (line) => feerateAt(line, -1),
    cell: (line) => <Rate satPerVbyte={feerateAt(line, -1)} />,
  },
  {
    id: "fee",
    title: words.columns.fee,
    width: 150,
    align: "end",
    sortBy: (line) => line.fee,
    cell: (line) => <Amount sats={BigInt(line.fee)} />,
  },
  {
    id: "size",
    title: words.columns.size,
    width: 108,
    align: "end",
    sortBy: (line) => line.virtual_size,
    cell: (line) => <VirtualSize vbytes={line.virtual_size} />,
  },
];

/** The chunks side by side, each as wide as it is large. */
function ChunkStrip({ line }: { readonly line: MempoolClusterLine }): ReactElement {
  const shown = line.chunks.slice(0, CHUNKS_SHOWN);
  const rates = shown.map((chunk) => formatFeerate(chunk.feerate_sat_per_kvb / 1000)).join(", ");
  return (
    <span className={classes.strip} role="img" aria-label={words.strip(rates)} title={words.strip(rates)}>
      {shown.map((chunk, index) => (
        <i
          // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place in the order
          key={index}
          style={
            { "--size": chunk.virtual_size, "--color": heatColor(chunk.feerate_sat_per_kvb / 1000) } as CSSProperties
          }
        />
      ))}
    </span>
  );
}
