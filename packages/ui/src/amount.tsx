import type { ReactElement } from "react";
import { splitAmount } from "./format.ts";
import { useUnit } from "./units.tsx";
import classes from "./values.module.css";

/** Digits and their separators: longer ones may have their unit on a line of its own where there is little room. */
const SHORT_LENGTH = 9;

/** An amount in the reader's unit, digits aligned, the fraction dimmed. */
export function Amount({ sats }: { readonly sats: bigint }): ReactElement {
  const unit = useUnit();
  const { whole, fraction } = splitAmount(sats, unit);
  return (
    <span className={classes.amount}>
      {whole}
      {fraction !== "" && <span className={classes.fraction}>.{fraction}</span>}
      {whole.length + fraction.length > SHORT_LENGTH && <wbr />}
      <span className={classes.unit}>{unit}</span>
    </span>
  );
}
