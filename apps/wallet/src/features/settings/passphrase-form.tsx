import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import type { ReactElement } from "react";
import { useSession } from "../../session-provider.tsx";
import { TwoPassphrasesForm } from "../../two-passphrases-form.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.lock;

/** Another passphrase for this device, for who knows the one it has. */
export function PassphraseForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const session = useSession();
  return (
    <TwoPassphrasesForm
      current={{ label: texts.current, missing: texts.currentMissing, isFirst: true }}
      next={{ label: texts.next }}
      go={texts.go}
      isInDialog
      onGo={async (current, next) => {
        await session.changePassphrase(current, next);
        toast.good(texts.changed, { text: texts.changedText });
        onDone();
      }}
    />
  );
}
