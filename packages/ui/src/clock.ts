import { useSyncExternalStore } from "react";
import { formatAge } from "./format.ts";

const TICK_MS = 1000;

/** The time in seconds since 1970, renewed every second: one timer for the whole page, none while nobody looks. */
export function useNowSeconds(): number {
  return useSyncExternalStore(subscribe, () => nowSeconds);
}

/** How long ago a time was, as text: who shows it is drawn again when the text changes, not every second. */
export function useAgeText(unixSeconds: number): string {
  return useSyncExternalStore(subscribe, () => formatAge(nowSeconds - unixSeconds));
}

let nowSeconds = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    tick();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  const now = Math.floor(Date.now() / 1000);
  if (now === nowSeconds) return;
  nowSeconds = now;
  for (const listener of listeners) listener();
}
