import { useMediaQuery } from "@mantine/hooks";
import { type ReactElement, useMemo, useState } from "react";
import { formatCount } from "../format.ts";
import { CardList } from "./card-list.tsx";
import type { Column, DataTableProps } from "./column.ts";
import { ColumnMenu } from "./column-menu.tsx";
import classes from "./data-table.module.css";
import { type Sorting, sortRows } from "./sort-rows.ts";
import { tableTexts } from "./texts.ts";
import { useColumns } from "./use-columns.ts";
import { VirtualTable } from "./virtual-table.tsx";

/**
 * A table of up to hundreds of thousands of rows: only those in view are in the document. Its head stays, columns sort, arrow keys go
 * from row to row, and on a phone each row is a card. Rows that come in above do not move what is read.
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactElement {
  const { label, rows, columns, name, tools } = props;
  const isNarrow = useMediaQuery("(max-width: 620px)", false, { getInitialValueInEffect: false });
  const [sorting, setSorting] = useState(props.initialSorting);
  const choice = useColumns(columns, name);
  const sortBy = columns.find(({ id }) => id === sorting?.columnId)?.sortBy;
  const isDescending = sorting?.isDescending ?? false;
  const sorted = useMemo(
    () => (rows === undefined || sortBy === undefined ? rows : sortRows(rows, sortBy, isDescending)),
    [rows, sortBy, isDescending],
  );
  const isSortable = columns.some((column) => column.sortBy !== undefined);
  const hasTools = tools !== undefined || name !== undefined || (isNarrow && isSortable);
  return (
    <div className={classes.place}>
      {hasTools && (
        <div className={classes.tools}>
          {tools}
          {isNarrow && isSortable && <SortChoice columns={columns} sorting={sorting} onSort={setSorting} />}
          {name !== undefined && !isNarrow && <ColumnMenu columns={columns} choice={choice} />}
        </div>
      )}
      {sorted?.length === 0 ? (
        <div className={classes.empty}>{props.empty ?? tableTexts.empty}</div>
      ) : isNarrow ? (
        <CardList {...props} rows={sorted} columns={choice.shown} />
      ) : (
        <VirtualTable {...props} rows={sorted} columns={choice.shown} sorting={sorting} onSort={setSorting} />
      )}
      <p className={classes.count}>{rows === undefined ? " " : tableTexts.rows(formatCount(rows.length), label)}</p>
    </div>
  );
}

function SortChoice<Row>({
  columns,
  sorting,
  onSort,
}: {
  readonly columns: readonly Column<Row>[];
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
}): ReactElement {
  return (
    <label className={classes.sortChoice}>
      {tableTexts.sortBy}
      <select
        value={sorting === undefined ? "" : `${sorting.isDescending ? "-" : "+"}${sorting.columnId}`}
        onChange={({ target: { value } }) =>
          onSort(value === "" ? undefined : { columnId: value.slice(1), isDescending: value.startsWith("-") })
        }
      >
        <option value="">{tableTexts.unsorted}</option>
        {columns
          .filter(({ sortBy }) => sortBy !== undefined)
          .flatMap(({ id, title }) => [
            <option key={`-${id}`} value={`-${id}`}>
              {tableTexts.most(title)}
            </option>,
            <option key={`+${id}`} value={`+${id}`}>
              {tableTexts.least(title)}
            </option>,
          ])}
      </select>
    </label>
  );
}
