import { useEffect } from "react";
import { useSession } from "./session-provider.tsx";

/** As often is enough: the auto-lock counts minutes. */
const TOUCH_INTERVAL_MS = 5_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/**
 * Tells the session that somebody is there, so that it does not lock under their hands. Who comes back too late is told of too: the session locks
 * then, since browsers hold timers back in pages that nobody sees, and while a computer sleeps.
 */
export function usePresence(): void {
  const session = useSession();
  useEffect(() => {
    let lastMs = 0;
    const touch = () => {
      const now = Date.now();
      // A clock that was set back must not silence it.
      if (Math.abs(now - lastMs) < TOUCH_INTERVAL_MS) return;
      lastMs = now;
      session.touch();
    };
    const look = () => document.visibilityState === "visible" && touch();
    for (const sign of SIGNS) document.addEventListener(sign, touch, { passive: true, capture: true });
    document.addEventListener("visibilitychange", look);
    return () => {
      for (const sign of SIGNS) document.removeEventListener(sign, touch, { capture: true });
      document.removeEventListener("visibilitychange", look);
    };
  }, [session]);
}
