import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useEffect, useRef } from "react";
import { useOpenState, useSession } from "../session-provider.tsx";
import { shellTexts } from "./texts.ts";

const texts = shellTexts.found;

/** Tells once of each account of a restored phrase that was found in the chain. */
export function useFoundAccounts(): void {
  const session = useSession();
  const { found, wallets } = useOpenState();
  const told = useRef(0);
  useEffect(() => {
    for (const id of found.slice(told.current)) {
      const wallet = wallets.find(({ accounts }) => accounts.some((one) => one.id === id));
      const account = wallet?.accounts.find((one) => one.id === id);
      if (wallet === undefined || account === undefined) continue;
      const run = () => void session.activateAccount(id).catch((error) => toast.failure(texts.failed, error));
      const action = { label: texts.show, run };
      toast.plain(texts.title(account.name), { text: texts.text(wallet.name), action, lifeMs: 0 });
    }
    told.current = found.length;
  }, [found, wallets, session]);
}
