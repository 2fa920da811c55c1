import type { ReactElement, ReactNode } from "react";
import classes from "./flow.module.css";

/** The two sides of a transaction: coins that it spends, and what becomes of them. */
export function Flow({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={classes.flow}>{children}</div>;
}

/** One side, with a list of its parts ({@link FlowPart}). */
export function FlowSide({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ul tabIndex={0} aria-label={title}>
        {children}
      </ul>
    </section>
  );
}

interface FlowPartProps {
  /** The amount. */
  readonly children: ReactNode;
  /** Whose it is: smaller, below. */
  readonly note: ReactNode;
  readonly title?: string | undefined;
}

export function FlowPart({ children, note, title }: FlowPartProps): ReactElement {
  return (
    <li>
      {children}
      <small title={title}>{note}</small>
    </li>
  );
}
