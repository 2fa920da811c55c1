import { Pagination } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactElement, useEffect } from "react";
import classes from "./pager.module.css";

interface PagerProps {
  /** Counted from 1, as people read it. */
  readonly page: number;
  readonly pageCount: number;
  /** What is paged through, for the labels: "blocks". */
  readonly label: string;
  readonly onPage: (page: number) => void;
  /** Turns pages with the left and right arrow keys too. */
  readonly hasArrowKeys?: boolean;
}

/** Turns the pages of a list. */
export function Pager({ page, pageCount, label, onPage, hasArrowKeys = false }: PagerProps): ReactElement | null {
  useArrowKeys({
    isOn: hasArrowKeys,
    onLeft: () => page > 1 && onPage(page - 1),
    onRight: () => page < pageCount && onPage(page + 1),
  });
  const isNarrow = useMediaQuery("(max-width: 560px)", false, { getInitialValueInEffect: false });
  if (pageCount <= 1) return null;
  return (
    <nav className={classes.pager} aria-label={`Pages of ${label}`}>
      <Pagination
        total={pageCount}
        value={page}
        onChange={onPage}
        radius="md"
        siblings={isNarrow ? 0 : 1}
        getItemProps={(item) => ({ "aria-label": `Page ${item}` })}
        getControlProps={(control) => ({ "aria-label": `${control[0]?.toUpperCase()}${control.slice(1)} page` })}
      />
    </nav>
  );
}

interface ArrowKeys {
  readonly isOn?: boolean;
  readonly onLeft: () => void;
  readonly onRight: () => void;
}

/** Listens to the arrow keys of the whole page, save where they mean something else. */
export function useArrowKeys({ isOn = true, onLeft, onRight }: ArrowKeys): void {
  useEffect(() => {
    if (!isOn) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select")) return;
      if (event.key === "ArrowLeft") onLeft();
      else if (event.key === "ArrowRight") onRight();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
