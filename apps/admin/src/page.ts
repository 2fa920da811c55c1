import type { PlaceKind } from "@bitfleet/ui/places.tsx";
import type { AnyRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** Parts of the navigation, in their order. */
export const PAGE_GROUPS = ["explore", "operate", "settings"] as const;
export type PageGroup = (typeof PAGE_GROUPS)[number];

/** One row of the table of pages: router, navigation, command palette, shortcuts and titles follow from it. */
export interface Page {
  readonly route: AnyRoute;
  /** In navigation, palette, and the title of the tab. */
  readonly title: string;
  /** Where the navigation has it; absent for a page of one thing, which is reached through others. */
  readonly group?: PageGroup;
  readonly icon?: (look: { readonly size?: number }) => ReactElement;
  /** Further words that the palette finds it by. */
  readonly keywords?: string;
  /** Keys pressed one after the other: "g b". */
  readonly keys?: string;
  /** Path of the page that the navigation marks meanwhile, where this one is not in it. */
  readonly under?: string;
  /** Only where the app is in a window of the desktop. */
  readonly isOfDesktop?: true;
  /** It shows one of these, named by `$id` in its path. */
  readonly shows?: PlaceKind;
}
