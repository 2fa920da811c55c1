import type { createAppRouter } from "../app.tsx";
import { pageOfRoute } from "../listed-pages.ts";

/** Where one is on every network: a list stays what it is, but for what of its address names things; a page of one thing makes room for the dashboard. */
export function commonPlace(page: { readonly fullPath: string; readonly isListed: boolean } | undefined): string {
  return page?.isListed && !page.fullPath.includes("$") ? page.fullPath : "/";
}

/** Goes there, and is there when it resolves. */
export async function goToCommonPlace(router: ReturnType<typeof createAppRouter>): Promise<void> {
  const page = pageOfRoute(router.state.matches.at(-1)?.routeId);
  const place = commonPlace(
    page === undefined ? undefined : { fullPath: page.route.fullPath, isListed: page.group !== undefined },
  );
  const { pathname, searchStr, hash } = router.state.location;
  if (pathname === place && searchStr === "" && hash === "") return;
  router.history.push(place);
  await router.load();
}
