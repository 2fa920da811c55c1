import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { textsOf } from "@bitfleet/ui/texts.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import type { SavedNetwork } from "../session/records.ts";
import { useSession } from "../session-provider.tsx";

export const lookAnewTexts = textsOf({
  en: {
    label: "Look anew",
    labelOf: (network: string) => `Look anew on ${network}`,
    title: "Forget what is known of the chain, and look anew?",
    text: (network: string) =>
      `Histories and heights of all wallets of ${network} are forgotten, and looked up by what this server says. Keys, labels, contacts and frozen coins stay, and so do payments made here: they are sent again where the network does not have them. Do this with a server that you trust, your own at best; one that is only catching up needs nothing but time.`,
    failed: "It could not be looked anew",
  },
});

/** Asks, and lets the wallets of the active network look anew: what a server made up before is gone then. */
export function useLookAnew(): (network: SavedNetwork) => Promise<void> {
  const session = useSession();
  const confirm = useConfirm();
  return async ({ name }) => {
    const { label: confirmLabel, title, text, failed } = lookAnewTexts;
    if (!(await confirm({ title, text: text(name), confirmLabel, isDangerous: true }))) return;
    await session.lookAnew().catch((error: unknown) => toast.failure(failed, error));
  };
}
