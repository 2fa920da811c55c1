import { type ReactElement, useEffect, useState } from "react";
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
      onClick={async () => setIsCopied(await copy(text))}
    >
      {isCopied ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  // The clipboard interface exists on https and localhost only; a node in the local network is plain http.
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    );
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}
