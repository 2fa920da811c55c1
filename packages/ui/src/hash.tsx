import type { ReactElement, ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import { shortHash } from "./format.ts";
import classes from "./values.module.css";

interface HashProps {
  readonly value: string;
  /** What it is, for the copy button: "block hash". */
  readonly label: string;
  /** Shows all digits, wrapping; otherwise the middle is left out. */
  readonly isWhole?: boolean;
  readonly edgeCount?: number;
  /** Wraps the digits, usually in a link. */
  readonly link?: (text: ReactNode) => ReactElement;
}

/** A hash, txid or address with a copy button. */
export function Hash({ value, label, isWhole = false, edgeCount = 8, link }: HashProps): ReactElement {
  const text = isWhole ? value : shortHash(value, edgeCount);
  return (
    <span className={classes.hash}>
      <span className={isWhole ? classes.whole : undefined} title={isWhole ? undefined : value}>
        {link === undefined ? text : link(text)}
      </span>
      <CopyButton text={value} label={label} />
    </span>
  );
}
