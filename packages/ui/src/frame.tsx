import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import classes from "./frame.module.css";
import { textsOf } from "./texts.ts";

const texts = textsOf({ en: { skip: "Skip to content", rail: "Bitfleet" } });

interface FrameProps {
  /** Up to where the navigation at the side gives way: on tablets too, or on phones alone. */
  readonly rail: "wide" | "narrow";
  /** Of the pages: the explorer's tables take more than a wallet's. */
  readonly width: "wide" | "narrow";
  readonly brand: ReactNode;
  readonly navigation: ReactNode;
  /** In the header, which stays in sight: on its left, and the tools on its right. */
  readonly head: ReactNode;
  readonly tools: ReactNode;
  /** The page. */
  readonly children: ReactNode;
  /** What is above or below all of it: dialogs, a bar at the bottom. */
  readonly beside: ReactNode;
}

/** What stands around every page of both apps. */
export function Frame({ rail, width, brand, navigation, head, tools, children, beside }: FrameProps): ReactElement {
  return (
    <div className={classes.shell} data-rail={rail} data-width={width}>
      <a className={classes.skip} href="#content">
        {texts.skip}
      </a>
      <aside className={classes.rail} aria-label={texts.rail}>
        {brand}
        {navigation}
      </aside>
      <div className={classes.column}>
        <header className={classes.header}>
          <div className={classes.bar}>
            {head}
            <div className={classes.tools}>{tools}</div>
          </div>
        </header>
        <main id="content" className={classes.main} tabIndex={-1}>
          {children}
        </main>
      </div>
      {beside}
    </div>
  );
}

/** The mark and name of an app, which lead to its first page. */
export function Brand({
  mark,
  name,
  label,
}: {
  readonly mark: ReactNode;
  readonly name: string;
  /** For who hears it: what it is, and that it leads there. */
  readonly label: string;
}): ReactElement {
  return (
    <Link to="/" className={classes.brand ?? ""} aria-label={label}>
      {mark}
      <span>{name}</span>
    </Link>
  );
}
