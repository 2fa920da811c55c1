import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactElement, useRef } from "react";
import { CopyButton } from "../copy-button.tsx";
import { formatBytes } from "../format.ts";
import { groupsOf, lineCount, offsetText } from "./hex-lines.ts";
import classes from "./hex-view.module.css";

interface HexViewProps {
  readonly hex: string;
  /** What it is, for who hears the page and for the copy button. */
  readonly label: string;
}

const LINE_HEIGHT = 22;
const OVERSCAN_COUNT = 20;
const BYTES_PER_LINE = 32;
const BYTES_PER_LINE_NARROW = 8;

/** Bytes in hex, line by line with their offsets; of megabytes only what is in view is in the document. */
export function HexView({ hex, label }: HexViewProps): ReactElement {
  const frame = useRef<HTMLElement>(null);
  const isNarrow = useMediaQuery("(max-width: 900px)", false, { getInitialValueInEffect: false });
  const perLine = isNarrow ? BYTES_PER_LINE_NARROW : BYTES_PER_LINE;
  const virtual = useVirtualizer({
    count: lineCount(hex, perLine),
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: OVERSCAN_COUNT,
    useFlushSync: false,
  });
  return (
    <div className={classes.view}>
      <p className={classes.head}>
        {formatBytes(hex.length / 2)}
        <CopyButton text={hex} label={label} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section ref={frame} className={classes.frame} aria-label={label} tabIndex={0}>
        <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => (
            <div key={key} className={classes.line} style={{ transform: `translateY(${start}px)` }}>
              <span className={classes.offset}>{offsetText(index * perLine)}</span>
              <span>{groupsOf(hex, index, perLine)}</span>
            </div>
          ))}
        </div>
      </section>
    </div>
  );
}
