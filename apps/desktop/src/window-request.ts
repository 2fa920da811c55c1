import type { DesktopApp } from "./apps.ts";
import { type DesktopOptions, isApp, readPaymentLink, WINDOW_KINDS, type WindowWish } from "./options.ts";
import { readTarget } from "./server/target.ts";

/** What a call asks for, whichever process then does it. */
export interface WindowRequest {
  readonly app: DesktopApp;
  readonly window: WindowWish;
  /** A payment link to show. */
  readonly uri: string | null;
  /** The network that was named. */
  readonly url: string | null;
  readonly hasDevtools: boolean;
}

/** The same of what was read. */
export const requestOf = (options: DesktopOptions): WindowRequest => ({
  app: options.app,
  window: options.window,
  uri: options.uri ?? null,
  url: options.isTargetNamed ? options.target.url : null,
  hasDevtools: options.hasDevtools,
});

/** What another process asks for, which may be of another version. Throws `Error` where it is nothing that can be done. */
export function readRequest(value: unknown): WindowRequest {
  const given = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { app, window, uri = null, url = null, hasDevtools } = given;
  const kind = WINDOW_KINDS.find((one) => one === window);
  const isText = (one: unknown): one is string | null => one === null || typeof one === "string";
  if (!isApp(app) || kind === undefined || !isText(uri) || !isText(url)) {
    throw new Error("The Bitfleet that runs is of another version. Close its windows and try again.");
  }
  const target = url === null ? undefined : readTarget(url);
  if (target !== undefined && "error" in target) throw new Error(target.error);
  return {
    app,
    window: kind,
    uri: uri === null ? null : readPaymentLink(uri),
    url: target?.url ?? null,
    hasDevtools: hasDevtools === true,
  };
}
