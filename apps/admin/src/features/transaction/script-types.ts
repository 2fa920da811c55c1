import { transactionTexts as texts } from "./texts.ts";

/** A template as people say it; those that have no such name are shown as the node calls them. */
export function scriptTypeName(type: string): string {
  const names: Readonly<Record<string, string>> = texts.scriptTypes;
  return names[type] ?? type;
}
