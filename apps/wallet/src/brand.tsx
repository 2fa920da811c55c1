import type { ReactElement } from "react";

/** The mark of the app, as in public/favicon.svg. */
export function BrandMark({ size }: { readonly size: number }): ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path fill="#7a3f00" d="M16 6 28.5 13 16 20 3.5 13Z" />
      <circle cx="16" cy="9" r="6.6" fill="#ffd699" />
      <circle cx="16" cy="9" r="4" fill="#f7931a" />
      <path fill="#f7931a" d="M3.5 13 16 20v10.5L3.5 23.5Z" />
      <path fill="#b85f00" d="M28.5 13 16 20v10.5l12.5-7Z" />
    </svg>
  );
}
