import { useState } from "react";

/** The highest that the value has been since the page was opened: what once had its place keeps it, so that nothing goes back and forth. */
export function useHighest(value: number): number {
  const [highest, setHighest] = useState(value);
  if (value > highest) setHighest(value);
  return Math.max(value, highest);
}
