import { type CSSProperties, type KeyboardEvent, memo, type ReactElement, useId, useRef, useState } from "react";
import { SortDownIcon, SortUpIcon } from "../icons.tsx";
import { type Column, type DataTableProps, gridColumnsOf, widthMinOf } from "./column.ts";
import classes from "./data-table.module.css";
import { nextSorting, type Sorting } from "./sort-rows.ts";
import { tableTexts } from "./texts.ts";
import { useAnchor } from "./use-anchor.ts";
import { useEnd } from "./use-end.ts";
import { showRow, useRowsInView } from "./use-rows-in-view.ts";

interface VirtualTableProps<Row> extends DataTableProps<Row> {
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
}

const ROW_HEIGHT = 40;
const HEAD_HEIGHT = 38;
const LOADING_COUNT = 8;

/**
 * The table itself, of which the rows in view are in the document, each at its place: one that comes or goes moves no other, and none is
 * laid out again. For that the elements of a table are laid out as blocks.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>): ReactElement {
  const { label, rows, columns, rowKey, onOpen, sorting, onSort, rowHeight = ROW_HEIGHT } = props;
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [activeIndex, setActiveIndex] = useState(-1);
  const count = rows?.length ?? 0;
  const { first, end } = useRowsInView(frame, count, rowHeight);
  useAnchor(frame, rows, rowKey, rowHeight);
  useEnd(end - 1, rows?.length, props.onEnd);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (rows === undefined || event.target !== event.currentTarget) return;
    const pageCount = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = nextActive(event.key, activeIndex, pageCount, rows.length);
    if (next !== undefined) {
      event.preventDefault();
      setActiveIndex(next);
      showRow(frame.current, next, rowHeight, HEAD_HEIGHT);
    } else if (event.key === "Enter") {
      const row = rows[activeIndex];
      if (row !== undefined && onOpen !== undefined) onOpen(row);
      else document.getElementById(`${id}-${activeIndex}`)?.querySelector("a")?.click();
    }
  };
  const sizes = {
    "--columns": gridColumnsOf(columns as readonly Column<never>[]),
    "--width-min": `${widthMinOf(columns as readonly Column<never>[])}px`,
    "--head-height": `${HEAD_HEIGHT}px`,
    "--row-height": `${rowHeight}px`,
    "--row-count": rows === undefined ? LOADING_COUNT : count,
  };
  return (
    <div ref={frame} className={classes.frame} data-testid="table-frame">
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys go from row to row
        role="grid"
        className={classes.table}
        style={sizes as CSSProperties}
        aria-label={label}
        aria-rowcount={rows === undefined ? -1 : rows.length + 1}
        aria-busy={rows === undefined}
        aria-activedescendant={activeIndex < 0 ? undefined : `${id}-${activeIndex}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Head key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined && <LoadingTableRows columns={columns} rowHeight={rowHeight} label={label} />}
          {rows?.slice(first, end).map((row, place) => {
            const index = first + place;
            const isActive = index === activeIndex;
            return (
              <TableRow
                key={rowKey(row)}
                {...{ row: row as unknown, index, isActive, rowHeight }}
                id={`${id}-${index}`}
                columns={columns as readonly Column<unknown>[]}
                onOpen={onOpen as ((row: unknown) => void) | undefined}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface TableRowProps {
  readonly id: string;
  readonly row: unknown;
  readonly index: number;
  readonly columns: readonly Column<unknown>[];
  readonly rowHeight: number;
  readonly isActive: boolean;
  readonly onOpen: ((row: unknown) => void) | undefined;
}

/** Scrolling makes the rows that come into view, and leaves the others as they are. */
const TableRow = memo(({ id, row, index, columns, rowHeight, isActive, onOpen }: TableRowProps) => (
  <tr
    id={id}
    aria-rowindex={index + 2}
    data-active={isActive}
    data-opens={onOpen !== undefined}
    style={{ top: index * rowHeight }}
    onClick={onOpen === undefined ? undefined : (event) => isOwn(event.target) && onOpen(row)}
  >
    <Cells row={row} columns={columns} />
  </tr>
));

/** A row that moves up or down keeps them. */
const Cells = memo(({ row, columns }: Pick<TableRowProps, "row" | "columns">) =>
  columns.map((column) => (
    <td key={column.id} data-align={column.align}>
      {column.cell(row)}
    </td>
  )),
);

/** Links and buttons within a row do their own. */
function isOwn(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input") === null;
}

function nextActive(key: string, index: number, pageCount: number, count: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, index + 1);
    case "ArrowUp":
      return Math.max(0, index - 1);
    case "PageDown":
      return Math.min(last, Math.max(0, index) + pageCount);
    case "PageUp":
      return Math.max(0, index - pageCount);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

function Head<Row>({
  column: { id, title, align, sortBy },
  sorting,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
}): ReactElement {
  if (sortBy === undefined) {
    return (
      <th scope="col" data-align={align}>
        {title}
      </th>
    );
  }
  const own = sorting?.columnId === id ? sorting : undefined;
  return (
    <th
      scope="col"
      data-align={align}
      aria-sort={own === undefined ? "none" : own.isDescending ? "descending" : "ascending"}
    >
      <button type="button" className={classes.sort} onClick={() => onSort(nextSorting(sorting, id))}>
        {title}
        <span className={classes.sortMark} data-on={own !== undefined}>
          {own?.isDescending === false ? <SortUpIcon size={13} /> : <SortDownIcon size={13} />}
        </span>
      </button>
    </th>
  );
}

function LoadingTableRows<Row>({
  columns,
  rowHeight,
  label,
}: {
  readonly columns: readonly Column<Row>[];
  readonly rowHeight: number;
  readonly label: string;
}) {
  return Array.from({ length: LOADING_COUNT }, (_, index) => index).map((index) => (
    <tr key={index} style={{ top: index * rowHeight }} aria-label={tableTexts.loading(label)}>
      {columns.map((column) => (
        <td key={column.id} data-align={column.align}>
          <span className={classes.skeleton} />
        </td>
      ))}
    </tr>
  ));
}
