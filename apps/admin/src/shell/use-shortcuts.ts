import { KeySequence } from "@bitfleet/ui/key-sequence.ts";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef } from "react";
import { listedPages } from "../listed-pages.ts";
import { useShellExtras } from "./extras.ts";

interface Shortcuts {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** Keys that work on every page, save where something is typed and while a dialog is open: pages have them in their table. */
export function useShortcuts({ onPalette, onHelp }: Shortcuts): void {
  const navigate = useNavigate();
  const { shortcuts } = useShellExtras();
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
      const pages = listedPages();
      const keys = sequence.current.press(event.key, event.timeStamp, [
        ...pages.flatMap((page) => page.keys ?? []),
        ...shortcuts.map((one) => one.keys),
      ]);
      const page = pages.find((one) => one.keys !== undefined && one.keys === keys);
      if (page !== undefined) void navigate({ to: page.route.fullPath as "/" });
      else shortcuts.find((one) => one.keys === keys)?.run();
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
