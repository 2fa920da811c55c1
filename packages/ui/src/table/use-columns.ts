import { useMemo, useState } from "react";
import type { Column } from "./column.ts";

/** Which columns are shown; remembered on this device for tables that have a name. */
export interface ColumnChoice<Row> {
  readonly shown: readonly Column<Row>[];
  isShown(columnId: string): boolean;
  toggle(columnId: string): void;
}

export function useColumns<Row>(columns: readonly Column<Row>[], tableName: string | undefined): ColumnChoice<Row> {
  const [toggled, setToggled] = useState(() => remembered(tableName));
  // The same list as long as nothing changes: rows that are there are not made again for it.
  const shown = useMemo(
    () => columns.filter(({ id, isHiddenAtFirst = false }) => isHiddenAtFirst === toggled.has(id)),
    [columns, toggled],
  );
  return {
    shown,
    isShown: (columnId) => shown.some(({ id }) => id === columnId),
    toggle: (columnId) => {
      const next = new Set(toggled);
      if (!next.delete(columnId)) next.add(columnId);
      setToggled(next);
      remember(tableName, next);
    },
  };
}

/** Columns that are not as they are at first. */
function remembered(tableName: string | undefined): ReadonlySet<string> {
  if (tableName === undefined) return new Set();
  try {
    return new Set((localStorage.getItem(keyOf(tableName)) ?? "").split(" ").filter((id) => id !== ""));
  } catch {
    return new Set();
  }
}

function remember(tableName: string | undefined, toggled: ReadonlySet<string>): void {
  if (tableName === undefined) return;
  try {
    localStorage.setItem(keyOf(tableName), [...toggled].join(" "));
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

const keyOf = (tableName: string) => `bitfleet.columns.${tableName}`;
