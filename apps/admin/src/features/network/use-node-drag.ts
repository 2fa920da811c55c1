import { type PointerEvent, useRef, useState } from "react";

/** Pixels of the pointer's way before a press is a drag. */
const THRESHOLD = 6;

/** A node that is under way. */
export interface NodeDrag {
  readonly name: string;
  /** Pixels from where it was taken up. */
  readonly x: number;
  readonly y: number;
  /** Number of the group below the pointer; absent where there is none. */
  readonly over: number | undefined;
}

/**
 * Nodes dragged into groups by mouse, pen or finger. A group is an element with `data-drop`, its number. A finger drags by the handle
 * (`data-handle`) alone, so that it scrolls the page elsewhere.
 */
export function useNodeDrag(onDrop: (name: string, toIndex: number) => void) {
  const [drag, setDrag] = useState<NodeDrag>();
  const start = useRef<{ readonly x: number; readonly y: number }>(undefined);
  // The release may come before what the last move changed is drawn.
  const isUnderWay = useRef(false);
  const end = () => {
    start.current = undefined;
    isUnderWay.current = false;
    setDrag(undefined);
  };
  const handlersOf = (name: string) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const target = event.target as Element;
      if (event.button !== 0 || target.closest("select") !== null) return;
      if (event.pointerType === "touch" && target.closest("[data-handle]") === null) return;
      start.current = { x: event.clientX, y: event.clientY };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (start.current === undefined) return;
      const [x, y] = [event.clientX - start.current.x, event.clientY - start.current.y];
      if (!isUnderWay.current && Math.hypot(x, y) < THRESHOLD) return;
      isUnderWay.current = true;
      setDrag({ name, x, y, over: groupAt(event.clientX, event.clientY) });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      const over = isUnderWay.current ? groupAt(event.clientX, event.clientY) : undefined;
      end();
      if (over !== undefined) onDrop(name, over);
    },
    onPointerCancel: end,
  });
  return { drag, handlersOf };
}

/** What is dragged lies above the group: the first below that is one. */
function groupAt(x: number, y: number): number | undefined {
  const place = document.elementsFromPoint(x, y).find((element) => element.hasAttribute("data-drop"));
  const index = Number(place?.getAttribute("data-drop") ?? Number.NaN);
  return Number.isNaN(index) ? undefined : index;
}
