import type { Place, PlaceLinkProps } from "@bitfleet/ui/places.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Page } from "./page.ts";
import { pages } from "./pages.ts";

/** Where a place is shown, for `navigate` and `Link`; `undefined` where no page shows it. */
export function placeRoute(
  place: Place,
): { readonly to: string; readonly params: object; readonly hash?: string } | undefined {
  const rows: readonly Page[] = pages;
  const [id = "", index] = place.kind === "output" ? place.id.split(":") : [place.id];
  const kind = place.kind === "output" ? "transaction" : place.kind;
  const page = rows.find(({ shows }) => shows === kind);
  if (page === undefined) return undefined;
  return { to: page.route.fullPath, params: { id }, ...(index !== undefined && { hash: `output-${index}` }) };
}

/** Leads to the page of a place, or is plain text where there is none. */
export function RoutedPlaceLink({ place, children, className = "", tabIndex }: PlaceLinkProps): ReactElement {
  const route = placeRoute(place);
  if (route === undefined) return <span className={className}>{children}</span>;
  return (
    <Link {...(route as { to: "/" })} className={className} {...(tabIndex !== undefined && { tabIndex })}>
      {children}
    </Link>
  );
}
