import { ConnectionNotice, ConnectionPill } from "@bitfleet/ui/connection.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { usePageTitle } from "@bitfleet/ui/document-title.ts";
import { Brand, Frame } from "@bitfleet/ui/frame.tsx";
import { MenuIcon } from "@bitfleet/ui/icons.tsx";
import { ThemeToggle } from "@bitfleet/ui/theme-provider.tsx";
import { Toasts } from "@bitfleet/ui/toasts/toasts.tsx";
import { UnitToggle } from "@bitfleet/ui/units.tsx";
import { Outlet } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useCallback, useState } from "react";
import { BrandMark } from "./brand.tsx";
import classes from "./layout.module.css";
import { useShellExtras } from "./shell/extras.ts";
import { Navigation, usePageName } from "./shell/navigation.tsx";
import { Palette } from "./shell/palette.tsx";
import { SearchButton } from "./shell/search-button.tsx";
import { ShortcutsDialog } from "./shell/shortcuts-dialog.tsx";
import { ShowJsonProvider } from "./shell/show-json.ts";
import { shellTexts } from "./shell/texts.ts";
import { useShortcuts } from "./shell/use-shortcuts.ts";

type Opened = "palette" | "shortcuts" | "menu" | "json";

/** Loaded when it is first asked for. */
const PageAnswersView = lazy(async () => ({
  default: (await import("@bitfleet/ui/json/page-answers-view.tsx")).PageAnswersView,
}));

/** What stands around every page. */
export function Layout(): ReactElement {
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const showJson = useCallback(() => setOpened("json"), []);
  const { tools } = useShellExtras();
  const pageName = usePageName();
  const brand = <Brand mark={<BrandMark />} name="Bitfleet" label={shellTexts.brand} />;
  usePageTitle(pageName);
  useShortcuts({ onPalette: () => setOpened("palette"), onHelp: () => setOpened("shortcuts") });
  return (
    <ShowJsonProvider value={showJson}>
      <Frame
        rail="wide"
        width="wide"
        brand={brand}
        navigation={<Navigation onShortcuts={() => setOpened("shortcuts")} />}
        head={
          <>
            <button
              type="button"
              className={classes.menu}
              aria-label={shellTexts.openMenu}
              aria-haspopup="dialog"
              onClick={() => setOpened("menu")}
            >
              <MenuIcon size={20} />
            </button>
            <div className={classes.narrowBrand}>{brand}</div>
            <SearchButton onOpen={() => setOpened("palette")} />
          </>
        }
        tools={
          <>
            {tools}
            <ConnectionPill />
            <span className={classes.units}>
              <UnitToggle />
            </span>
            <ThemeToggle />
          </>
        }
        beside={
          <>
            <ConnectionNotice />
            <Dialog isOpen={opened === "menu"} onClose={close} title={shellTexts.menu} side="left">
              <Navigation onGo={close} onShortcuts={() => setOpened("shortcuts")} />
              <div className={classes.drawerUnits}>
                <UnitToggle />
              </div>
            </Dialog>
            <Palette isOpen={opened === "palette"} onClose={close} />
            <Dialog isOpen={opened === "json"} onClose={close} title={shellTexts.jsonOf(pageName)} size="large">
              <Suspense>
                <PageAnswersView fileName={`bitfleet-${pageName.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`} />
              </Suspense>
            </Dialog>
            <ShortcutsDialog isOpen={opened === "shortcuts"} onClose={close} />
            <Toasts />
          </>
        }
      >
        <Outlet />
      </Frame>
    </ShowJsonProvider>
  );
}
