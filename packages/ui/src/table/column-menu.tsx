import { type ReactElement, useEffect, useRef } from "react";
import { ColumnsIcon } from "../icons.tsx";
import type { Column } from "./column.ts";
import classes from "./data-table.module.css";
import { tableTexts } from "./texts.ts";
import type { ColumnChoice } from "./use-columns.ts";

/** Chooses which columns are shown. */
export function ColumnMenu<Row>({
  columns,
  choice,
}: {
  readonly columns: readonly Column<Row>[];
  readonly choice: ColumnChoice<Row>;
}): ReactElement {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const isElsewhere = !(event.target instanceof Node) || !menu.current?.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === "Escape";
      if (menu.current !== null && (isEscape || (event.type === "pointerdown" && isElsewhere)))
        menu.current.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);
  return (
    <details ref={menu} className={classes.menu}>
      <summary>
        <ColumnsIcon /> {tableTexts.columns}
      </summary>
      <fieldset className={classes.choices} aria-label={tableTexts.columns}>
        {columns.map(({ id, title }) => {
          const isShown = choice.isShown(id);
          return (
            <label key={id}>
              <input
                type="checkbox"
                checked={isShown}
                disabled={isShown && choice.shown.length === 1}
                onChange={() => choice.toggle(id)}
              />
              {title}
            </label>
          );
        })}
      </fieldset>
    </details>
  );
}
