import type { ReactElement } from "react";
import { encode } from "uqr";
import classes from "./qr-code.module.css";

interface QrCodeProps {
  /** What a camera reads: an address, or a payment link (BIP21). */
  readonly text: string;
  /** What it is, for who hears the page. */
  readonly label: string;
  /** Width and height in pixels. */
  readonly size?: number;
}

/** A QR code, dark on white in both themes, as cameras want it. For pages that are loaded when they are asked for. */
export function QrCode({ text, label, size = 176 }: QrCodeProps): ReactElement {
  const { data, size: moduleCount } = encode(text, { ecc: "M", border: 2 });
  return (
    <svg
      className={classes.code}
      width={size}
      height={size}
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
