import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { FoundFurther } from "../session/session.ts";
import { useOpenState } from "../session-provider.tsx";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.searched;

/** Tells once that a search behind longer gaps is done, where the page that shows it is not open. */
export function useFurtherSearch(): void {
  const { furtherSearch, wallets } = useOpenState();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const told = useRef<FoundFurther>(undefined);
  const found = furtherSearch?.found;
  useEffect(() => {
    if (found === undefined || told.current === found) return;
    told.current = found;
    if (pathname === "/wallets") return;
    const wallet = wallets.find(({ id }) => id === furtherSearch?.walletId);
    const isNothing = found.transactions === 0 && found.accounts === 0;
    const action = { label: texts.look, run: () => void navigate({ to: "/wallets" }) };
    const title = furtherSearch?.isStopped ? texts.stopped : texts.title;
    toast[isNothing ? "plain" : "good"](title(wallet?.name ?? ""), {
      text: isNothing ? texts.nothing : texts.found(found.transactions),
      action,
      lifeMs: 0,
    });
  }, [found, furtherSearch, wallets, pathname, navigate]);
}
