import type { ReactElement } from "react";
import { useNowSeconds } from "./clock.ts";
import { formatAge, formatDateTime } from "./format.ts";
import classes from "./values.module.css";

/** How long ago, ticking; the exact time shows on hover and to machines. */
export function Age({ unixSeconds }: { readonly unixSeconds: number }): ReactElement {
  const now = useNowSeconds();
  return (
    <time
      className={classes.number}
      dateTime={new Date(unixSeconds * 1000).toISOString()}
      title={formatDateTime(unixSeconds)}
    >
      {formatAge(now - unixSeconds)}
    </time>
  );
}
