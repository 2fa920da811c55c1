import { textsOf } from "@bitfleet/ui/texts.ts";
import type { ReactElement } from "react";
import classes from "./watch-badge.module.css";

const texts = textsOf({
  en: {
    label: "Watches",
    explanation: "This wallet has no keys: it shows what comes and goes, and payments are signed elsewhere",
  },
});

/** Marks a wallet without keys. */
export function WatchBadge(): ReactElement {
  return (
    <span className={classes.badge} title={texts.explanation}>
      {texts.label}
    </span>
  );
}
