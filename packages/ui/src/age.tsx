import type { ReactElement } from "react";
import { useAgeText } from "./clock.ts";
import { formatDateTime } from "./format.ts";
import classes from "./values.module.css";

/** How long ago, ticking; the exact time shows on hover and to machines. */
export function Age({ unixSeconds }: { readonly unixSeconds: number }): ReactElement {
  const text = useAgeText(unixSeconds);
  return (
    <time
      className={classes.number}
      dateTime={new Date(unixSeconds * 1000).toISOString()}
      title={formatDateTime(unixSeconds)}
    >
      {text}
    </time>
  );
}
