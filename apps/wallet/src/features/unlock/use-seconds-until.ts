import { useEffect, useState } from "react";

const TICK_MS = 250;

/** Whole seconds that are left until a time; 0 when it has come. They run on though the clock is set back meanwhile. */
export function useSecondsUntil(untilMs: number): number {
  const [left, setLeft] = useState(() => secondsOf(untilMs - Date.now()));
  useEffect(() => {
    const endMs = performance.now() + untilMs - Date.now();
    const tell = () => setLeft(secondsOf(endMs - performance.now()));
    tell();
    if (untilMs <= Date.now()) return;
    const timer = setInterval(() => {
      tell();
      if (performance.now() >= endMs) clearInterval(timer);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [untilMs]);
  return left;
}

const secondsOf = (milliseconds: number) => Math.max(0, Math.ceil(milliseconds / 1000));
