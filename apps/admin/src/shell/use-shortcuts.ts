import { useShortcutKeys } from "@bitfleet/ui/shortcuts/use-shortcut-keys.ts";
import { useNavigate } from "@tanstack/react-router";
import { listedPages } from "../listed-pages.ts";
import { useShellExtras } from "./extras.ts";

interface Shortcuts {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** Keys that work on every page: pages have theirs in their table. */
export function useShortcuts({ onPalette, onHelp }: Shortcuts): void {
  const navigate = useNavigate();
  const { shortcuts } = useShellExtras();
  const ofPages = listedPages().flatMap(({ keys, route }) =>
    keys === undefined ? [] : [{ keys, run: () => void navigate({ to: route.fullPath as "/" }) }],
  );
  useShortcutKeys({ onPalette, onHelp, sequences: [...ofPages, ...shortcuts] });
}
