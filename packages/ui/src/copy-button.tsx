import { type ReactElement, useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";
import iconButton from "./icon-button.module.css";
import { CheckIcon, CopyIcon } from "./icons.tsx";
import classes from "./values.module.css";

const CONFIRMATION_MS = 1500;

interface CopyButtonProps {
  /** What is long is best made when it is wanted. */
  readonly text: string | (() => string);
  /** What it is: "block hash". */
  readonly label: string;
}

/** Copies `text`, and says so for a moment. */
export function CopyButton({ text, label }: CopyButtonProps): ReactElement {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), CONFIRMATION_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className={`${iconButton.button} ${classes.copy}`}
      data-copied={isCopied}
      aria-label={isCopied ? `Copied ${label}` : `Copy ${label}`}
      title={isCopied ? "Copied" : `Copy ${label}`}
      onClick={async () => setIsCopied(await copyText(typeof text === "string" ? text : text()))}
    >
      {isCopied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
