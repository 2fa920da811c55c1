import { type KeyboardEvent, type ReactElement, useEffect, useEffectEvent, useId, useState } from "react";
import { Dialog } from "../dialog/dialog.tsx";
import { SearchIcon } from "../icons.tsx";
import classes from "./palette.module.css";

/** A descriptor of many keys is as long. */
const TEXT_LENGTH_MAX = 3000;

/** One line of the palette. */
export interface PaletteItem {
  readonly id: string;
  readonly section: string;
  readonly title: string;
  readonly detail: string;
  readonly icon?: ((look: { readonly size?: number }) => ReactElement) | undefined;
  readonly keys?: string | undefined;
  readonly run: () => void;
}

export interface PaletteItems {
  readonly items: readonly PaletteItem[];
  /** All that somebody was asked for what is typed is answered. */
  readonly isSettled: boolean;
  readonly hasFailed: boolean;
}

export interface PaletteTexts {
  readonly title: string;
  readonly placeholder: string;
  readonly input: string;
  readonly list: string;
  readonly nothing: string;
  readonly nothingHint: string;
  readonly searching: string;
  readonly unanswered: string;
  readonly close: string;
  readonly closes: string;
}

interface PaletteProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly texts: PaletteTexts;
  /** A hook: what fits the text that is typed. */
  readonly useItems: (text: string) => PaletteItems;
}

/** Finds things, pages and actions as one types: one box for all of them. */
export function Palette({ isOpen, onClose, texts, useItems }: PaletteProps): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.title} hasHeading={false} side="top">
      <Finder onClose={onClose} texts={texts} useItems={useItems} />
    </Dialog>
  );
}

function Finder({ onClose, texts, useItems }: Omit<PaletteProps, "isOpen">): ReactElement {
  const id = useId();
  const [text, setText] = useState("");
  const [markedId, setMarkedId] = useState("");
  /** Return was pressed before the node had answered. */
  const [isWaiting, setIsWaiting] = useState(false);
  const { items, isSettled, hasFailed } = useItems(text);
  const marked = items.find((item) => item.id === markedId) ?? items[0];
  const markedIndex = marked === undefined ? -1 : items.indexOf(marked);

  const choose = (item: PaletteItem | undefined) => {
    if (item === undefined) return;
    onClose();
    item.run();
  };
  const chooseFound = useEffectEvent(() => choose(items[0]));
  useEffect(() => {
    if (!isWaiting || !isSettled) return;
    setIsWaiting(false);
    chooseFound();
  }, [isWaiting, isSettled]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = STEPS[event.key];
    if (step !== undefined && items.length > 0) {
      event.preventDefault();
      const next = items[(markedIndex + step + items.length) % items.length];
      setMarkedId(next?.id ?? "");
      if (next !== undefined) document.getElementById(`${id}-${next.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What the node finds goes first, unless something else was marked.
      if (isSettled || markedId !== "") choose(marked);
      else setIsWaiting(true);
    }
  };
  return (
    <>
      <div className={classes.box}>
        <SearchIcon />
        <input
          type="text"
          role="combobox"
          data-autofocus
          placeholder={texts.placeholder}
          aria-label={texts.input}
          aria-expanded={items.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={marked === undefined ? undefined : `${id}-${marked.id}`}
          autoComplete="off"
          spellCheck={false}
          maxLength={TEXT_LENGTH_MAX}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setMarkedId("");
            setIsWaiting(false);
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" className={classes.escape} title={texts.close} onClick={onClose}>
          Esc<span className={classes.hidden}> {texts.closes}</span>
        </button>
      </div>
      <div id={`${id}-list`} className={classes.list} role="listbox" aria-label={texts.list}>
        {sectionsOf(items).map(([section, members]) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset has no place in a listbox
          <div key={section} role="group" aria-label={section}>
            <p className={classes.section} aria-hidden="true">
              {section}
            </p>
            {members.map((item) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys belong to the input, which has the focus
              // biome-ignore lint/a11y/useFocusableInteractive: as above
              <div
                key={item.id}
                id={`${id}-${item.id}`}
                role="option"
                className={classes.item}
                aria-selected={item === marked}
                onPointerMove={() => item !== marked && setMarkedId(item.id)}
                onClick={() => choose(item)}
              >
                <span className={classes.icon}>{item.icon !== undefined && <item.icon size={16} />}</span>
                <span className={classes.title}>{item.title}</span>
                <span className={classes.detail}>{item.detail}</span>
                {item.keys !== undefined && <kbd>{item.keys}</kbd>}
              </div>
            ))}
          </div>
        ))}
      </div>
      <div className={classes.note} role="status">
        {items.length === 0 && isSettled && (
          <>
            <strong>{hasFailed ? texts.unanswered : texts.nothing}</strong>
            <span>{texts.nothingHint}</span>
          </>
        )}
        {items.length === 0 && !isSettled && texts.searching}
      </div>
    </>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

function sectionsOf(items: readonly PaletteItem[]): [section: string, members: PaletteItem[]][] {
  const sections = new Map<string, PaletteItem[]>();
  for (const item of items) sections.set(item.section, [...(sections.get(item.section) ?? []), item]);
  return [...sections];
}
