import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactElement, useDeferredValue, useId, useMemo, useRef, useState } from "react";
import { CopyButton } from "../copy-button.tsx";
import { formatCount } from "../format.ts";
import { ChevronDownIcon, ChevronRightIcon, SearchIcon } from "../icons.tsx";
import {
  findInJson,
  firstOpen,
  idsAbove,
  type JsonLine,
  type JsonPath,
  type JsonValue,
  jsonText,
  linesOf,
  MATCHES_MAX,
  pathText,
} from "./json-lines.ts";
import classes from "./json-viewer.module.css";
import { jsonTexts } from "./texts.ts";

interface JsonViewerProps {
  readonly value: JsonValue;
  /** What it is, for who hears the page. */
  readonly label: string;
  /** Levels that are open at first. */
  readonly depth?: number;
}

const LINE_HEIGHT = 24;
const OVERSCAN_COUNT = 20;
/** Characters of a string that a line shows; it is copied whole. */
const TEXT_LENGTH_MAX = 300;

/** A JSON value as a tree: opened by arrow keys or clicks, searched, and each path and value copied. Megabytes are no burden. */
export function JsonViewer({ value, label, depth = 2 }: JsonViewerProps): ReactElement {
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(() => firstOpen(value, depth));
  const [activeId, setActiveId] = useState("$");
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text);
  const found = useMemo(() => findInJson(value, wanted), [value, wanted]);
  const [foundIndex, setFoundIndex] = useState(-1);
  const lines = useMemo(() => linesOf(value, open), [value, open]);
  const activeIndex = Math.max(
    0,
    lines.findIndex((line) => line.id === activeId),
  );
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: OVERSCAN_COUNT,
    useFlushSync: false,
  });
  const foundIds = useMemo(() => new Set(found.map(pathText)), [found]);

  const setIsOpen = (lineId: string, isOpen: boolean) => {
    const next = new Set(open);
    if (isOpen) next.add(lineId);
    else next.delete(lineId);
    setOpen(next);
  };
  const go = (index: number) => {
    const line = lines[index];
    if (line === undefined) return;
    setActiveId(line.id);
    virtual.scrollToIndex(index);
  };
  const goToFound = (index: number) => {
    const path = found[index];
    if (path === undefined) return;
    setFoundIndex(index);
    show(path);
  };
  const show = (path: JsonPath) => {
    const next = new Set([...open, ...idsAbove(path)]);
    const lineId = pathText(path);
    setOpen(next);
    setActiveId(lineId);
    const index = linesOf(value, next).findIndex((line) => line.id === lineId);
    // The lines are there when the frame is drawn anew.
    requestAnimationFrame(() => virtual.scrollToIndex(index, { align: "center" }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const line = lines[activeIndex];
    if (line === undefined) return;
    const isBranch = line.childCount !== undefined;
    if (event.key === "ArrowDown") go(Math.min(lines.length - 1, activeIndex + 1));
    else if (event.key === "ArrowUp") go(Math.max(0, activeIndex - 1));
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(lines.length - 1);
    else if (event.key === "ArrowRight" && isBranch) line.isOpen ? go(activeIndex + 1) : setIsOpen(line.id, true);
    else if (event.key === "ArrowLeft" && line.isOpen) setIsOpen(line.id, false);
    else if (event.key === "ArrowLeft") go(lines.findIndex(({ id: one }) => one === pathText(line.path.slice(0, -1))));
    else if (event.key === "Enter" && isBranch) setIsOpen(line.id, !line.isOpen);
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes.viewer}>
      <div className={classes.bar}>
        <label className={classes.search}>
          <SearchIcon />
          <input
            type="search"
            aria-label={jsonTexts.search}
            placeholder={jsonTexts.search}
            value={text}
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              setFoundIndex(-1);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || found.length === 0) return;
              event.preventDefault();
              goToFound((foundIndex + (event.shiftKey ? -1 : 1) + found.length) % found.length);
            }}
          />
        </label>
        <span className={classes.found} role="status">
          {wanted.trim() !== "" && foundText(found.length, foundIndex)}
        </span>
        <button type="button" disabled={found.length === 0} onClick={() => goToFound((foundIndex + 1) % found.length)}>
          {jsonTexts.next}
        </button>
        <CopyButton text={() => jsonText(value)} label={label} />
      </div>
      <div
        ref={frame}
        className={classes.frame}
        role="tree"
        aria-label={label}
        aria-activedescendant={`${id}-${activeIndex}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            if (line === undefined) return null;
            return (
              <Line
                key={line.id}
                id={`${id}-${index}`}
                line={line}
                start={start}
                isActive={index === activeIndex}
                isFound={foundIds.has(line.id)}
                onToggle={() => {
                  setActiveId(line.id);
                  if (line.childCount !== undefined) setIsOpen(line.id, !line.isOpen);
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  readonly id: string;
  readonly line: JsonLine;
  /** Pixels from the top. */
  readonly start: number;
  readonly isActive: boolean;
  readonly isFound: boolean;
  readonly onToggle: () => void;
}

function Line({ id, line, start, isActive, isFound, onToggle }: LineProps): ReactElement {
  const { path, value, childCount, isOpen } = line;
  const key = path.at(-1);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the tree, which has the focus
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div
      id={id}
      className={classes.line}
      role="treeitem"
      aria-level={path.length + 1}
      aria-selected={isActive}
      {...(childCount !== undefined && { "aria-expanded": isOpen })}
      data-found={isFound}
      style={{ transform: `translateY(${start}px)`, paddingLeft: 8 + path.length * 16 }}
      onClick={onToggle}
    >
      <span className={classes.mark}>
        {childCount !== undefined && (isOpen ? <ChevronDownIcon size={12} /> : <ChevronRightIcon size={12} />)}
      </span>
      {key !== undefined && (
        <span className={classes.key}>
          {key}
          <i>: </i>
        </span>
      )}
      <Value value={value} childCount={childCount} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keeps a press on the buttons from opening the line */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <span className={classes.copies} onClick={(event) => event.stopPropagation()}>
        <CopyButton text={pathText(path)} label={jsonTexts.pathOf(pathText(path))} />
        <CopyButton text={() => jsonText(value)} label={jsonTexts.valueOf(pathText(path))} />
      </span>
    </div>
  );
}

function Value({
  value,
  childCount,
}: {
  readonly value: JsonValue;
  readonly childCount: number | undefined;
}): ReactElement {
  if (childCount !== undefined) {
    const [start, end] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    return (
      <span className={classes.branch}>
        {start} {jsonTexts.entries(childCount)} {end}
      </span>
    );
  }
  const kind = value === null ? "null" : typeof value;
  const text = typeof value === "string" ? JSON.stringify(shortened(value)) : String(value);
  return (
    <span className={classes.value} data-kind={kind}>
      {text}
    </span>
  );
}

const shortened = (text: string) => (text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text);

function foundText(count: number, index: number): string {
  if (count === 0) return jsonTexts.nothing;
  const all = count >= MATCHES_MAX ? `${formatCount(count)}+` : formatCount(count);
  return index < 0 ? jsonTexts.found(all) : jsonTexts.foundAt(formatCount(index + 1), all);
}
