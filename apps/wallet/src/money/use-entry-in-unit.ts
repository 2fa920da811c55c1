import { amountEntryIn } from "@bitfleet/ui/payment/entries.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { useState } from "react";

/** An amount as it is entered, which stays the same amount when the reader chooses the other unit. */
export function useEntryInUnit(first: string): readonly [entry: string, set: (entry: string) => void] {
  const unit = useUnit();
  const [entered, setEntered] = useState({ text: first, unit });
  return [amountEntryIn(entered.text, entered.unit, unit), (text) => setEntered({ text, unit })];
}
