import type { ReactElement, ReactNode } from "react";
import { textsOf } from "../texts.ts";
import classes from "./shortcuts-list.module.css";

const texts = textsOf({ en: { orKeys: "or", thenKey: "then" } });

/** What the keys do, and which they are: one of the choices, whose keys are pressed one after the other. */
export type ShortcutRow = readonly [text: string, choices: readonly (readonly string[])[]];

/** Several {@link ShortcutRows}. */
export function ShortcutColumns({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.columns}>{children}</div>;
}

/** Shortcuts of one kind below their title. */
export function ShortcutRows({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly ShortcutRow[];
}): ReactElement {
  return (
    <section>
      <h3>{title}</h3>
      <dl className={classes.rows}>
        {rows.map(([text, choices]) => (
          <div key={text}>
            <dt>{text}</dt>
            <dd>
              {choices.map((keys, index) => (
                <span key={keys.join(" ")}>
                  {index > 0 && <small> {texts.orKeys} </small>}
                  {keys.map((key, place) => (
                    <span key={key}>
                      {place > 0 && <small> {texts.thenKey} </small>}
                      <kbd>{key}</kbd>
                    </span>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
