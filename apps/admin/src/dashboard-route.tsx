import { getRouteApi } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense } from "react";
import { DashboardScreen } from "./features/dashboard/dashboard-screen.tsx";
import { CHART_SPANS } from "./features/dashboard/dashboard-search.ts";

/** Loaded where there is a faucet: a node by itself has none. */
const FaucetPanel = lazy(async () => ({ default: (await import("./features/faucet/faucet-panel.tsx")).FaucetPanel }));

const route = getRouteApi("/");

/** The first page: two features below each other, which know nothing of each other. */
export function DashboardRoute(): ReactElement {
  const { blocks: span = CHART_SPANS[0] } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <DashboardScreen
      span={span}
      onSpan={(blocks) =>
        void navigate({
          to: "/",
          search: blocks === CHART_SPANS[0] ? {} : { blocks },
          replace: true,
          resetScroll: false,
        })
      }
      faucet={(chain) => (
        <Suspense fallback={null}>
          <FaucetPanel chain={chain} />
        </Suspense>
      )}
    />
  );
}
