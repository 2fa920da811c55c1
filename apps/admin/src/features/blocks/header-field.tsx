import { Explained } from "@bitfleet/ui/explained.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./header-fields.module.css";

interface HeaderFieldProps {
  readonly term: string;
  /** Shows on hover, focus and touch. */
  readonly help?: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** A term with its value, in a `dl`. */
export function HeaderField({ term, help, isWide = false, children }: HeaderFieldProps): ReactElement {
  return (
    <div className={classes.field} data-wide={isWide}>
      <dt>{help === undefined ? term : <Explained term={term}>{help}</Explained>}</dt>
      <dd>{children}</dd>
    </div>
  );
}
