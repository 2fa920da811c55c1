import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactElement, type ReactNode, useRef } from "react";
import type { Column, DataTableProps } from "./column.ts";
import classes from "./data-table.module.css";
import { tableTexts } from "./texts.ts";
import { useEnd } from "./use-end.ts";

const CARD_HEIGHT = 120;
const OVERSCAN_COUNT = 6;
const LOADING_COUNT = 5;

/** The rows as cards, one below the other, for narrow screens. */
export function CardList<Row>({
  label,
  rows,
  columns,
  rowKey,
  card,
  onOpen,
  onEnd,
}: DataTableProps<Row>): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows?.length ?? 0,
    getScrollElement: () => frame.current,
    estimateSize: () => CARD_HEIGHT,
    overscan: OVERSCAN_COUNT,
    getItemKey: (index) => {
      const row = rows?.[index];
      return row === undefined ? index : rowKey(row);
    },
    useFlushSync: false,
  });
  useEnd(virtual.getVirtualItems().at(-1)?.index, rows?.length, onEnd);
  if (rows === undefined) {
    return (
      <div className={classes.loadingCards} role="status" aria-label={tableTexts.loading(label)}>
        {Array.from({ length: LOADING_COUNT }, (_, index) => index).map((index) => (
          <span key={index} className={classes.skeletonCard} />
        ))}
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={frame} className={classes.cards} aria-label={label} tabIndex={0}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <CardOf opens={onOpen === undefined ? undefined : () => onOpen(row)}>
                {card === undefined ? <Fields row={row} columns={columns} /> : card(row)}
              </CardOf>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function CardOf({ opens, children }: { readonly opens: (() => void) | undefined; readonly children: ReactNode }) {
  if (opens === undefined) return (<div className={classes.card}>{children}</div>) as ReactElement;
  return (
    // biome-ignore lint/a11y/useSemanticElements: it holds links and buttons of its own
    <div
      className={classes.card}
      role="button"
      tabIndex={0}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest("a, button, input") === null) opens();
      }}
      onKeyDown={(event) => event.key === "Enter" && event.target === event.currentTarget && opens()}
    >
      {children}
    </div>
  );
}

function Fields<Row>({ row, columns }: { readonly row: Row; readonly columns: readonly Column<Row>[] }): ReactElement {
  return (
    <dl className={classes.fields}>
      {columns.map((column) => (
        <div key={column.id}>
          <dt>{column.title}</dt>
          <dd>{column.cell(row)}</dd>
        </div>
      ))}
    </dl>
  );
}
