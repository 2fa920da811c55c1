import { AlertIcon, CheckIcon, InfoIcon } from "@bitfleet/ui/icons.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./notice.module.css";

interface NoticeProps {
  readonly tone: "plain" | "good" | "warn" | "bad";
  readonly title?: string | undefined;
  readonly actions?: ReactNode;
  /** Heard at once where it comes up by itself. */
  readonly role?: "alert" | "status" | undefined;
  readonly children?: ReactNode;
}

/** Something to know before going on: what is so, and what can be done. */
export function Notice({ tone, title, actions, role, children }: NoticeProps): ReactElement {
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <span className={classes.icon}>
        {tone === "good" ? <CheckIcon /> : tone === "plain" ? <InfoIcon /> : <AlertIcon size={16} />}
      </span>
      <div className={classes.body}>
        {title !== undefined && <strong>{title}</strong>}
        {children !== undefined && <p>{children}</p>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}
