import type { ReactElement, ReactNode } from "react";
import classes from "./steps.module.css";

/** `ahead`: still to come. `bad`: it ended there. */
export type StepState = "done" | "now" | "ahead" | "bad";

interface StepsProps {
  readonly label: string;
  /** For tests and styles: where it stands on the whole. */
  readonly standing?: string | undefined;
  readonly children: ReactNode;
}

/** How far something has come, as a line of points from top to bottom. */
export function Steps({ label, standing, children }: StepsProps): ReactElement {
  return (
    <ol className={classes.steps} aria-label={label} data-testid="steps" data-standing={standing}>
      {children}
    </ol>
  );
}

export function Step({ state, children }: { readonly state: StepState; readonly children: ReactNode }): ReactElement {
  return (
    <li data-state={state} aria-current={state === "now" ? "step" : undefined}>
      {children}
    </li>
  );
}
