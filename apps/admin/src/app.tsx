import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { DashboardRoute } from "./dashboard-route.tsx";
import { Layout } from "./layout.tsx";
import { NotFoundScreen } from "./not-found.tsx";

/** A page number of the address bar, counted from 1. Anything that is none means the first page. */
interface PageSearch {
  readonly page?: number;
}

function pageSearch(search: Readonly<Record<string, unknown>>): PageSearch {
  const page = Number(search.page);
  return Number.isSafeInteger(page) && page > 1 ? { page } : {};
}

const rootRoute = createRootRoute({ component: Layout, notFoundComponent: NotFoundScreen });

const routeTree = rootRoute.addChildren([
  createRoute({ getParentRoute: () => rootRoute, path: "/", component: DashboardRoute }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/blocks",
    validateSearch: pageSearch,
    component: lazyRouteComponent(() => import("./features/blocks/blocks-screen.tsx"), "BlocksScreen"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/block/$id",
    validateSearch: pageSearch,
    component: lazyRouteComponent(() => import("./block-route.tsx"), "BlockRoute"),
  }),
]);

/** The whole application: every page has an address, and every page but the first is loaded when it is first asked for. */
export function createAppRouter() {
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <ErrorMessage level={1} error={error} onRetry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
