import { useEffect } from "react";
import { useSession } from "./session-provider.tsx";

/** As often is enough: the auto-lock counts minutes. */
const TOUCH_INTERVAL_MS = 5_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Tells the session that somebody is there, so that it does not lock under their hands. */
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
    for (const sign of SIGNS) document.addEventListener(sign, touch, { passive: true, capture: true });
    return () => {
      for (const sign of SIGNS) document.removeEventListener(sign, touch, { capture: true });
    };
  }, [session]);
}
