import { KeyNotGiven } from "../keys/key-errors.ts";
import { onNetworkLeft } from "../network-scope.ts";

/** Short messages about what was done. A store of the page's own, so that code outside of components may say something too. */

export type ToastTone = "good" | "bad" | "plain";

export interface Toast {
  readonly id: number;
  readonly tone: ToastTone;
  readonly title: string;
  readonly text?: string | undefined;
  /** One thing that can be done about it. */
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  /** Until it goes by itself; 0 for never. */
  readonly lifeMs: number;
}

/** Older ones make room. */
const TOASTS_MAX = 4;
const LIFE_MS = 5_000;
/** Why something failed takes longer to read. */
const BAD_LIFE_MS = 12_000;

type ToastOptions = Pick<Toast, "text" | "action"> & { readonly lifeMs?: number };

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** `toast.good("Block mined")`, `toast.bad("Nothing was sent", { text: error.message })`. The answer is its id, for {@link dismissToast}. */
export const toast = {
  good: (title: string, options: ToastOptions = {}) => show("good", title, options),
  bad: (title: string, options: ToastOptions = {}) => show("bad", title, options),
  plain: (title: string, options: ToastOptions = {}) => show("plain", title, options),
  /** What failed and why, from whatever was thrown. Nothing is said where the reader gave no key: they know. */
  failure: (title: string, error: unknown) => {
    if (error instanceof KeyNotGiven) return;
    show("bad", title, { text: error instanceof Error ? error.message : "The reason is not known." });
  },
};

// They tell of blocks and payments of the network that is left.
onNetworkLeft(() => set([]));

export function dismissToast(id: number): void {
  set(toasts.filter((one) => one.id !== id));
}

export const shownToasts = (): readonly Toast[] => toasts;

/** Calls `listener` on each change, until the answer is called. */
export function watchToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function show(tone: ToastTone, title: string, options: ToastOptions): number {
  const id = ++lastId;
  const lifeMs = options.lifeMs ?? (tone === "bad" ? BAD_LIFE_MS : LIFE_MS);
  // The same once more takes the place of the first.
  const others = toasts.filter((one) => one.tone !== tone || one.title !== title || one.text !== options.text);
  set([...others, { ...options, id, tone, title, lifeMs }].slice(-TOASTS_MAX));
  return id;
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}
