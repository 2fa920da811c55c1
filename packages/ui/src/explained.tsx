import { Tooltip } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./explained.module.css";

/** A term with a short explanation that shows on hover, focus and touch. */
export function Explained({ term, children }: { readonly term: string; readonly children: string }): ReactElement {
  return (
    <Tooltip
      label={children}
      multiline
      w={280}
      withArrow
      openDelay={150}
      classNames={{ tooltip: classes.tooltip ?? "" }}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className={classes.term}>
        {term}
      </button>
    </Tooltip>
  );
}
