import { formatFeerate } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { heatColor } from "./heat.ts";
import classes from "./rate.module.css";

/** A feerate with its colour. */
export function Rate({ satPerVbyte }: { readonly satPerVbyte: number }): ReactElement {
  return (
    <span className={classes.rate}>
      <i style={{ background: heatColor(satPerVbyte) }} />
      {formatFeerate(satPerVbyte)}
      <small>sat/vB</small>
    </span>
  );
}
