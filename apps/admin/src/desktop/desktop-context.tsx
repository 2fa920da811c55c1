import type { DesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";
import { createContext, use, useSyncExternalStore } from "react";
import type { Networks } from "./networks.ts";
import type { NetworksState, OpenNetworks } from "./networks-state.ts";

/** The desktop, for what is below. */
export interface Desktop {
  readonly networks: Networks;
  readonly client: DesktopClient;
}

const DesktopContext = createContext<Desktop | undefined>(undefined);

export const DesktopProvider = DesktopContext.Provider;

export function useDesktop(): Desktop {
  const desktop = use(DesktopContext);
  if (desktop === undefined) throw new Error("outside of the desktop");
  return desktop;
}

export function useNetworksState(): NetworksState {
  const { networks } = useDesktop();
  return useSyncExternalStore(
    (listener) => networks.subscribe(listener),
    () => networks.state,
  );
}

/** While they are open; `undefined` once they were locked, until the screen is another one. */
export function useOpenNetworks(): OpenNetworks | undefined {
  const state = useNetworksState();
  return state.kind === "open" ? state : undefined;
}
