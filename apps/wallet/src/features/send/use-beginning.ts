import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import type { SendSearch } from "../../send-search.ts";
import { takeLink, useWaitingLink } from "../../waiting-link.ts";
import { type Draft, emptyDraft, withAddress } from "./draft.ts";

/**
 * Begins the payment that the address bar names, or a link that waited for the wallet: a payment link that was followed, a contact, coins that
 * were chosen. It is read once, and taken out of the address bar, so that going back or loading the page anew does not begin it again over what
 * was entered since. While a payment is on its way (`isHeld`) the next one waits.
 */
export function useBeginning(
  change: (next: (draft: Draft) => Draft) => void,
  { chain, isHeld }: { readonly chain: string; readonly isHeld: boolean },
): void {
  const { uri, to, coins } = useSearch({ strict: false }) as SendSearch;
  const navigate = useNavigate();
  const waiting = useWaitingLink();
  const begin = useEffectEvent((address: string | undefined, chosen: string | undefined) =>
    change((before) => {
      const fresh = address === undefined ? before : { ...emptyDraft(before.unit), fee: before.fee };
      const paying = address === undefined ? fresh : withAddress(fresh, 0, address, chain);
      return chosen === undefined ? paying : { ...paying, coins: chosen.split(",") };
    }),
  );
  useEffect(() => {
    if (isHeld || (uri === undefined && to === undefined && coins === undefined)) return;
    begin(uri ?? to, coins);
    void navigate({ to: "/send", search: {}, replace: true });
  }, [uri, to, coins, isHeld, navigate]);
  useEffect(() => {
    if (isHeld || waiting === undefined) return;
    const link = takeLink();
    if (link !== undefined) begin(link, undefined);
  }, [waiting, isHeld]);
}
