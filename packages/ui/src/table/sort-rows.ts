/** What rows are sorted by; `null` where a row has none, which stands last whichever way is sorted. */
export type SortValue = number | bigint | string | null;

export interface Sorting {
  readonly columnId: string;
  readonly isDescending: boolean;
}

/** The rows in order of their values; equal ones keep the order they came in. Values are asked for once a row. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortBy: (row: Row) => SortValue,
  isDescending: boolean,
): readonly Row[] {
  const sign = isDescending ? -1 : 1;
  const valued = rows.map((row) => ({ row, value: sortBy(row) }));
  valued.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
  });
  return valued.map(({ row }) => row);
}

/** What a press on a column's head leads to: most first, then least first, then as the rows came. */
export function nextSorting(sorting: Sorting | undefined, columnId: string): Sorting | undefined {
  if (sorting?.columnId !== columnId) return { columnId, isDescending: true };
  return sorting.isDescending ? { columnId, isDescending: false } : undefined;
}
