import { nameApp } from "@bitfleet/ui/document-title.ts";
import { keepPage } from "@bitfleet/ui/keep-page.ts";
import { ThemeProvider } from "@bitfleet/ui/theme-provider.tsx";
import { UnitProvider } from "@bitfleet/ui/units.tsx";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BASE, createAppRouter } from "./app.tsx";
import { pageSession } from "./session/page-session.ts";
import { SessionProvider } from "./session-provider.tsx";
import { shellTexts } from "./shell/texts.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

nameApp(shellTexts.app);
keepPage(BASE);
createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <UnitProvider>
        <SessionProvider session={pageSession()}>
          <RouterProvider router={createAppRouter()} />
        </SessionProvider>
      </UnitProvider>
    </ThemeProvider>
  </StrictMode>,
);
