import { useEffect, useEffectEvent, useRef } from "react";
import { KeySequence } from "./key-sequence.ts";

export interface ShortcutKeys {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
  /** Keys pressed one after the other ("g b"), and what they do. */
  readonly sequences: readonly { readonly keys: string; readonly run: () => void }[];
}

/** Keys that work on every page, save where something is typed and while a dialog is open. */
export function useShortcutKeys({ onPalette, onHelp, sequences }: ShortcutKeys): void {
  const sequence = useRef(new KeySequence());
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (!hasDialog()) onPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event) || hasDialog())
      return;
    if (event.key === "/") {
      event.preventDefault();
      onPalette();
    } else if (event.key === "?") {
      onHelp();
    } else {
      const known = sequences.map(({ keys }) => keys);
      const pressed = sequence.current.press(event.key, event.timeStamp, known);
      if (pressed !== undefined) sequences.find(({ keys }) => keys === pressed)?.run();
    }
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

const hasDialog = () => document.querySelector("dialog[open]") !== null;
