import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { createRouter } from "@tanstack/react-router";
import { Layout } from "./layout.tsx";
import { NotFoundScreen } from "./not-found.tsx";
import { rootRoute, routeTree } from "./pages.ts";

rootRoute.update({ component: Layout, notFoundComponent: NotFoundScreen });

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
