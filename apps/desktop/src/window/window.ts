import type { DesktopApp } from "../apps.ts";

/** A window with one app in it, whatever draws it. */
export interface DesktopWindow {
  /** In front of the others, and out of the bar where it was put away. */
  raise(): void;
  /** Where nothing can be raised, and a further page is opened for it. */
  readonly isRaisedByNewPage?: boolean;
  close(): void;
  setTitle(title: string): void;
  /** Once, however it went. */
  onClosed(listener: () => void): void;
}

/** What draws windows. */
export type WindowKind = "webkit" | "chromium" | "browser" | "none";

/** How a window gets at its app: by an address with a token, or by a token that is sent in a form. */
export interface WindowAddress {
  readonly origin: string;
  readonly issueUrl: () => string;
  /** `onOpened` is called when the token was used. */
  readonly issueToken: (onOpened: () => void) => string;
}

export interface WindowOptions {
  readonly app: DesktopApp;
  readonly address: WindowAddress;
  readonly dataFolder: string;
  /** Of the built pages' icons. */
  readonly iconFile: string;
  readonly hasDevtools: boolean;
}

export interface WindowEvents {
  /** A sentence for the terminal. */
  readonly say: (text: string) => void;
  /** A link to somewhere else was followed: the system's browser shows it. */
  readonly openElsewhere: (url: string) => void;
  /** A file that the page made was saved, or could not be. */
  readonly onDownload: (saved: { readonly path?: string; readonly error?: string }) => void;
}

/** Rejects with why it cannot be opened. */
export type OpenWindow = (options: WindowOptions, events: WindowEvents) => Promise<DesktopWindow>;
