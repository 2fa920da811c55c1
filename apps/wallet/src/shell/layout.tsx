import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Brand, Frame } from "@bitfleet/ui/frame.tsx";
import { LockIcon } from "@bitfleet/ui/icons.tsx";
import { useShortcutKeys } from "@bitfleet/ui/shortcuts/use-shortcut-keys.ts";
import { ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { UnitToggle } from "@bitfleet/ui/units.tsx";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState } from "react";
import { BrandMark } from "../brand.tsx";
import { listedPages } from "../listed-pages.ts";
import { useOpenState, useSession } from "../session-provider.tsx";
import { useWaitingLink } from "../waiting-link.ts";
import { AccountSwitcher } from "./account-switcher.tsx";
import { BottomBar } from "./bottom-bar.tsx";
import { ConnectionPill } from "./connection.tsx";
import classes from "./layout.module.css";
import { Navigation, useCurrentPage } from "./navigation.tsx";
import { Palette } from "./palette.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { shellTexts } from "./texts.ts";
import { useFoundAccounts } from "./use-found-accounts.ts";
import { useFurtherSearch } from "./use-further-search.ts";

type Opened = "menu" | "shortcuts" | "palette";

/** What stands around every page of an open wallet. */
export function Layout(): ReactElement {
  const session = useSession();
  const [opened, setOpened] = useState<Opened>();
  const { account } = useOpenState();
  const isOfDevice = useCurrentPage()?.isOfDevice ?? false;
  useFoundAccounts();
  useFurtherSearch();
  const close = () => setOpened(undefined);
  const openShortcuts = () => setOpened("shortcuts");
  const openPalette = () => setOpened("palette");
  const navigate = useNavigate();
  const link = useWaitingLink();
  const isAtSend = useCurrentPage()?.route.fullPath === "/send";
  useEffect(() => {
    if (link === undefined || isAtSend) return;
    setOpened(undefined);
    void navigate({ to: "/send" });
  }, [link, isAtSend, navigate]);
  const ofPages = listedPages().flatMap(({ keys, route }) =>
    keys === undefined ? [] : [{ keys, run: () => void navigate({ to: route.fullPath as "/" }) }],
  );
  useShortcutKeys({
    onPalette: openPalette,
    onHelp: openShortcuts,
    sequences: [...ofPages, { keys: "g l", run: () => session.lock() }],
  });
  return (
    <Frame
      rail="narrow"
      width="narrow"
      brand={<Brand mark={<BrandMark size={28} />} name={shellTexts.name} label={shellTexts.brand} />}
      navigation={<Navigation onShortcuts={openShortcuts} onPalette={openPalette} />}
      head={<AccountSwitcher />}
      tools={
        <>
          <ConnectionPill />
          <span className={classes.units}>
            <UnitToggle />
          </span>
          <span className={classes.theme}>
            <ThemeToggle />
          </span>
          <button
            type="button"
            className={classes.lock}
            aria-label={shellTexts.lock}
            title={shellTexts.lockHint}
            onClick={() => session.lock()}
          >
            <LockIcon size={18} />
          </button>
        </>
      }
      beside={
        <>
          <BottomBar onMore={() => setOpened("menu")} />
          <Dialog isOpen={opened === "menu"} onClose={close} title={shellTexts.menu} side="left">
            <Navigation onGo={close} onShortcuts={openShortcuts} onPalette={openPalette} />
            <div className={classes.drawerTools}>
              <UnitToggle />
              <ThemeToggle />
            </div>
          </Dialog>
          <Palette isOpen={opened === "palette"} onClose={close} />
          <ShortcutsDialog isOpen={opened === "shortcuts"} onClose={close} />
        </>
      }
    >
      {(account !== undefined || isOfDevice) && <Outlet />}
    </Frame>
  );
}
