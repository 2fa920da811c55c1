import { createDesktopClient } from "@bitfleet/ui/desktop/desktop-client.ts";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { useEffect, useState } from "react";
import { networkTexts } from "../../networks/texts.ts";
import type { NetworkPlace } from "../../session/session.ts";

export type NamedPlace = NetworkPlace & { readonly name: string };

const OWN: NamedPlace = { url: "", name: networkTexts.thisServer };
const LOCAL_URL = "http://127.0.0.1:8080";

/**
 * The server that is offered first: where the page came from; in the desktop, whose process is none, the one that the program was started with, or
 * one on this computer. `undefined` until that is known.
 */
export function useFirstPlace(): NamedPlace | undefined {
  const [place, setPlace] = useState(desktopSession() === undefined ? OWN : undefined);
  useEffect(() => {
    if (desktopSession() === undefined) return;
    let isWanted = true;
    const take = (url = LOCAL_URL) => isWanted && setPlace({ url, name: nameOf(url) });
    createDesktopClient()
      .target()
      .then(take, () => take());
    return () => {
      isWanted = false;
    };
  }, []);
  return place;
}

function nameOf(url: string): string {
  const { hostname, host } = new URL(url);
  return /^(localhost|127\.|\[::1\])/.test(hostname) ? networkTexts.onThisComputer : host;
}
