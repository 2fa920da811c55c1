import { type ApiPlace, ApiProvider } from "@bitfleet/ui/api-provider.tsx";
import { ConfirmProvider } from "@bitfleet/ui/dialog/confirm.tsx";
import { KeysProvider } from "@bitfleet/ui/keys/keys-provider.tsx";
import { PlaceLinks } from "@bitfleet/ui/places.tsx";
import { RouterProvider } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { createAppRouter } from "./app.tsx";
import { RoutedPlaceLink } from "./place-route.tsx";

interface AppTreeProps extends ApiPlace {
  readonly router: ReturnType<typeof createAppRouter>;
}

/** The pages of one network, with all that they share. */
export function AppTree({ router, ...place }: AppTreeProps): ReactElement {
  return (
    <ApiProvider {...place}>
      <KeysProvider>
        <ConfirmProvider>
          <PlaceLinks link={RoutedPlaceLink}>
            <RouterProvider router={router} />
          </PlaceLinks>
        </ConfirmProvider>
      </KeysProvider>
    </ApiProvider>
  );
}
