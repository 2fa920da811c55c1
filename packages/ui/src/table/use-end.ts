import { useEffect, useEffectEvent } from "react";

/** Calls `onEnd` when the last of `count` rows is among those that are made, and again for each count that this holds of. */
export function useEnd(
  lastIndex: number | undefined,
  count: number | undefined,
  onEnd: (() => void) | undefined,
): void {
  const isAtEnd = lastIndex !== undefined && count !== undefined && lastIndex >= count - 1;
  const tell = useEffectEvent(() => onEnd?.());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer list whose end is in view has to grow again
  useEffect(() => {
    if (isAtEnd) tell();
  }, [isAtEnd, count]);
}
