/** How far a chain of headers goes. */
export interface HeadersReached {
  readonly height: number;
  /** Of the last header, seconds since 1970. */
  readonly time: number;
}

/** Estimated share, from 0 to 1, of all headers that a chain up to a block has, by the time that has passed since the block. */
export function headersShare(at: HeadersReached, nowMs: number, spacingSeconds: number): number {
  const left = Math.max(0, Math.trunc((nowMs / 1000 - at.time) / spacingSeconds));
  return at.height + left === 0 ? 1 : at.height / (at.height + left);
}
