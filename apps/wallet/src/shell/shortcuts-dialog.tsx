import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { ShortcutColumns, type ShortcutRow, ShortcutRows } from "@bitfleet/ui/shortcuts/shortcuts-list.tsx";
import type { ReactElement } from "react";
import { listedPages } from "../listed-pages.ts";
import { shellTexts } from "./texts.ts";

const { help } = shellTexts;

const GENERAL: readonly ShortcutRow[] = [
  [help.palette, [["Ctrl K"], ["⌘ K"], ["/"]]],
  [help.lock, [["g", "l"]]],
  [help.shortcuts, [["?"]]],
  [help.closing, [["Esc"]]],
];

/** The keys that work everywhere, and those of the pages. */
export function ShortcutsDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={shellTexts.shortcuts}>
      <ShortcutColumns>
        <ShortcutRows title={help.general} rows={GENERAL} />
        <ShortcutRows
          title={help.pages}
          rows={listedPages().flatMap(({ title, keys }) =>
            keys === undefined ? [] : [[title, [keys.split(" ")]] as const],
          )}
        />
      </ShortcutColumns>
    </Dialog>
  );
}
