import { type RefObject, useLayoutEffect, useRef } from "react";

/** Rows looked through for the one that was at the top: more are not likely to have come above it at once. */
const SEARCHED_COUNT = 20_000;

/** Keeps what is read where it is while rows come and go above it: the frame is scrolled by as much as they take. */
export function useAnchor<Row>(
  frame: RefObject<HTMLElement | null>,
  rows: readonly Row[] | undefined,
  rowKey: (row: Row) => string,
  rowHeight: number,
): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const previous = before.current;
    before.current = rows;
    const element = frame.current;
    // At the top the newest are wanted.
    if (element === null || previous === undefined || rows === undefined || previous === rows || element.scrollTop < 1)
      return;
    const topIndex = Math.floor(element.scrollTop / rowHeight);
    const top = previous[topIndex];
    if (top === undefined) return;
    const movedBy = indexNear(rows, rowKey, rowKey(top), topIndex) - topIndex;
    if (movedBy !== 0) element.scrollTop += movedBy * rowHeight;
  }, [frame, rows, rowKey, rowHeight]);
}

/** Where the row is now, looking from where it was to both sides; where it was if it is gone. */
function indexNear<Row>(rows: readonly Row[], rowKey: (row: Row) => string, key: string, index: number): number {
  for (let distance = 0; distance < SEARCHED_COUNT; distance++) {
    for (const place of [index + distance, index - distance]) {
      const row = rows[place];
      if (row !== undefined && rowKey(row) === key) return place;
    }
    if (index - distance < 0 && index + distance >= rows.length) break;
  }
  return index;
}
