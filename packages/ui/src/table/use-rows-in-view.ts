import { type RefObject, useLayoutEffect, useState } from "react";

/** Rows made beyond those in view, at both ends. */
const OVERSCAN_COUNT = 10;
/** The rows that are made change by so many at once, so that most steps of scrolling make none. */
const STEP_COUNT = 4;
/** Made before it is known how many there is room for. */
const FIRST_COUNT = 32;

/** Rows from `first` up to `end`, without it. */
export interface RowsInView {
  readonly first: number;
  readonly end: number;
}

/**
 * Which of `count` rows of one height have to be made, for what of the frame is seen. All rows are as high as each other, so that none is
 * ever measured and a hundred thousand cost as much as a hundred.
 */
export function useRowsInView(frame: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowsInView {
  const [view, setView] = useState<RowsInView>({ first: 0, end: FIRST_COUNT });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const look = () => {
      const next = rowsAt(element.scrollTop, element.clientHeight, rowHeight);
      setView((known) => (known.first === next.first && known.end === next.end ? known : next));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [frame, rowHeight]);
  // Fewer rows than before: the frame is scrolled by the browser, and tells of it a moment later.
  const first = Math.min(view.first, Math.max(0, count - (view.end - view.first)));
  return { first, end: Math.min(count, first + view.end - view.first) };
}

/** Rows to make for a frame of `height` pixels that is scrolled by `scrollTop`. */
export function rowsAt(scrollTop: number, height: number, rowHeight: number): RowsInView {
  const first = Math.floor(scrollTop / rowHeight / STEP_COUNT) * STEP_COUNT - OVERSCAN_COUNT;
  const end = Math.ceil((scrollTop + height) / rowHeight / STEP_COUNT) * STEP_COUNT + OVERSCAN_COUNT;
  return { first: Math.max(0, first), end: Math.max(FIRST_COUNT, end) };
}

/** Scrolls the frame as little as shows the whole row below the head, which stays at its top. */
export function showRow(frame: HTMLElement | null, index: number, rowHeight: number, headHeight: number): void {
  if (frame === null) return;
  const top = index * rowHeight;
  const bottom = headHeight + top + rowHeight - frame.clientHeight;
  if (frame.scrollTop > top) frame.scrollTop = top;
  else if (frame.scrollTop < bottom) frame.scrollTop = bottom;
}
