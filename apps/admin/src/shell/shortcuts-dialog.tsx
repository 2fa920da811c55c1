import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import type { ReactElement } from "react";
import { listedPages } from "../listed-pages.ts";
import { useShellExtras } from "./extras.ts";
import classes from "./shortcuts-dialog.module.css";
import { shellTexts } from "./texts.ts";

const { help } = shellTexts;

/** Each choice is pressed one key after the other. */
const GENERAL: readonly (readonly [text: string, choices: readonly (readonly string[])[]])[] = [
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
      <div className={classes.columns}>
        <Keys title={help.general} rows={GENERAL} />
        <Keys
          title={help.pages}
          rows={listedPages().flatMap(({ title, keys }) =>
            keys === undefined ? [] : [[title, [keys.split(" ")]] as const],
          )}
        />
        {shortcuts.length > 0 && (
          <Keys title={help.more} rows={shortcuts.map(({ title, keys }) => [title, [keys.split(" ")]] as const)} />
        )}
      </div>
    </Dialog>
  );
}

function Keys({ title, rows }: { readonly title: string; readonly rows: typeof GENERAL }): ReactElement {
  return (
    <section>
      <h3>{title}</h3>
      <dl className={classes.rows}>
        {rows.map(([text, choices]) => (
          <div key={text}>
            <dt>{text}</dt>
            <dd>
              {choices.map((keys, index) => (
                <span key={keys.join(" ")}>
                  {index > 0 && <small> {help.orKeys} </small>}
                  {keys.map((key, place) => (
                    <span key={key}>
                      {place > 0 && <small> {help.thenKey} </small>}
                      <kbd>{key}</kbd>
                    </span>
                  ))}
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
