import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useNavigate } from "@tanstack/react-router";
import { useSession } from "../../session-provider.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.removal;

/** Removes all that is on this device, after it was typed that this is meant, and goes on with setting up. */
export function useRemoval(): () => Promise<void> {
  const session = useSession();
  const confirm = useConfirm();
  const navigate = useNavigate();
  return async () => {
    const { title, text, typed, go: confirmLabel } = texts;
    if (!(await confirm({ title, text, typed, confirmLabel, isDangerous: true }))) return;
    try {
      await session.destroy();
      await navigate({ to: "/setup", search: {}, replace: true });
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };
}
