import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useNavigate } from "@tanstack/react-router";
import { useSession } from "../session-provider.tsx";
import { backupTexts as texts } from "./texts.ts";

/**
 * Puts a backup in the place of all that is here: it is read before anything is asked, so that a wrong file or passphrase costs nothing, and
 * where it fails all is as before.
 */
export function useReplacement(): (backup: Uint8Array, backupPassphrase: string, passphrase: string) => Promise<void> {
  const session = useSession();
  const confirm = useConfirm();
  const navigate = useNavigate();
  return async (backup, backupPassphrase, passphrase) => {
    const { madeAt, wallets } = await session.readBackup(backup, backupPassphrase);
    const isMeant = await confirm({
      title: texts.replaceAsk,
      text: texts.replaceText(madeAt.toLocaleString(), wallets),
      typed: texts.replaceTyped,
      confirmLabel: texts.replaceGo,
      isDangerous: true,
    });
    if (!isMeant) return;
    await session.replaceBackup(backup, backupPassphrase, passphrase);
    toast.good(texts.replaced);
    await navigate({ to: "/" });
  };
}
