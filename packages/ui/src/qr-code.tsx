import { type ReactElement, useMemo } from "react";
import { encode } from "uqr";
import classes from "./qr-code.module.css";

interface QrCodeProps {
  /** What a camera reads: an address, or a payment link (BIP21). */
  readonly text: string;
  /** What it is, for who hears the page. */
  readonly label: string;
  /** Least width and height in pixels: what is long gets more, as far as there is room. */
  readonly size?: number;
  /** How much of it may be unreadable: 15 % (M), or 7 % (L), for which it has room for more. */
  readonly ecc?: "L" | "M";
  /** Of several that are shown in one place: it gets as large as one with this text. */
  readonly asLargeAs?: string | undefined;
}

/** Smaller squares are hard to read for a camera in front of a screen, or on paper. */
const MODULE_SIZE_MIN = 3;

/** A QR code, dark on white in both themes, as cameras want it. For pages that are loaded when they are asked for. */
export function QrCode({ text, label, size = 176, ecc = "M", asLargeAs }: QrCodeProps): ReactElement {
  const minVersion = useMemo(
    () => (asLargeAs === undefined ? 1 : encode(asLargeAs, { ecc }).version),
    [asLargeAs, ecc],
  );
  const { data, size: moduleCount } = encode(text, { ecc, border: 2, minVersion });
  const side = Math.max(size, moduleCount * MODULE_SIZE_MIN);
  return (
    <svg
      className={classes.code}
      width={side}
      height={side}
      viewBox={`0 0 ${moduleCount} ${moduleCount}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={pathOf(data)} />
    </svg>
  );
}

/** A bar for each run of dark modules. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = "";
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      const start = x;
      while (row[x]) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
    }
  });
  return path;
}
