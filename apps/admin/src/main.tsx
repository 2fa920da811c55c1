import { ApiProvider } from "@bitfleet/ui/api-provider.tsx";
import { ConfirmProvider } from "@bitfleet/ui/dialog/confirm.tsx";
import { keepPage } from "@bitfleet/ui/keep-page.ts";
import { KeysProvider } from "@bitfleet/ui/keys/keys-provider.tsx";
import { nodeAddress } from "@bitfleet/ui/node-address.ts";
import { PlaceLinks } from "@bitfleet/ui/places.tsx";
import { ThemeProvider } from "@bitfleet/ui/theme-provider.tsx";
import { UnitProvider } from "@bitfleet/ui/units.tsx";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createAppRouter } from "./app.tsx";
import { RoutedPlaceLink } from "./place-route.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

keepPage();
createRoot(root).render(
  <StrictMode>
    <ThemeProvider>
      <UnitProvider>
        <ApiProvider baseUrl={nodeAddress}>
          <KeysProvider>
            <ConfirmProvider>
              <PlaceLinks link={RoutedPlaceLink}>
                <RouterProvider router={createAppRouter()} />
              </PlaceLinks>
            </ConfirmProvider>
          </KeysProvider>
        </ApiProvider>
      </UnitProvider>
    </ThemeProvider>
  </StrictMode>,
);
