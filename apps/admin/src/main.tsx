import { ApiProvider } from "@bitfleet/ui/api-provider.tsx";
import { ThemeProvider } from "@bitfleet/ui/theme-provider.tsx";
import { UnitProvider } from "@bitfleet/ui/units.tsx";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createAppRouter } from "./app.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <UnitProvider>
        <ApiProvider>
          <RouterProvider router={createAppRouter()} />
        </ApiProvider>
      </UnitProvider>
    </ThemeProvider>
  </StrictMode>,
);
