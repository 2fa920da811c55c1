import { useSyncExternalStore } from "react";

/**
 * A payment link that was opened where nothing can be paid yet: there is no wallet, or it is locked. It waits in the page's memory and nowhere
 * else, since whom somebody pays is theirs to know: a reload of the page forgets it. There is one, the last that was opened.
 */
let waiting: string | undefined;
const listeners = new Set<() => void>();

/** Has a link wait until {@link takeLink}, in place of one that waited before. */
export function keepLink(uri: string): void {
  change(uri);
}

/** The link, which waits no more. */
export function takeLink(): string | undefined {
  const uri = waiting;
  change(undefined);
  return uri;
}

/** The link that waits now; drawn again with every change. */
export function useWaitingLink(): string | undefined {
  return useSyncExternalStore(subscribe, () => waiting);
}

function change(next: string | undefined): void {
  if (next === waiting) return;
  waiting = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
