import { useSyncExternalStore } from "react";
import { formatAge } from "./format.ts";

const TICK_MS = 1000;
/** Who looks at another window sees this one from the side, if at all: drawing it anew each second would only warm the machine. */
const TICK_ASIDE_SECONDS = 5;

/** The time in seconds since 1970, renewed every second: one timer for the whole page, none while nobody looks. */
export function useNowSeconds(): number {
  return useSyncExternalStore(subscribe, () => nowSeconds);
}

/** How long ago a time was, as text: who shows it is drawn again when the text changes, not every second. */
export function useAgeText(unixSeconds: number): string {
  return useSyncExternalStore(subscribe, () => formatAge(nowSeconds - unixSeconds));
}

/** What of a document says whether somebody looks. */
type Looked = Pick<Document, "visibilityState" | "hasFocus">;

/** Whether what is shown since `shownSeconds` is to be renewed: never in a hidden page, and now and then in one that is not at hand. */
export function isTickDue(page: Looked, shownSeconds: number, now: number): boolean {
  if (now === shownSeconds || page.visibilityState === "hidden") return false;
  return page.hasFocus() || Math.abs(now - shownSeconds) >= TICK_ASIDE_SECONDS;
}

let nowSeconds = Math.floor(Date.now() / 1000);
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    show(secondsNow());
    timer = setInterval(tick, TICK_MS);
    document.addEventListener("visibilitychange", tick);
    window.addEventListener("focus", tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener("visibilitychange", tick);
    window.removeEventListener("focus", tick);
  };
}

function tick(): void {
  const now = secondsNow();
  if (isTickDue(document, nowSeconds, now)) show(now);
}

const secondsNow = () => Math.floor(Date.now() / 1000);

function show(now: number): void {
  if (now === nowSeconds) return;
  nowSeconds = now;
  for (const listener of listeners) listener();
}
