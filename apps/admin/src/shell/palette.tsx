import { CHAIN_TOPIC, useApi } from "@bitfleet/ui/api-provider.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { shortHash } from "@bitfleet/ui/format.ts";
import { SearchIcon } from "@bitfleet/ui/icons.tsx";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, useEffect, useEffectEvent, useId, useState } from "react";
import { listedPages } from "../listed-pages.ts";
import { placeRoute } from "../place-route.tsx";
import { useCommands } from "./commands.ts";
import classes from "./palette.module.css";
import { hitFacts, isDescriptor, isSearchable, matches, searchedText } from "./palette-items.ts";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.palette;
/** A pause in typing, after which the node is asked. */
const PAUSE_MS = 120;
/** A descriptor of many keys is as long. */
const TEXT_LENGTH_MAX = 3000;

interface Item {
  readonly id: string;
  readonly section: string;
  readonly title: string;
  readonly detail: string;
  readonly keys?: string | undefined;
  readonly run: () => void;
}

/** Finds what is in the chain, pages and actions, as one types: one box for all of them. */
export function Palette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.title} hasHeading={false} side="top">
      <Finder onClose={onClose} />
    </Dialog>
  );
}

function Finder({ onClose }: { readonly onClose: () => void }): ReactElement {
  const id = useId();
  const [text, setText] = useState("");
  const [markedId, setMarkedId] = useState("");
  /** Return was pressed before the node had answered. */
  const [isWaiting, setIsWaiting] = useState(false);
  const { items, isSettled, hasFailed } = useItems(text);
  const marked = items.find((item) => item.id === markedId) ?? items[0];
  const markedIndex = marked === undefined ? -1 : items.indexOf(marked);

  const choose = (item: Item | undefined) => {
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
          placeholder={shellTexts.search}
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

/** What fits the text: of the chain, of the pages, of the actions. */
function useItems(text: string): {
  readonly items: readonly Item[];
  readonly isSettled: boolean;
  readonly hasFailed: boolean;
} {
  const api = useApi();
  const navigate = useNavigate();
  const commands = useCommands();
  const q = searchedText(text);
  const [askedFor] = useDebouncedValue(q, PAUSE_MS);
  const isAsked = isSearchable(q);
  const search = useQuery({
    queryKey: [CHAIN_TOPIC, "search", askedFor],
    queryFn: ({ signal }) => api.search({ q: askedFor }, { signal }),
    enabled: isAsked && askedFor === q,
  });
  const isSettled = !isAsked || (askedFor === q && !search.isPending);

  const found = (isAsked && askedFor === q ? (search.data ?? []) : []).flatMap((hit): Item[] => {
    const { title, detail, places } = hitFacts(hit);
    const route = places.map(placeRoute).find((one) => one !== undefined);
    if (route === undefined) return [];
    const run = () => void navigate(route as { to: "/" });
    return [{ id: `hit-${hit.kind}`, section: texts.found, title, detail, run }];
  });
  if (isDescriptor(text)) {
    const run = () => void navigate({ to: "/descriptor", search: { d: text.trim() } });
    found.push({ id: "descriptor", section: texts.found, title: texts.descriptor, detail: shortHash(q, 16), run });
  }
  const pages = listedPages()
    .filter((page) => matches(text, `${page.title} ${page.keywords ?? ""}`))
    .map(
      ({ title, keys, route }): Item => ({
        id: `page-${title}`.replaceAll(" ", "-"),
        section: texts.pages,
        title,
        detail: "",
        keys,
        run: () => void navigate({ to: route.fullPath as "/" }),
      }),
    );
  const actions = commands
    .filter((command) => matches(text, `${command.title} ${command.keywords}`))
    .map(({ title, run }, index): Item => ({ id: `action-${index}`, section: texts.actions, title, detail: "", run }));
  return { items: [...found, ...pages, ...actions], isSettled, hasFailed: isAsked && search.isError };
}

function sectionsOf(items: readonly Item[]): [section: string, members: Item[]][] {
  const sections = new Map<string, Item[]>();
  for (const item of items) sections.set(item.section, [...(sections.get(item.section) ?? []), item]);
  return [...sections];
}
