import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import type { SendSearch } from "../../send-search.ts";
import { type Draft, emptyDraft, withAddress } from "./draft.ts";

/**
 * Begins the payment that the address bar names: a payment link that was followed, a contact, coins that were chosen. It is read once and then
 * taken out of the address bar, so that going back or loading the page anew does not begin it again over what was entered since.
 */
export function useBeginning(change: (next: (draft: Draft) => Draft) => void, chain: string): void {
  const { uri, to, coins } = useSearch({ strict: false }) as SendSearch;
  const navigate = useNavigate();
  const begin = useEffectEvent((address: string | undefined, chosen: string | undefined) => {
    change((before) => {
      const fresh = address === undefined ? before : { ...emptyDraft(before.unit), fee: before.fee };
      const paying = address === undefined ? fresh : withAddress(fresh, 0, address, chain);
      return chosen === undefined ? paying : { ...paying, coins: chosen.split(",") };
    });
    void navigate({ to: "/send", search: {}, replace: true });
  });
  useEffect(() => {
    if (uri !== undefined || to !== undefined || coins !== undefined) begin(uri ?? to, coins);
  }, [uri, to, coins]);
}
