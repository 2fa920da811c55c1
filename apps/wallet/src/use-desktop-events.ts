import { createDesktopClient, GONE } from "@bitfleet/ui/desktop/desktop-client.ts";
import { desktopSession } from "@bitfleet/ui/desktop/desktop-session.ts";
import { textsOf } from "@bitfleet/ui/texts.ts";
import { dismissToast, toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useEffect } from "react";
import { keepLink } from "./waiting-link.ts";

const texts = textsOf({
  en: { saved: "Saved", notSaved: "The file could not be saved", away: "The program is away" },
});

/** In the desktop: follows payment links that other programs open, and tells where files are and when the program behind the window is away. */
export function useDesktopEvents(): void {
  useEffect(() => {
    if (desktopSession() === undefined) return;
    let away: number | undefined;
    return createDesktopClient().listen((event) => {
      switch (event.kind) {
        case "deep-link":
          keepLink(event.uri);
          break;
        case "download":
          if (event.path === undefined) toast.bad(texts.notSaved, { text: event.error });
          else toast.good(texts.saved, { text: event.path });
          break;
        case "gone":
          away = toast.bad(texts.away, { text: GONE, lifeMs: 0 });
          break;
        case "back":
          if (away !== undefined) dismissToast(away);
          break;
        // Its networks are chosen in its own settings.
        case "network":
        case "focus":
          break;
      }
    });
  }, []);
}
