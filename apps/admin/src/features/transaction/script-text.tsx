import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import type { ReactElement } from "react";
import classes from "./transaction-card.module.css";

/** A script in assembly, with its hex to copy. */
export function ScriptText({
  label,
  asm,
  hex,
}: {
  readonly label: string;
  readonly asm: string;
  readonly hex: string;
}): ReactElement {
  return (
    <div className={classes.script}>
      <span className={classes.scriptHead}>
        {label}
        {hex !== "" && <CopyButton text={hex} label={`${label.toLowerCase()} in hex`} />}
      </span>
      <code>{asm === "" ? "(empty)" : asm}</code>
    </div>
  );
}
