import type { ReactElement, ReactNode } from "react";
import classes from "./badge.module.css";

export type Tone = "plain" | "good" | "warn" | "bad";

interface BadgeProps {
  readonly tone?: Tone;
  /** Says more on hover. */
  readonly hint?: string | undefined;
  readonly icon?: ReactElement | undefined;
  readonly children: ReactNode;
}

/** How something stands, in a word or two. */
export function Badge({ tone = "plain", hint, icon, children }: BadgeProps): ReactElement {
  return (
    <span className={classes.badge} data-tone={tone} title={hint}>
      {icon}
      {children}
    </span>
  );
}
