import type { ReactElement } from "react";

/** The picture of the program's name. */
export function BrandMark({ size = 28 }: { readonly size?: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path fill="#f7931a" d="M16 2 28.5 9v14L16 30 3.5 23V9Z" />
      <path fill="#ffc477" d="M16 2 28.5 9 16 16 3.5 9Z" />
      <path fill="#b85f00" d="M16 16 28.5 9v14L16 30Z" />
    </svg>
  );
}
