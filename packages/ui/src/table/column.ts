import type { ReactNode } from "react";
import type { Sorting, SortValue } from "./sort-rows.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Kept plain: it is made for each row that comes into view. */
  readonly cell: (row: Row) => ReactNode;
  /** Lets the column be sorted by. */
  readonly sortBy?: (row: Row) => SortValue;
  /** Figures stand at the end. */
  readonly align?: "end";
  /** Pixels; columns without one share what is left. */
  readonly width?: number;
  /** The reader may show it; for what is seldom wanted. */
  readonly isHiddenAtFirst?: boolean;
}

export interface DataTableProps<Row> {
  /** What it lists, for who hears the page. */
  readonly label: string;
  /** `undefined` while they are on their way. */
  readonly rows: readonly Row[] | undefined;
  readonly columns: readonly Column<Row>[];
  /** Names a row, also when it moves. */
  readonly rowKey: (row: Row) => string;
  /** A row was pressed, or Return on it; without it Return follows the row's first link. */
  readonly onOpen?: (row: Row) => void;
  /** Where there are no rows. */
  readonly empty?: ReactNode;
  /** By which the choice of columns is remembered; without a name there is no choice. */
  readonly name?: string;
  readonly initialSorting?: Sorting;
  /** Pixels; all rows have the same. */
  readonly rowHeight?: number;
  /** Of a row on a phone; the columns with their titles where absent. */
  readonly card?: (row: Row) => ReactNode;
  /** The last rows have come near: more of them may be fetched. */
  readonly onEnd?: (() => void) | undefined;
  /** Left of the buttons above: filters, say. */
  readonly tools?: ReactNode;
}

/** Pixels that a column without a width has at least. */
const SHARED_WIDTH_MIN = 140;

/** Below it the table is scrolled sideways. */
export function widthMinOf(columns: readonly Column<never>[]): number {
  return columns.reduce((sum, { width }) => sum + (width ?? SHARED_WIDTH_MIN), 0);
}

/** Columns as `grid-template-columns` has them. Where all have a width, they share what is left by their widths. */
export function gridColumnsOf(columns: readonly Column<never>[]): string {
  const isShared = columns.some(({ width }) => width === undefined);
  return columns
    .map(({ width }) => (width === undefined ? "minmax(0, 1fr)" : isShared ? `${width}px` : `minmax(0, ${width}fr)`))
    .join(" ");
}
