import type { Query, QueryClient } from "@tanstack/react-query";
import { EVENTS_OF_TOPIC } from "../event-names.ts";
import type { JsonValue } from "./json-lines.ts";

/** One answer that the page at hand shows something of. */
export interface PageAnswer {
  readonly id: string;
  /** What was asked, in words of the page. */
  readonly name: string;
  readonly value: JsonValue;
}

/** The answers in use, in the order of their names: what is on screen comes from these and nothing else. */
export function pageAnswers(queries: QueryClient): readonly PageAnswer[] {
  return queries
    .getQueryCache()
    .findAll({ type: "active", predicate: ({ state }) => state.data !== undefined && state.data !== null })
    .map((query) => ({ id: query.queryHash, name: nameOf(query), value: wholeOf(query.state.data) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** All of them as one value, each under its name. */
export function answersTogether(answers: readonly PageAnswer[]): JsonValue {
  const together: Record<string, JsonValue> = {};
  for (const { name, value } of answers) {
    let free = name;
    for (let number = 2; free in together; number++) free = `${name} (${number})`;
    together[free] = value;
  }
  return together;
}

/** Of a key ["chain", "block", "00ab…", {…}]: "block 00ab…". What only says how it was asked is left out. */
function nameOf({ queryKey }: Pick<Query, "queryKey">): string {
  const [first, ...rest] = queryKey;
  const parts = typeof first === "string" && first in EVENTS_OF_TOPIC && rest.length > 0 ? rest : queryKey;
  const words = parts.flat(2).filter((part) => typeof part === "string" || typeof part === "number");
  return words.map((word) => shortened(String(word))).join(" ");
}

const WORD_LENGTH_MAX = 64;
const shortened = (word: string) => (word.length > WORD_LENGTH_MAX ? `${word.slice(0, WORD_LENGTH_MAX)}…` : word);

/** A list that came in parts is one list here. */
function wholeOf(data: unknown): JsonValue {
  const { pages, pageParams } = data as { readonly pages?: unknown; readonly pageParams?: unknown };
  if (!Array.isArray(pages) || !Array.isArray(pageParams)) return plainOf(data);
  const parts = pages.map((page: unknown) => (page as { readonly items?: unknown }).items ?? page);
  return plainOf(parts.every(Array.isArray) ? parts.flat() : pages);
}

/** Maps and sets, which pages make of answers for themselves, as JSON has such things. */
function plainOf(value: unknown): JsonValue {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), plainOf(one)]));
  if (value instanceof Set) return [...value].map(plainOf);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined && typeof one !== "function")
      .map(([key, one]) => [key, plainOf(one)]),
  );
}
