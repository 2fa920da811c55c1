import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { keepPage } from "@bitfleet/ui/keep-page.ts";
import { nodeAddress } from "@bitfleet/ui/node-address.ts";
import { ThemeProvider } from "@bitfleet/ui/theme-provider.tsx";
import { UnitProvider } from "@bitfleet/ui/units.tsx";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { createAppRouter } from "./app.tsx";
import { AppTree } from "./app-tree.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

/** Only windows of the desktop load it. */
const DesktopApp = lazy(async () => ({ default: (await import("./desktop/desktop-app.tsx")).DesktopApp }));

keepPage();
const router = createAppRouter();
createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <UnitProvider>
        {desktopSession() === undefined ? (
          <AppTree router={router} baseUrl={nodeAddress} />
        ) : (
          <Suspense>
            <DesktopApp router={router} />
          </Suspense>
        )}
      </UnitProvider>
    </ThemeProvider>
  </StrictMode>,
);
