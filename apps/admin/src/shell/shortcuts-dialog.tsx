import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { ShortcutColumns, type ShortcutRow, ShortcutRows } from "@bitfleet/ui/shortcuts/shortcuts-list.tsx";
import { listedPages } from "../listed-pages.ts";
import { useShellExtras } from "./extras.ts";
import { shellTexts } from "./texts.ts";

const { help } = shellTexts;

const GENERAL: readonly ShortcutRow[] = [
  [help.palette, [["Ctrl K"], ["⌘ K"]]],
  [help.search, [["/"]]],
  [help.shortcuts, [["?"]]],
  [help.turning, [["←"], ["→"]]],
  [help.closing, [["Esc"]]],
];

/** The keys that work everywhere, and those of the pages. */
export function ShortcutsDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { shortcuts } = useShellExtras();
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
        {shortcuts.length > 0 && (
          <ShortcutRows
            title={help.more}
            rows={shortcuts.map(({ title, keys }) => [title, [keys.split(" ")]] as const)}
          />
        )}
      </ShortcutColumns>
    </Dialog>
  );
}
