import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { shortHash } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import classes from "./debugger.module.css";
import { itemMeaning } from "./item-words.ts";
import { keptCount, type Stop } from "./stops.ts";
import { debuggerTexts as texts } from "./texts.ts";

interface StackViewProps {
  readonly stop: Stop;
  /** The moment before, to tell what is new. */
  readonly before: Stop | undefined;
  readonly items: readonly string[];
}

/** Both stacks, the top above. Where an instruction fails they are shown as it found them: what it took tells why. */
export function StackView({ stop, before, items }: StackViewProps): ReactElement {
  if (stop.step?.error != null && before !== undefined) {
    return (
      <section className={classes.pane} aria-label={texts.stack}>
        <Stack title={texts.stackFound} stack={before.stack} kept={before.stack.length} items={items} />
        {before.altStack.length > 0 && (
          <Stack title={texts.altStack} stack={before.altStack} kept={before.altStack.length} items={items} />
        )}
      </section>
    );
  }
  return (
    <section className={classes.pane} aria-label={texts.stack}>
      <Stack title={texts.stack} stack={stop.stack} kept={keptCount(before?.stack ?? [], stop.stack)} items={items} />
      {stop.altStack.length > 0 && (
        <Stack
          title={texts.altStack}
          stack={stop.altStack}
          kept={keptCount(before?.altStack ?? [], stop.altStack)}
          items={items}
        />
      )}
    </section>
  );
}

function Stack({
  title,
  stack,
  kept,
  items,
}: {
  readonly title: string;
  readonly stack: readonly number[];
  readonly kept: number;
  readonly items: readonly string[];
}): ReactElement {
  return (
    <>
      <h3>
        {title}
        <span>{stack.length}</span>
      </h3>
      {stack.length === 0 ? (
        <p className={classes.none}>{texts.stackEmpty}</p>
      ) : (
        <ol className={classes.stack} reversed start={stack.length}>
          {stack
            .map((item, position) => ({ hex: items[item] ?? "", position }))
            .reverse()
            .map(({ hex, position }) => (
              <li key={position} data-new={position >= kept} data-hex={hex}>
                <span className={classes.meaning}>
                  {itemMeaning(hex)}
                  {position === stack.length - 1 && <em>{texts.top}</em>}
                </span>
                <code>{hex === "" ? "∅" : shortHash(hex, 18)}</code>
                {hex !== "" && <CopyButton text={hex} label={texts.items.copy} />}
              </li>
            ))}
        </ol>
      )}
    </>
  );
}
