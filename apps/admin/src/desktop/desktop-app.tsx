import { toHex } from "@bitfleet/protocol/bytes/bytes.ts";
import { useAutoLock } from "@bitfleet/ui/auto-lock.ts";
import { createDesktopClient, GONE } from "@bitfleet/ui/desktop/desktop-client.ts";
import { desktopFetch } from "@bitfleet/ui/desktop/desktop-session.ts";
import { ConfirmProvider } from "@bitfleet/ui/dialog/confirm.tsx";
import { nameApp } from "@bitfleet/ui/document-title.ts";
import { keepKeysIn, keysChanged } from "@bitfleet/ui/keys/remembered-keys.ts";
import { leaveNetwork } from "@bitfleet/ui/network-scope.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { VaultClient } from "@bitfleet/vault/vault-client.ts";
import { type ReactElement, useEffect, useMemo, useState } from "react";
import type { createAppRouter } from "../app.tsx";
import { AppTree } from "../app-tree.tsx";
import { ExtrasProvider, type ShellExtras } from "../shell/extras.ts";
import { goToCommonPlace } from "./common-place.ts";
import { type Desktop, DesktopProvider, useDesktop, useNetworksState } from "./desktop-context.tsx";
import { DesktopFrame } from "./desktop-frame.tsx";
import { DesktopSettings } from "./desktop-settings.tsx";
import { NetworkTools } from "./network-switcher.tsx";
import { Networks } from "./networks.ts";
import { NetworksScreen } from "./networks-screen.tsx";
import type { OpenNetworks } from "./networks-state.ts";
import { type OtherTabs, openOtherTabs } from "./other-tabs.ts";
import type { Profile } from "./profile.ts";
import { desktopTexts } from "./texts.ts";
import { AbsentScreen, DamagedScreen, LockedScreen, UnreachableScreen } from "./vault-screens.tsx";

type AppRouter = ReturnType<typeof createAppRouter>;

/** The administration in a window of the desktop: behind the vault, one network at a time. */
export function DesktopApp({ router }: { readonly router: AppRouter }): ReactElement {
  const [desktop] = useState(() => createDesktop(router));
  useEffect(() => {
    const { networks, client, otherTabs } = desktop;
    void networks.start();
    let loss: ReturnType<typeof setTimeout> | undefined;
    const stopListening = client.listen((event) => {
      if (event.kind === "gone") loss = setTimeout(() => networks.lose(GONE), LOST_AFTER_MS);
      else clearTimeout(loss);
      if (event.kind === "network") {
        networks.goTo(event.url).catch((error: unknown) => toast.failure(desktopTexts.list.failed, error));
      }
      if (event.kind === "focus" || event.kind === "back") void networks.lookAgain();
      if (event.kind === "download" && event.path !== undefined) toast.good(desktopTexts.saved(event.path));
      if (event.kind === "download" && event.error !== undefined) {
        toast.bad(desktopTexts.notSaved, { text: event.error });
      }
    });
    const look = () => void networks.lookAgain();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    // The process would keep the vault open for a page that is gone.
    const leave = () => void networks.lock();
    window.addEventListener("focus", look);
    window.addEventListener("pagehide", leave);
    const stopWatching = otherTabs.watch(() => location.reload());
    return () => {
      stopListening();
      clearTimeout(loss);
      clearInterval(timer);
      window.removeEventListener("focus", look);
      window.removeEventListener("pagehide", leave);
      stopWatching();
    };
  }, [desktop]);
  return (
    <DesktopProvider value={desktop}>
      <Screen router={router} />
    </DesktopProvider>
  );
}

const ID_SIZE = 12;
/** How often it is looked whether another window has locked the vault. */
const LOOK_AGAIN_MS = 10_000;
/** A stream may break for a moment; a process that has ended listens nowhere any more. */
const LOST_AFTER_MS = 3_000;

function createDesktop(router: AppRouter): Desktop & { readonly otherTabs: OtherTabs } {
  const otherTabs = openOtherTabs();
  const client = createDesktopClient();
  const networks = new Networks({
    vault: new VaultClient({}, { fetch: desktopFetch }),
    client,
    newId: () => toHex(crypto.getRandomValues(new Uint8Array(ID_SIZE))),
    goToCommonPlace: () => goToCommonPlace(router),
    leave: leaveNetwork,
    onProblem: (error) => toast.failure(desktopTexts.keyNotKept, error),
    onSwitched: otherTabs.tell,
  });
  keepKeysIn(networks.keys);
  networks.subscribe(keysChanged);
  return { client, networks, otherTabs };
}

function Screen({ router }: { readonly router: AppRouter }): ReactElement {
  const state = useNetworksState();
  switch (state.kind) {
    case "starting":
      return <DesktopFrame title={desktopTexts.starting}>{null}</DesktopFrame>;
    case "unreachable":
      return <UnreachableScreen problem={state.problem} />;
    case "open":
      return <OpenScreen open={state} router={router} />;
    default:
      return (
        <ConfirmProvider>
          {state.kind === "absent" && <AbsentScreen />}
          {state.kind === "locked" && <LockedScreen news={state.news} />}
          {state.kind === "damaged" && <DamagedScreen problem={state.problem} />}
        </ConfirmProvider>
      );
  }
}

function OpenScreen({ open, router }: { readonly open: OpenNetworks; readonly router: AppRouter }): ReactElement {
  const { networks } = useDesktop();
  useAutoLock(open.isRemembered ? open.autoLockMinutes : 0, () => void networks.lock());
  if (open.active !== undefined) return <Shown open={open} active={open.active} router={router} />;
  return (
    <DesktopFrame title={open.isSwitching ? desktopTexts.switcher.switching : desktopTexts.list.title} isWide>
      {open.isSwitching ? (
        <p role="status">{desktopTexts.switcher.switching}</p>
      ) : (
        <ConfirmProvider>
          <NetworksScreen />
        </ConfirmProvider>
      )}
    </DesktopFrame>
  );
}

interface ShownProps {
  readonly open: OpenNetworks;
  readonly active: Profile;
  readonly router: AppRouter;
}

/** The pages of the network that is shown, made anew for each. */
function Shown({ open, active, router }: ShownProps): ReactElement {
  const { networks } = useDesktop();
  useEffect(() => nameApp(active.name), [active.name]);
  const extras = useMemo<ShellExtras>(() => {
    const onManage = () => void router.navigate({ to: "/networks" });
    const goTo = (id: string) =>
      void networks.switchTo(id).catch((error: unknown) => toast.failure(desktopTexts.list.failed, error));
    const { command, keywords, manage, manageKeywords, lock, lockKeywords } = desktopTexts.switcher;
    const others = open.profiles.filter(({ id }) => id !== active.id);
    return {
      tools: <NetworkTools open={open} active={active} onManage={onManage} />,
      settings: <DesktopSettings open={open} active={active} onManage={onManage} />,
      commands: [
        ...others.map(({ id, name }) => ({ title: command(name), keywords, run: () => goTo(id) })),
        { title: manage, keywords: manageKeywords, run: onManage },
        ...(open.isRemembered ? [{ title: lock, keywords: lockKeywords, run: () => void networks.lock() }] : []),
      ],
      shortcuts: open.profiles
        .slice(0, 9)
        .map(({ id, name }, index) => ({ title: name, keys: `g ${index + 1}`, run: () => goTo(id) })),
    };
  }, [open, active, router, networks]);
  return (
    <ExtrasProvider value={extras}>
      <AppTree key={open.showing} router={router} nodeUrl={active.url} beginAnew={networks.showAnew} />
    </ExtrasProvider>
  );
}
