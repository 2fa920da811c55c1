import type { ReactElement, ReactNode } from "react";
import classes from "./card.module.css";
import { Explained } from "./explained.tsx";

interface CardProps {
  readonly title?: string;
  /** Beside the title: a figure, a button. */
  readonly aside?: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A part of a page on a surface of its own. */
export function Card({ title, aside, className = "", children }: CardProps): ReactElement {
  return (
    <section className={`${classes.card} ${className}`} aria-label={title}>
      {(title !== undefined || aside !== undefined) && (
        <header className={classes.head}>
          {title !== undefined && <h2>{title}</h2>}
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

/** The top of a page: its one h1, what it is about in a line, and what can be done. */
export function PageHead({
  title,
  children,
  actions,
}: {
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}): ReactElement {
  return (
    <header className={classes.pageHead}>
      <div>
        <h1>{title}</h1>
        {children !== undefined && <p>{children}</p>}
      </div>
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}

interface StatTileProps {
  readonly label: string;
  /** Shows with the label on hover, focus and touch. */
  readonly explanation?: string;
  /** The figure; while it is `undefined` its place is kept. */
  readonly children: ReactNode;
  /** A smaller line below. */
  readonly detail?: ReactNode;
  readonly tone?: "good" | "warn" | "bad";
}

/** One figure with its name. Several stand in a {@link StatTiles}. */
export function StatTile({ label, explanation, children, detail, tone }: StatTileProps): ReactElement {
  return (
    <div className={classes.tile} data-tone={tone}>
      <dt>{explanation === undefined ? label : <Explained term={label}>{explanation}</Explained>}</dt>
      <dd>
        <span className={classes.figure}>{children ?? <span className={classes.missing} />}</span>
        {detail !== undefined && <span className={classes.detail}>{detail}</span>}
      </dd>
    </div>
  );
}

/** Figures side by side, as many as fit. */
export function StatTiles({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className={classes.tiles}>{children}</dl>;
}
