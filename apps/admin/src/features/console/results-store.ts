import type { JsonValue } from "@bitfleet/ui/json/json-lines.ts";
import { onNetworkLeft } from "@bitfleet/ui/network-scope.ts";
import { tabStorage } from "@bitfleet/ui/tab-storage.ts";

/** What was called in this tab, with its answers; of the lines, those that may be kept outlast a reload. */

export type Outcome =
  | { readonly kind: "running" }
  | { readonly kind: "result"; readonly value: JsonValue; readonly milliseconds: number }
  | { readonly kind: "error"; readonly message: string; readonly code: number | undefined };

export interface ConsoleEntry {
  readonly id: number;
  /** As it may be shown: without what is secret. */
  readonly line: string;
  readonly outcome: Outcome;
}

/** Answers held at once: they may be megabytes each. */
const ENTRIES_MAX = 20;
const LINES_MAX = 100;
const STORAGE_KEY = "bitfleet.console-lines";

let entries: readonly ConsoleEntry[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** The newest first. */
export const shownEntries = (): readonly ConsoleEntry[] => entries;

export function watchEntries(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** A call begins; the answer is its id, for {@link endEntry}. */
export function beginEntry(line: string): number {
  const id = ++lastId;
  set([{ id, line, outcome: { kind: "running" as const } }, ...entries].slice(0, ENTRIES_MAX));
  return id;
}

export function endEntry(id: number, outcome: Outcome): void {
  set(entries.map((one) => (one.id === id ? { ...one, outcome } : one)));
}

/** As if it had never begun: the reader gave no key. */
export function dropEntry(id: number): void {
  set(entries.filter((one) => one.id !== id));
}

export function clearEntries(): void {
  set([]);
}

/** Lines of this tab, the latest last. */
export function keptLines(): readonly string[] {
  try {
    const lines: unknown = JSON.parse(tabStorage().getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(lines) ? lines.filter((line) => typeof line === "string") : [];
  } catch {
    return [];
  }
}

/** Keeps a line for the arrow keys; the same once more moves to the end. */
export function keepLine(line: string): void {
  const lines = [...keptLines().filter((one) => one !== line), line].slice(-LINES_MAX);
  try {
    tabStorage().setItem(STORAGE_KEY, JSON.stringify(lines));
  } catch {
    // A browser that keeps nothing.
  }
}

// What one network answered, and the hashes and addresses that were entered for it, are nothing to another.
onNetworkLeft(() => {
  clearEntries();
  try {
    tabStorage().removeItem(STORAGE_KEY);
  } catch {
    // As above.
  }
});

function set(next: readonly ConsoleEntry[]): void {
  entries = next;
  for (const listener of listeners) listener();
}
