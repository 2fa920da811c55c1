import { Badge } from "@bitfleet/ui/badge.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./shared.module.css";
import { sharedTexts } from "./texts.ts";

interface SignerLineProps {
  readonly name: string;
  readonly fingerprint: string | undefined;
  readonly path?: string | undefined;
  /** The wallet of this device that has the words. */
  readonly owner: string | undefined;
  /** Behind the name. */
  readonly children?: ReactNode;
  /** Below it, as wide as the line. */
  readonly below?: ReactNode;
}

/** One of those who sign: what it is called, where its key comes from, whether that is here. */
export function SignerLine({ name, fingerprint, path, owner, children, below }: SignerLineProps): ReactElement {
  return (
    <li>
      <span className={classes.signer}>
        <strong>{name}</strong>
        <small>
          {fingerprint === undefined
            ? sharedTexts.noOrigin
            : path === undefined
              ? fingerprint
              : sharedTexts.at(fingerprint, path)}
        </small>
      </span>
      <span className={classes.aside}>
        {owner !== undefined && <Badge hint={sharedTexts.ownOf(owner)}>{sharedTexts.ownBadge}</Badge>}
        {children}
      </span>
      {below !== undefined && <div className={classes.below}>{below}</div>}
    </li>
  );
}
