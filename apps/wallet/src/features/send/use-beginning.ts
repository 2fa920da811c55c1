import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import type { SendSearch } from "../../send-search.ts";
import { keepLink, takeLink, useWaitingLink } from "../../waiting-link.ts";
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
  const takeAddressBar = useEffectEvent(() => {
    // One that waits as the page opens came later than the page's own, while the wallet was locked.
    if (uri !== undefined && (isHeld || waiting === undefined)) keepLink(uri);
    if (to !== undefined || coins !== undefined) begin(to, coins);
    void navigate({ to: "/send", search: {}, replace: true });
  });
  useEffect(() => {
    if (uri !== undefined || to !== undefined || coins !== undefined) takeAddressBar();
  }, [uri, to, coins]);
  useEffect(() => {
    if (isHeld || waiting === undefined) return;
    const link = takeLink();
    if (link !== undefined) begin(link, undefined);
  }, [waiting, isHeld]);
}
