import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { DownloadIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { deriveKey } from "@bitfleet/vault/passphrase-key.ts";
import { readBackup } from "@bitfleet/vault/vault-backup.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { RestoreForm } from "../../backup/restore-form.tsx";
import { useSession } from "../../session-provider.tsx";
import { BackupForm } from "./backup-form.tsx";
import { KeepingNotice } from "./keeping-notice.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/** Everything as one encrypted file, and back. */
export function BackupSettings(): ReactElement {
  const [opened, setOpened] = useState<"save" | "restore">();
  const close = () => setOpened(undefined);
  const replace = useReplacement();
  return (
    <Card title={texts.title}>
      <p className={classes.text}>{texts.text}</p>
      <KeepingNotice />
      <div className={classes.buttons}>
        <Button leftSection={<DownloadIcon />} onClick={() => setOpened("save")}>
          {texts.save}
        </Button>
        <Button variant="default" onClick={() => setOpened("restore")}>
          {texts.restore}
        </Button>
      </div>
      <Dialog isOpen={opened === "save"} onClose={close} title={texts.saveTitle} size="small">
        <BackupForm onDone={close} />
      </Dialog>
      <Dialog isOpen={opened === "restore"} onClose={close} title={texts.restoreTitle}>
        <p className={classes.text}>{texts.restoreText}</p>
        <RestoreForm onRestore={replace} />
      </Dialog>
    </Card>
  );
}

/** Puts a backup in the place of all that is here: once it was read, so that a wrong file or passphrase costs nothing. */
function useReplacement() {
  const session = useSession();
  const confirm = useConfirm();
  const navigate = useNavigate();
  return async (backup: Uint8Array, backupPassphrase: string, passphrase: string) => {
    await readBackup(backup, backupPassphrase, { deriveKey });
    const isMeant = await confirm({
      title: texts.restoreAsk,
      text: texts.restoreAskText,
      typed: texts.restoreTyped,
      confirmLabel: texts.restoreGo,
      isDangerous: true,
    });
    if (!isMeant) return;
    await session.destroy();
    // This form is gone with what was here: what fails from now on is told beside the page.
    try {
      await session.restoreBackup(backup, backupPassphrase, passphrase);
      await navigate({ to: "/" });
    } catch (error) {
      toast.failure(texts.restoreFailed, error);
    }
  };
}
