import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { useTheme } from "@bitfleet/ui/theme-provider.tsx";
import { useElementSize } from "@mantine/hooks";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type PointerEvent,
  type ReactElement,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { BlockRow } from "./block-rows.ts";
import { feerateColors, feerateShare, LEGEND_FEERATES, scaleGradient } from "./feerate-colors.ts";
import { texts } from "./texts.ts";
import classes from "./transaction-treemap.module.css";
import { boxOf, type Direction, layTiles, tileAt, tileBeside } from "./treemap-layout.ts";
import { drawTiles } from "./treemap-picture.ts";

interface TreemapProps {
  /** Payments in the order of the tiles; at least one. */
  readonly rows: readonly BlockRow[];
  readonly onOpen: (txid: string) => void;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/**
 * Payments of a block as tiles: as large as their weight, coloured by feerate, the best paying at the upper left. The tiles are drawn
 * once; what is pointed at lies above them, so that pointing costs the same for five thousand as for one.
 */
export const TransactionTreemap = memo(({ rows, onOpen }: TreemapProps): ReactElement => {
  const id = useId();
  const { shown: scheme } = useTheme();
  const { ref: place, width, height } = useElementSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointedIndex, setPointedIndex] = useState<number>();
  const boxes = useMemo(
    () =>
      layTiles(
        rows.map((row) => row.weight),
        width,
        height,
      ),
    [rows, width, height],
  );
  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    const neutral = getComputedStyle(canvas.current).getPropertyValue("--bf-line-strong").trim();
    drawTiles(canvas.current, boxes, rows, { width, height }, { colors: feerateColors(scheme), neutral });
  }, [boxes, rows, width, height, scheme]);

  const indexAt = (event: MouseEvent) => {
    const frame = event.currentTarget.getBoundingClientRect();
    return tileAt(boxes, event.clientX - frame.left, event.clientY - frame.top);
  };
  const open = (index: number | undefined) => {
    const row = index === undefined ? undefined : rows[index];
    if (row !== undefined) onOpen(row.txid);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (event.pointerType !== "touch") setPointedIndex(indexAt(event));
  };
  const onPointerLeave = (event: PointerEvent) => {
    if (event.pointerType !== "touch" && document.activeElement !== event.currentTarget) setPointedIndex(undefined);
  };
  const onClick = (event: MouseEvent) => {
    const index = indexAt(event);
    // A finger points first, and opens what it pointed at.
    const isTouch = (event.nativeEvent as unknown as { readonly pointerType?: string }).pointerType === "touch";
    if (isTouch && index !== pointedIndex) setPointedIndex(index);
    else open(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextIndex(event.key, boxes, pointedIndex, rows.length);
    if (next === undefined && event.key !== "Enter") return;
    // Arrow keys of the whole page (from block to block) are not meant.
    event.preventDefault();
    if (next === undefined) open(pointedIndex);
    else setPointedIndex(next);
  };
  const pointed = pointedIndex === undefined ? undefined : rows[pointedIndex];
  const box = pointedIndex === undefined ? undefined : boxOf(boxes, pointedIndex);
  return (
    <div className={classes.treemap}>
      <div
        ref={place}
        className={classes.place}
        role="listbox"
        tabIndex={0}
        aria-label={`${texts.map.title}. ${texts.map.keys}`}
        aria-activedescendant={`${id}-option`}
        onPointerMove={onPointerMove}
        onPointerLeave={onPointerLeave}
        onClick={onClick}
        onKeyDown={onKeyDown}
        data-testid="treemap"
      >
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the option tells what it shows */}
        <canvas ref={canvas} className={classes.canvas} aria-hidden="true" />
        {box !== undefined && (
          <span
            className={classes.pointed}
            style={{ transform: `translate(${box.x}px, ${box.y}px)`, width: box.width, height: box.height }}
          />
        )}
        <Option id={`${id}-option`} rows={rows} index={pointedIndex} />
      </div>
      <div className={classes.below}>
        <div className={classes.readout} data-testid="treemap-readout">
          {pointed === undefined ? (
            <span>{texts.map.hint(rows.length, formatCount(rows.length))}</span>
          ) : (
            <Readout row={pointed} />
          )}
        </div>
        <Legend gradient={scaleGradient(scheme)} />
      </div>
    </div>
  );
});

function nextIndex(key: string, boxes: Float32Array, index: number | undefined, count: number): number | undefined {
  const direction = ARROWS[key];
  if (direction !== undefined) return index === undefined ? 0 : tileBeside(boxes, index, direction);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}

/** What the tile says to who does not see it. */
function Option({
  id,
  rows,
  index,
}: {
  readonly id: string;
  readonly rows: readonly BlockRow[];
  readonly index: number | undefined;
}): ReactElement {
  const row = rows[index ?? 0];
  const feerate = row?.feerate == null ? "" : `${formatFeerate(row.feerate)} sat/vB, `;
  const what = `${feerate}${formatCount(row?.vsize ?? 0)} vB, txid ${row?.txid ?? ""}`;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names this one as its active descendant
    <div
      id={id}
      className={classes.option}
      role="option"
      aria-selected={index !== undefined}
      aria-setsize={rows.length}
      aria-posinset={(index ?? 0) + 1}
    >
      {texts.map.option(formatCount((index ?? 0) + 1), formatCount(rows.length), what)}
    </div>
  );
}

function Readout({ row }: { readonly row: BlockRow }): ReactElement {
  return (
    <>
      <TransactionLink txid={row.txid} hasNoCopy />
      {row.feerate !== null && (
        <b>
          <Feerate satPerVbyte={row.feerate} />
        </b>
      )}
      {row.fee !== null && <Amount sats={BigInt(row.fee)} />}
      <VirtualSize vbytes={row.vsize} />
      <span>{texts.map.position(formatCount(row.index))}</span>
    </>
  );
}

function Legend({ gradient }: { readonly gradient: string }): ReactElement {
  return (
    <div className={classes.legend} title={texts.map.legend}>
      <span className={classes.scale} style={{ backgroundImage: gradient }}>
        {LEGEND_FEERATES.map((feerate) => (
          <span key={feerate} style={{ left: `${feerateShare(feerate) * 100}%` }}>
            {feerate}
          </span>
        ))}
      </span>
      <span>sat/vB</span>
    </div>
  );
}
