import { desktopFetch, type Page, sessionElement } from "./desktop-session.ts";

/** Theme and unit of amounts, as the desktop's local process remembers them; what is absent was not chosen. */
export interface DesktopLook {
  readonly theme?: "dark" | "light" | "auto";
  readonly unit?: "BTC" | "sats";
}

/** What was chosen when the document came: it stands in it, so that the first paint is right. */
export function desktopLook(page: Page | undefined = globalThis.document): DesktopLook {
  const element = sessionElement(page);
  const theme = element?.getAttribute("data-theme");
  const unit = element?.getAttribute("data-unit");
  return {
    ...((theme === "dark" || theme === "light" || theme === "auto") && { theme }),
    ...((unit === "BTC" || unit === "sats") && { unit }),
  };
}

/** Has the local process remember a choice. Where it cannot, the choice lasts as long as the page. */
export function rememberLook(change: DesktopLook, send: typeof fetch = desktopFetch): void {
  send("/desktop/look", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change),
  }).catch(() => {});
}
