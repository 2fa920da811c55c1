import type { Place, PlaceLinkProps } from "@bitfleet/ui/places.tsx";
import { useRouter } from "@tanstack/react-router";
import type { MouseEvent, ReactElement } from "react";
import type { Page } from "./page.ts";
import { pages } from "./pages.ts";

/** Where a place is shown, for `navigate` and `Link`; `undefined` where no page shows it. */
export function placeRoute(
  place: Place,
): { readonly to: string; readonly params: { readonly id: string }; readonly hash?: string } | undefined {
  const rows: readonly Page[] = pages;
  const [id = "", index] = place.kind === "output" ? place.id.split(":") : [place.id];
  const kind = place.kind === "output" ? "transaction" : place.kind;
  const page = rows.find(({ shows }) => shows === kind);
  if (page === undefined) return undefined;
  return { to: page.route.fullPath, params: { id }, ...(index !== undefined && { hash: `output-${index}` }) };
}

/** Paths of routes whose page is loaded already, or on its way. */
const loadedRoutes = new Set<string>();

/**
 * Leads to the page of a place, or is plain text where there is none. A plain link with what it takes to stay within the page: tables have
 * many, and the router's own, which look at every change of the address, are most of the cost of a row.
 */
export function RoutedPlaceLink({ place, children, className, tabIndex }: PlaceLinkProps): ReactElement {
  const router = useRouter();
  const route = placeRoute(place);
  if (route === undefined) return <span className={className}>{children}</span>;
  const { to, params, hash } = route;
  const load = () => {
    if (loadedRoutes.has(to)) return;
    loadedRoutes.add(to);
    void router.preloadRoute({ to, params } as { to: "/" }).catch(() => loadedRoutes.delete(to));
  };
  const follow = (event: MouseEvent) => {
    const isElsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (isElsewhere || event.defaultPrevented) return;
    event.preventDefault();
    void router.navigate(route as { to: "/" });
  };
  return (
    <a
      href={`${to.replace("$id", encodeURIComponent(params.id))}${hash === undefined ? "" : `#${hash}`}`}
      className={className}
      tabIndex={tabIndex}
      onClick={follow}
      onPointerEnter={load}
      onFocus={load}
    >
      {children}
    </a>
  );
}
