import type { MempoolCluster } from "@bitfleet/api/rest/mempool.ts";

/** Where a transaction of the graph is, in pixels of the picture. */
export interface GraphNode {
  readonly txid: string;
  /** Place in the order of mining, from 0. */
  readonly index: number;
  readonly chunk: number;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface GraphEdge {
  readonly from: GraphNode;
  readonly to: GraphNode;
}

export interface GraphLayout {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly width: number;
  readonly height: number;
}

const COLUMN_WIDTH = 96;
const ROW_HEIGHT = 52;
const MARGIN = 34;
const RADIUS_MIN = 8;
const RADIUS_MAX = 22;
/** Vbytes of a circle of the least radius. */
const SMALL_SIZE = 100;
/** Times that rows are put in the order of what they are connected with. */
const SWEEPS = 4;

type Transactions = MempoolCluster["transactions"];

/** Parents to the left of their children, each as near to its relatives as there is room. */
export function layOutCluster(transactions: Transactions): GraphLayout {
  const columns = columnsOf(transactions);
  const rows = orderRows(columns, transactions);
  const mostRows = Math.max(1, ...columns.map((column) => column.length));
  const height = mostRows * ROW_HEIGHT + MARGIN;
  const places = new Map<string, GraphNode>();
  const indexes = new Map(transactions.map(({ txid }, index) => [txid, index]));
  columns.forEach((_, column) => {
    const txids = rows[column] ?? [];
    const top = (height - txids.length * ROW_HEIGHT) / 2 + ROW_HEIGHT / 2;
    txids.forEach((txid, row) => {
      const index = indexes.get(txid) ?? 0;
      const transaction = transactions[index];
      if (transaction === undefined) return;
      places.set(txid, {
        txid,
        index,
        chunk: transaction.chunk,
        x: MARGIN + column * COLUMN_WIDTH,
        // Lines of a long chain of single ones would lie on one another.
        y: top + row * ROW_HEIGHT + (txids.length === mostRows ? 0 : column % 2 === 0 ? -5 : 5),
        radius: radiusOf(transaction.virtual_size),
      });
    });
  });
  const edges = transactions.flatMap(({ txid, depends_on: parents }) =>
    parents.flatMap((parent): GraphEdge[] => {
      const [from, to] = [places.get(parent), places.get(txid)];
      return from === undefined || to === undefined ? [] : [{ from, to }];
    }),
  );
  const nodes = transactions.flatMap(({ txid }) => places.get(txid) ?? []);
  return { nodes, edges, width: MARGIN * 2 + (columns.length - 1) * COLUMN_WIDTH, height };
}

/** As large in area as the transaction, within what can be seen and pressed. */
function radiusOf(virtualSize: number): number {
  return Math.min(RADIUS_MAX, Math.max(RADIUS_MIN, RADIUS_MIN * Math.sqrt(virtualSize / SMALL_SIZE)));
}

/** Txids by how many others must come before them in a row. Transactions come parents first. */
function columnsOf(transactions: Transactions): string[][] {
  const depths = new Map<string, number>();
  const columns: string[][] = [];
  for (const { txid, depends_on: parents } of transactions) {
    const depth = Math.max(-1, ...parents.map((parent) => depths.get(parent) ?? -1)) + 1;
    depths.set(txid, depth);
    columns[depth] = [...(columns[depth] ?? []), txid];
  }
  return columns;
}

/** Each column in the order of the middle of what its members are connected with, back and forth. */
function orderRows(columns: readonly (readonly string[])[], transactions: Transactions): string[][] {
  const neighbours = new Map<string, string[]>(transactions.map(({ txid }) => [txid, []]));
  for (const { txid, depends_on: parents } of transactions) {
    for (const parent of parents) {
      neighbours.get(txid)?.push(parent);
      neighbours.get(parent)?.push(txid);
    }
  }
  const rows = columns.map((column) => [...column]);
  const places = new Map<string, number>();
  const note = (column: readonly string[]) => {
    for (const [row, txid] of column.entries()) places.set(txid, (row + 0.5) / column.length);
  };
  rows.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const column of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const middles = new Map(column.map((txid) => [txid, middleOf(neighbours.get(txid) ?? [], places)]));
      column.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
      note(column);
    }
  }
  return rows;
}

function middleOf(txids: readonly string[], places: ReadonlyMap<string, number>): number {
  if (txids.length === 0) return 0.5;
  return txids.reduce((sum, txid) => sum + (places.get(txid) ?? 0.5), 0) / txids.length;
}
