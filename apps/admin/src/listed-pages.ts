import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import type { Page } from "./page.ts";
import { pages } from "./pages.ts";

/** A page that the navigation has. */
export type ListedPage = Page & Required<Pick<Page, "group" | "icon">>;

/** The pages of the navigation, in its order. */
export function listedPages(): readonly ListedPage[] {
  const rows: readonly Page[] = pages;
  const isDesktop = desktopSession() !== undefined;
  return rows
    .filter((page): page is ListedPage => page.group !== undefined && page.icon !== undefined)
    .filter((page) => isDesktop || page.isOfDesktop !== true);
}

/** The page whose route is shown. */
export function pageOfRoute(routeId: string | undefined): Page | undefined {
  const rows: readonly Page[] = pages;
  return rows.find(({ route }) => route.id === routeId);
}
