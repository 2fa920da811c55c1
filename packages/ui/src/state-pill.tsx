import type { ReactElement } from "react";
import classes from "./state-pill.module.css";

interface StatePillProps {
  /** Decides the colour: good, in between, or bad; a connection in the making is grey. */
  readonly state: "connecting" | "live" | "reconnecting" | "polling" | "offline";
  /** One word. */
  readonly label: string;
  /** Said when the pointer rests on it. */
  readonly explanation: string;
}

/** The state of a connection in one word. */
export function StatePill({ state, label, explanation }: StatePillProps): ReactElement {
  return (
    <span className={classes.pill} data-state={state} title={explanation} data-testid="connection">
      <span className={classes.dot} aria-hidden="true" />
      {label}
    </span>
  );
}
