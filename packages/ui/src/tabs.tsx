import { useNavigate, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, type ReactNode, useId, useLayoutEffect, useRef } from "react";
import classes from "./tabs.module.css";

export interface Tab {
  /** As in the address: small letters, digits and dashes. */
  readonly id: string;
  readonly title: ReactNode;
  /** Made while it is open. */
  readonly panel: () => ReactNode;
}

interface TabsProps {
  /** Of all of them together, for who hears the page. */
  readonly label: string;
  /** The first is open where the address names none. */
  readonly tabs: readonly Tab[];
}

/** Parts of a page of which one is open: the one that `?tab=` of the address names, so that it can be linked to. */
export function Tabs({ label, tabs }: TabsProps): ReactElement {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [openId, open] = useAddressTab(tabs.map((tab) => tab.id));
  const opened = tabs.find((tab) => tab.id === openId);
  useLayoutEffect(() => {
    if (list.current !== null) showTab(list.current, openId);
  }, [openId]);
  const onKeyDown = (event: KeyboardEvent) => {
    const index = tabs.findIndex((tab) => tab.id === openId);
    const next = tabs[nextIndex(event.key, index, tabs.length) ?? -1];
    if (next === undefined) return;
    // Arrow keys of the whole page (from block to block) are not meant.
    event.preventDefault();
    open(next.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div className={classes.tabs}>
      <div ref={list} className={classes.list} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab.id === openId}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === openId ? 0 : -1}
            onClick={() => open(tab.id)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} className={classes.panel} role="tabpanel" aria-labelledby={`${id}-${openId}`}>
        {opened?.panel()}
      </div>
    </div>
  );
}

/** Moves a row that is wider than the page, and never the page itself. */
function showTab(list: HTMLElement, id: string): void {
  const tab = list.querySelector<HTMLElement>(`[data-tab="${id}"]`);
  if (tab === null) return;
  const [left, right] = [tab.offsetLeft - list.offsetLeft, tab.offsetLeft - list.offsetLeft + tab.offsetWidth];
  if (left < list.scrollLeft) list.scrollLeft = left;
  else if (right > list.scrollLeft + list.clientWidth) list.scrollLeft = right - list.clientWidth;
}

/** Which of the tabs the address names, and how another is opened; the first has no word in the address. */
export function useAddressTab(ids: readonly string[]): readonly [openId: string, open: (id: string) => void] {
  const { tab } = useSearch({ strict: false }) as { readonly tab?: string };
  const navigate = useNavigate();
  const first = ids[0] ?? "";
  const openId = tab !== undefined && ids.includes(tab) ? tab : first;
  const open = (id: string) => {
    const search = (old: object) => ({ ...old, tab: id === first ? undefined : id });
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false });
  };
  return [openId, open];
}

function nextIndex(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
