import type { ReactElement } from "react";
import classes from "./progress.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.steps;
const PARTS = ["passphrase", "network", "wallet"] as const;

/** How far setting up has come. */
export function Progress({ at }: { readonly at: (typeof PARTS)[number] }): ReactElement {
  const now = PARTS.indexOf(at);
  return (
    <ol className={classes.steps} aria-label={texts.label}>
      {PARTS.map((part, index) => (
        <li
          key={part}
          data-state={index < now ? "done" : index === now ? "now" : "ahead"}
          aria-current={index === now ? "step" : undefined}
        >
          {texts[part]}
        </li>
      ))}
    </ol>
  );
}
