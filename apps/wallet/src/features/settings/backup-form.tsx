import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import type { ReactElement } from "react";
import { useSession } from "../../session-provider.tsx";
import { TwoPassphrasesForm } from "../../two-passphrases-form.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/**
 * Saves a backup. The passphrase of the device is asked for even where the file gets one of its own: who finds the page open must not carry
 * the keys away.
 */
export function BackupForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const session = useSession();
  return (
    <TwoPassphrasesForm
      current={{ label: texts.current, missing: texts.currentMissing, isFirst: true }}
      next={{ label: texts.own, same: texts.same }}
      go={texts.go}
      isInDialog
      onGo={async (current, next) => {
        if (!(await session.isPassphrase(current))) throw new Error(texts.wrong);
        const name = `bitfleet-wallet-${new Date().toISOString().slice(0, 10)}.bitfleet-backup`;
        const bytes = await session.backup(next);
        saveFile(name, Uint8Array.from(bytes), "application/octet-stream");
        toast.good(texts.saved, { text: texts.savedText(name), lifeMs: 15_000 });
        onDone();
        // Where that cannot be written it is told of once more.
        await session.dismissNotice("backup").catch(() => {});
      }}
    />
  );
}
