import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useState, useSyncExternalStore } from "react";

export interface PartNumber {
  /** From 1 to the last. */
  readonly number: number;
  readonly isPlaying: boolean;
  /** Goes on by itself, or no more. */
  readonly play: (isPlaying: boolean) => void;
  /** One further, or back, and no more by itself. */
  readonly step: (by: 1 | -1) => void;
}

/**
 * Which part is shown: one after the other, the first again behind the last. It goes on by itself but where less motion is asked for, and only while somebody sees the
 * page.
 */
export function usePartNumber(lastNumber: number, intervalMs: number): PartNumber {
  const [number, setNumber] = useState(1);
  const [wish, setWish] = useState<boolean>();
  const isReduced = useReducedMotion(undefined, { getInitialValueInEffect: false });
  const isSeen = useSyncExternalStore(watchSight, () => document.visibilityState === "visible");
  const isPlaying = lastNumber > 1 && (wish ?? !isReduced);
  const isMoving = isPlaying && isSeen;
  const advance = (by: number) => setNumber((from) => ((from - 1 + by + lastNumber) % lastNumber) + 1);
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => setNumber((from) => (from % lastNumber) + 1), intervalMs);
    return () => clearInterval(timer);
  }, [isMoving, lastNumber, intervalMs]);
  return {
    number: Math.min(number, lastNumber),
    isPlaying,
    play: setWish,
    step: (by) => {
      setWish(false);
      advance(by);
    },
  };
}

function watchSight(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
