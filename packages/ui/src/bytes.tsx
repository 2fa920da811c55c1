import type { ReactElement } from "react";
import { formatBytes, formatCount } from "./format.ts";
import classes from "./values.module.css";

/** A size in a readable unit; the exact number of bytes shows on hover. */
export function Bytes({ bytes }: { readonly bytes: number }): ReactElement {
  return (
    <span className={classes.number} title={`${formatCount(bytes)} bytes`}>
      {formatBytes(bytes)}
    </span>
  );
}
