import { type Language, language } from "./language.ts";

/** Words of a feature: sentences, or functions that make one. */
export type Texts = { readonly [name: string]: string | ((...args: never[]) => string) | Texts };

/**
 * The words of a feature in the reader's language, from one table that the compiler holds complete: each language has every entry of
 * English. `export const texts = textsOf({ en: { title: "Blocks", count: (n: number) => `${n} blocks` } });`
 */
export function textsOf<const T extends Texts>(
  byLanguage: { readonly en: T } & Partial<Record<Exclude<Language, "en">, Same<T>>>,
): Same<T> {
  const table: Readonly<Record<string, Same<T> | T | undefined>> = byLanguage;
  return (table[language] ?? byLanguage.en) as Same<T>;
}

/** The same entries, with any words. */
type Same<T> = {
  readonly [Name in keyof T]: T[Name] extends string
    ? string
    : T[Name] extends (...args: infer Args) => string
      ? (...args: Args) => string
      : Same<T[Name]>;
};

/** The form of a word that goes with the count: `plural(1, { one: "block", other: "blocks" })`. */
export function plural(count: number, forms: { readonly one: string; readonly other: string }): string {
  return PLURALS.select(count) === "one" ? forms.one : forms.other;
}

const PLURALS = new Intl.PluralRules(language);
