import type { AnyRoute } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** Parts of the navigation, in their order. */
export const PAGE_GROUPS = ["money", "tools", "manage"] as const;
export type PageGroup = (typeof PAGE_GROUPS)[number];

/** One row of the table of pages: router, navigation, command palette, shortcuts and titles follow from it. */
export interface Page {
  readonly route: AnyRoute;
  /** In navigation, palette, and the title of the tab. */
  readonly title: string;
  /** Where the navigation has it; absent for a page of one thing, which is reached through others. */
  readonly group?: PageGroup;
  readonly icon?: (look: { readonly size?: number }) => ReactElement;
  /** It has a place in the bar at the bottom of a phone's screen. */
  readonly isInBar?: boolean;
  /** It is of the device and not of the account on screen, of which there may be none for a moment while another one is opened. */
  readonly isOfDevice?: boolean;
  /** Further words that the palette finds it by. */
  readonly keywords?: string;
  /** Keys pressed one after the other: "g h". */
  readonly keys?: string;
  /** Path of the page that the navigation marks meanwhile, where this one is not in it. */
  readonly under?: string;
}
