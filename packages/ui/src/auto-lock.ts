import { useEffect, useEffectEvent } from "react";
import { IdleTime } from "./idle-time.ts";

/** What somebody who is there does. */
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
/** The clocks are looked at so often: a timer alone would sleep as long as the machine does. */
const LOOK_MS = 5_000;

/** Calls `lock` when nobody has been at the page for so many minutes; 0 for never. */
export function useAutoLock(minutes: number, lock: () => void): void {
  const act = useEffectEvent(lock);
  useEffect(() => {
    if (minutes <= 0) return;
    const idle = new IdleTime({ nowMs: () => Date.now(), monotonicMs: () => performance.now() });
    const look = () => {
      if (idle.hasPassed(minutes)) act();
    };
    const note = () => {
      // Who comes back after the time finds it locked, and does not open it by coming.
      look();
      idle.begin();
    };
    const timer = setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
    for (const sign of SIGNS) window.addEventListener(sign, note, { capture: true, passive: true });
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      for (const sign of SIGNS) window.removeEventListener(sign, note, { capture: true });
    };
  }, [minutes]);
}
