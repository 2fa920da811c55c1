import { desktopSession } from "./desktop/desktop-session.ts";

/**
 * Address of the wallet app that a server has beside the explorer; `undefined` in the desktop, where each app has a window of its own.
 * `server` is the explorer's, "" for where the page came from.
 */
export function walletAppUrl(server: string): string | undefined {
  return desktopSession() === undefined ? `${server}/wallet-app/` : undefined;
}
