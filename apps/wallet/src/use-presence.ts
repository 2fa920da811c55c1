import { useEffect } from "react";
import { useOpenState, useSession } from "./session-provider.tsx";

/** As often is enough: the auto-lock counts minutes. */
const TOUCH_INTERVAL_MS = 5_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/**
 * Tells the session that somebody is there, so that it does not lock under their hands. Browsers hold timers back in pages that nobody sees and
 * while a computer sleeps: so whoever comes back later than the auto-lock allows finds it locked, and not opened for longer by coming.
 */
export function usePresence(): void {
  const session = useSession();
  const { autoLockMinutes } = useOpenState().settings;
  useEffect(() => {
    let lastSignMs = Date.now();
    let lastTouchMs = 0;
    const isOverdue = () => autoLockMinutes > 0 && Date.now() - lastSignMs >= autoLockMinutes * 60_000;
    const look = () => isOverdue() && session.lock();
    const sign = () => {
      if (isOverdue()) return session.lock();
      const now = Date.now();
      lastSignMs = now;
      // A clock that was set back must not silence it.
      if (Math.abs(now - lastTouchMs) < TOUCH_INTERVAL_MS) return;
      lastTouchMs = now;
      session.touch();
    };
    for (const name of SIGNS) document.addEventListener(name, sign, { passive: true, capture: true });
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      for (const name of SIGNS) document.removeEventListener(name, sign, { capture: true });
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [session, autoLockMinutes]);
}
