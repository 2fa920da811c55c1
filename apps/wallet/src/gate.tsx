import { ConfirmProvider } from "@bitfleet/ui/dialog/confirm.tsx";
import { usePageTitle } from "@bitfleet/ui/document-title.ts";
import { Toasts } from "@bitfleet/ui/toasts/toasts.tsx";
import { Navigate, Outlet } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { DamagedScreen } from "./features/unlock/damaged-screen.tsx";
import { UnlockScreen } from "./features/unlock/unlock-screen.tsx";
import { useSessionState } from "./session-provider.tsx";
import { Layout } from "./shell/layout.tsx";
import { useCurrentPage } from "./shell/navigation.tsx";
import { shellTexts } from "./shell/texts.ts";

/** Lets pages show what is open, and nothing before: with the vault locked there is nothing behind the unlock screen. */
export function Gate(): ReactElement {
  usePageTitle(useCurrentPage()?.title ?? shellTexts.notFound.tab);
  return (
    <>
      <Shown />
      <Toasts />
    </>
  );
}

function Shown(): ReactElement | null {
  const state = useSessionState();
  const isSettingUp = useCurrentPage()?.route.fullPath === "/setup";
  switch (state.kind) {
    case "starting":
      return null;
    case "locked":
      return <UnlockScreen />;
    case "damaged":
      return <DamagedScreen problem={state.problem} />;
    case "absent":
      return isSettingUp ? <Outlet /> : <Navigate to="/setup" replace />;
    case "open":
      if (isSettingUp) {
        return (
          <ConfirmProvider>
            <Outlet />
          </ConfirmProvider>
        );
      }
      if (state.account === undefined) return <Navigate to="/setup" replace />;
      return (
        <ConfirmProvider>
          <Layout />
        </ConfirmProvider>
      );
  }
}
