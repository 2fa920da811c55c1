import type { MempoolCluster } from "@bitfleet/api/rest/mempool.ts";
import { formatCount, formatFeerate, shortHash } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { type KeyboardEvent, type ReactElement, useMemo, useRef } from "react";
import { type GraphEdge, type GraphNode, layOutCluster } from "./cluster-layout.ts";
import classes from "./clusters.module.css";
import { heatColor } from "./heat.ts";
import { Rate } from "./rate.tsx";
import { texts } from "./texts.ts";

const words = texts.cluster;

interface ClusterGraphProps {
  readonly cluster: MempoolCluster;
  /** Txid of the one that is told of below. */
  readonly marked: string;
  readonly onMark: (txid: string) => void;
}

/** Who spends whom: circles in the colour of their chunk, parents on the left. */
export function ClusterGraph({ cluster, marked, onMark }: ClusterGraphProps): ReactElement {
  const { transactions, chunks } = cluster;
  const layout = useMemo(() => layOutCluster(transactions), [transactions]);
  const svg = useRef<SVGSVGElement>(null);
  const markedNode = layout.nodes.find(({ txid }) => txid === marked) ?? layout.nodes[0];
  const rateOf = (chunk: number) => (chunks[chunk]?.feerate_sat_per_kvb ?? 0) / 1000;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || markedNode === undefined) return;
    event.preventDefault();
    const next = layout.nodes[(markedNode.index + step + layout.nodes.length) % layout.nodes.length];
    if (next === undefined) return;
    onMark(next.txid);
    svg.current?.querySelector<SVGElement>(`[data-txid="${next.txid}"]`)?.focus();
  };
  const marks = markedNode && transactions[markedNode.index];
  return (
    <>
      <div className={classes.frame}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is no drawing */}
        <svg
          ref={svg}
          className={classes.graph}
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          role="group"
          aria-label={words.graph(formatCount(transactions.length), formatCount(chunks.length))}
          data-testid="cluster-graph"
          onKeyDown={onKeyDown}
        >
          {layout.edges.map((edge) => (
            <path
              key={`${edge.from.txid}${edge.to.txid}`}
              className={classes.edge}
              data-marked={edge.from === markedNode || edge.to === markedNode}
              d={pathOf(edge)}
            />
          ))}
          {layout.nodes.map((node) => (
            // biome-ignore lint/a11y/useSemanticElements: a button has no place in a drawing
            <g
              key={node.txid}
              role="button"
              className={classes.node}
              data-txid={node.txid}
              aria-pressed={node === markedNode}
              aria-label={labelOf(node, rateOf(node.chunk))}
              tabIndex={node === markedNode ? 0 : -1}
              onClick={() => onMark(node.txid)}
              onKeyDown={(event) => {
                if (event.key === "Enter" || event.key === " ") onMark(node.txid);
              }}
            >
              <title>{labelOf(node, rateOf(node.chunk))}</title>
              <circle className={classes.touch} cx={node.x} cy={node.y} r={Math.max(14, node.radius + 3)} />
              <circle cx={node.x} cy={node.y} r={node.radius} fill={heatColor(rateOf(node.chunk))} />
              <text x={node.x} y={node.y}>
                {node.chunk + 1}
              </text>
            </g>
          ))}
        </svg>
      </div>
      {markedNode !== undefined && marks !== undefined && (
        <p className={classes.marked} aria-live="polite">
          <TransactionLink txid={marks.txid} />
          <span>
            {words.columns.feerate} <Rate satPerVbyte={marks.fee / marks.virtual_size} />
          </span>
          <span>
            {words.chunk(formatCount(marks.chunk + 1))} <Rate satPerVbyte={rateOf(marks.chunk)} />
          </span>
        </p>
      )}
    </>
  );
}

/** Along the order of mining. */
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function labelOf({ txid, index, chunk }: GraphNode, rate: number): string {
  return words.node(formatCount(index + 1), shortHash(txid), formatFeerate(rate), formatCount(chunk + 1));
}

function pathOf({ from, to }: GraphEdge): string {
  const [start, end] = [from.x + from.radius, to.x - to.radius];
  const bend = (end - start) / 2;
  return `M${start} ${from.y}C${start + bend} ${from.y} ${end - bend} ${to.y} ${end} ${to.y}`;
}
