import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { createRouter } from "@tanstack/react-router";
import { Gate } from "./gate.tsx";
import { rootRoute, routeTree } from "./pages.ts";
import { NotFoundScreen } from "./shell/not-found.tsx";

/** Where servers have the app; its routes are below it. */
export const BASE = "/wallet-app/";

rootRoute.update({ component: Gate, notFoundComponent: NotFoundScreen });

/** The whole application: every page has an address, and is loaded when it is first asked for. */
export function createAppRouter() {
  return createRouter({
    routeTree,
    basepath: BASE,
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
