import { type ReactElement, useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";
import { CheckIcon, CopyIcon } from "./icons.tsx";
import classes from "./values.module.css";

const CONFIRMATION_MS = 1500;

/** Copies `text`; `label` says what it is ("block hash"). */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): ReactElement {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), CONFIRMATION_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className={classes.copy}
      data-copied={isCopied}
      aria-label={isCopied ? `Copied ${label}` : `Copy ${label}`}
      title={isCopied ? "Copied" : `Copy ${label}`}
      onClick={async () => setIsCopied(await copyText(text))}
    >
      {isCopied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
