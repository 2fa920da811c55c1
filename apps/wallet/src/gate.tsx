import { useAutoLock } from "@bitfleet/ui/auto-lock.ts";
import { ConfirmProvider } from "@bitfleet/ui/dialog/confirm.tsx";
import { usePageTitle } from "@bitfleet/ui/document-title.ts";
import { Toasts } from "@bitfleet/ui/toasts/toasts.tsx";
import { Outlet, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState } from "react";
import { DamagedScreen } from "./features/unlock/damaged-screen.tsx";
import { UnlockScreen } from "./features/unlock/unlock-screen.tsx";
import { UnsupportedScreen } from "./features/unlock/unsupported-screen.tsx";
import { UnusableScreen } from "./features/unlock/unusable-screen.tsx";
import type { SendSearch } from "./send-search.ts";
import { useSession, useSessionState } from "./session-provider.tsx";
import { Layout } from "./shell/layout.tsx";
import { useCurrentPage } from "./shell/navigation.tsx";
import { shellTexts } from "./shell/texts.ts";
import { useDesktopEvents } from "./use-desktop-events.ts";
import { keepLink } from "./waiting-link.ts";
import { whatIsMissing } from "./what-is-missing.ts";

/** Lets pages show what is open, and nothing before: with the vault locked there is nothing behind the unlock screen. */
export function Gate(): ReactElement {
  const state = useSessionState();
  useDesktopEvents();
  usePageTitle(useCurrentPage()?.title ?? shellTexts.notFound.tab);
  return (
    <>
      {/* A question that was asked before is none any more when the vault locks or opens. */}
      <ConfirmProvider key={state.kind}>
        <Shown />
      </ConfirmProvider>
      <Toasts />
    </>
  );
}

function Shown(): ReactElement | null {
  const state = useSessionState();
  const missing = whatIsMissing();
  const [wasOpen, setWasOpen] = useState(false);
  if (state.kind === "open" && !wasOpen) setWasOpen(true);
  const isSettingUp = useCurrentPage()?.route.fullPath === "/setup";
  if (missing !== undefined) return <UnsupportedScreen problem={missing} />;
  switch (state.kind) {
    case "starting":
      return null;
    case "locked":
      return <UnlockScreen state={state} isFirstLook={!wasOpen} />;
    case "damaged":
      return <DamagedScreen problem={state.problem} />;
    case "unusable":
      return <UnusableScreen reason={state.reason} problem={state.problem} />;
    case "absent":
      return isSettingUp ? <Outlet /> : <ToSetup />;
    case "open":
      return (
        <Opened
          isSettingUp={isSettingUp}
          hasWallet={state.wallets.length > 0}
          autoLockMinutes={state.settings.autoLockMinutes}
        />
      );
  }
}

interface OpenedProps {
  readonly isSettingUp: boolean;
  readonly hasWallet: boolean;
  readonly autoLockMinutes: number;
}

function Opened({ isSettingUp, hasWallet, autoLockMinutes }: OpenedProps): ReactElement {
  const session = useSession();
  useAutoLock(autoLockMinutes, () => session.lock());
  if (isSettingUp) return <Outlet />;
  return hasWallet ? <Layout /> : <ToSetup />;
}

/** There is no wallet yet: leads to where one is made. A payment link in the address bar waits until then. */
function ToSetup(): null {
  const navigate = useNavigate();
  const { uri } = useSearch({ strict: false }) as SendSearch;
  useEffect(() => {
    if (uri !== undefined) keepLink(uri);
    void navigate({ to: "/setup", replace: true });
  }, [navigate, uri]);
  return null;
}
