import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DESKTOP_APPS, type DesktopApp } from "./apps.ts";
import { readTarget, TARGET_URL_DEFAULT, type Target } from "./server/target.ts";

export const WINDOW_KINDS = ["auto", "webkit", "chromium", "browser", "none"] as const;
export type WindowWish = (typeof WINDOW_KINDS)[number];

/** What `bitfleet wallet` and `bitfleet admin` were asked for. */
export interface DesktopOptions {
  readonly app: DesktopApp;
  /** `--data`: the user's own where absent. */
  readonly dataFolder: string | undefined;
  readonly target: Target;
  /** By `--network` or `--url`; else the target is the usual one. */
  readonly isTargetNamed: boolean;
  readonly window: WindowWish;
  readonly hasDevtools: boolean;
  /** A payment link to show. */
  readonly uri: string | undefined;
}

/** Characters of a payment link: far more than any that carries its own payment request. */
export const URI_LENGTH_MAX = 4096;

/** Reads the words behind `bitfleet`. Throws `Error` with what was expected. */
export function readOptions(words: readonly string[], workingFolder: string): DesktopOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      data: { type: "string" },
      network: { type: "string" },
      url: { type: "string" },
      window: { type: "string", default: "auto" },
      devtools: { type: "boolean", default: false },
    },
  });
  const [app, uri, ...more] = positionals;
  if (!isApp(app)) throw new Error(`An app is expected: ${DESKTOP_APPS.join(" or ")}.`);
  if (more.length > 0 || (uri !== undefined && app !== "wallet")) {
    throw new Error(`"${more[0] ?? uri}" is not expected behind ${app}.`);
  }
  const { window } = values;
  if (!WINDOW_KINDS.some((kind) => kind === window)) {
    throw new Error(`--window is one of ${WINDOW_KINDS.join(", ")}, not "${window}".`);
  }
  const named = values.network ?? values.url;
  const target = readTarget(named ?? TARGET_URL_DEFAULT);
  if ("error" in target) throw new Error(target.error);
  return {
    app,
    dataFolder: values.data === undefined ? undefined : resolve(workingFolder, values.data),
    target,
    isTargetNamed: named !== undefined,
    window: window as WindowWish,
    hasDevtools: values.devtools,
    uri: uri === undefined ? undefined : readPaymentLink(uri),
  };
}

export const isApp = (word: unknown): word is DesktopApp => DESKTOP_APPS.some((app) => app === word);

/** A `bitcoin:` link as it may be shown to the page, which reads it for itself. Throws `Error` where it is none. */
export function readPaymentLink(text: string): string {
  const uri = text.trim();
  if (!/^bitcoin:[\x21-\x7e]+$/i.test(uri) || uri.length > URI_LENGTH_MAX) {
    throw new Error(`"${uri.slice(0, 80)}" is no payment link: it begins with bitcoin: and has no spaces.`);
  }
  return uri;
}
