/** What becomes of an address that the page leads to. */
export type Way = "inside" | "elsewhere" | "nowhere";

/** Inside is the page's own origin, with what it made itself (blob:); other pages are for the system's browser, where a person asked for them. */
export function wayOf(url: string, origin: string, isByPerson: boolean): Way {
  if (url === origin || url.startsWith(`${origin}/`) || url.startsWith(`blob:${origin}/`)) return "inside";
  if (url === "about:blank") return "nowhere";
  return isByPerson && /^https?:\/\//i.test(url) && URL.canParse(url) ? "elsewhere" : "nowhere";
}

/** What a page asks for, by the name of WebKitGTK's type for it. */
export interface Permission {
  readonly kind: string;
  /** Of the page that asks. */
  readonly url: string;
  readonly origin: string;
  /** Of media: whether a microphone is among them. */
  readonly isOfSound: boolean;
  /** Of media: whether they are what is on the screen, which is asked for by the same type as a camera. */
  readonly isOfScreen: boolean;
}

const WALLET_PATH = "/wallet-app/";

/** Whether a page gets what it asks for: all of them the clipboard, the wallet the camera, which a person turns on there to read a QR code, and which cameras there are. */
export function isGranted({ kind, url, origin, isOfSound, isOfScreen }: Permission): boolean {
  if (kind === "WebKitClipboardPermissionRequest") return true;
  if (!url.startsWith(`${origin}${WALLET_PATH}`)) return false;
  if (kind === "WebKitDeviceInfoPermissionRequest") return true;
  return kind === "WebKitUserMediaPermissionRequest" && !isOfSound && !isOfScreen;
}

/**
 * The language that pages are told, where the system's has none that they would know: "C" is a way of sorting, and scripts that make numbers of a
 * language by that name fail. `undefined` where the system's will do.
 */
export function languageInstead(environment: NodeJS.ProcessEnv): string | undefined {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = LC_ALL || LC_MESSAGES || LANG || "C";
  return /^(C|POSIX)([.@]|$)/.test(locale) ? "en-US" : undefined;
}

/** A name for a file that is saved, without folders in it, and not hidden. */
export function fileNameOf(suggested: string): string {
  const name = suggested
    .replaceAll(/[/\\\0]/g, "_")
    .replace(/^\.+/, "")
    .slice(0, 200);
  return name === "" ? "bitfleet-download" : name;
}

/** The window's title: the page's, with the program's name where that has not been said. */
export function windowTitle(pageTitle: string | null, name: string): string {
  const title = (pageTitle ?? "").replace(/\s*[·–—-]\s*Bitfleet( Wallet| Admin)?$/, "").trim();
  return title === "" || title === "Bitfleet" || title === name ? name : `${title} – ${name}`;
}
