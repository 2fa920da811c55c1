import { lazy, type ReactElement, Suspense } from "react";
import { DashboardScreen } from "./features/dashboard/dashboard-screen.tsx";

/** Loaded where there is a faucet: a node by itself has none. */
const FaucetPanel = lazy(async () => ({ default: (await import("./features/faucet/faucet-panel.tsx")).FaucetPanel }));

/** The first page: two features below each other, which know nothing of each other. */
export function DashboardRoute(): ReactElement {
  return (
    <DashboardScreen
      faucet={(chain) => (
        <Suspense fallback={null}>
          <FaucetPanel chain={chain} />
        </Suspense>
      )}
    />
  );
}
