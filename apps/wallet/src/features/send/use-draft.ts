import { useUnit } from "@bitfleet/ui/units.tsx";
import { useState } from "react";
import { type Draft, draftIn, emptyDraft } from "./draft.ts";

/** What was entered stays while other screens are looked at, as long as the page lives: an address is looked up, the network comes back. */
let kept: { readonly accountId: string; readonly draft: Draft } | undefined;

/** The payment that is being entered from an account, and how it is changed. */
export function useDraft(
  accountId: string,
): readonly [draft: Draft, change: (next: (draft: Draft) => Draft) => void, clear: () => void] {
  const unit = useUnit();
  const [draft, setDraft] = useState(() => (kept?.accountId === accountId ? kept.draft : emptyDraft(unit)));
  const change = (next: (draft: Draft) => Draft) =>
    setDraft((before) => {
      const after = next(draftIn(before, unit));
      kept = { accountId, draft: after };
      return after;
    });
  const clear = () => {
    kept = undefined;
    setDraft(emptyDraft(unit));
  };
  return [draftIn(draft, unit), change, clear];
}
