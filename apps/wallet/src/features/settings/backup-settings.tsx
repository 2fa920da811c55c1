import { Card } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { DownloadIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { ReplaceButton } from "../../backup/replace-button.tsx";
import { useOpenState } from "../../session-provider.tsx";
import { BackupForm } from "./backup-form.tsx";
import { KeepingNotice } from "./keeping-notice.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/** Everything as one encrypted file, and back. */
export function BackupSettings(): ReactElement {
  const { wallets } = useOpenState();
  const [isSaving, setIsSaving] = useState(false);
  const close = () => setIsSaving(false);
  return (
    <div id="backup" className={classes.anchor}>
      <Card title={texts.title}>
        <p className={classes.text}>{texts.text}</p>
        {wallets.some(({ shared }) => shared !== undefined) && <p className={classes.text}>{texts.shared}</p>}
        <KeepingNotice />
        <div className={classes.buttons}>
          <Button leftSection={<DownloadIcon />} onClick={() => setIsSaving(true)}>
            {texts.save}
          </Button>
          <ReplaceButton label={texts.restore} />
        </div>
        <Dialog isOpen={isSaving} onClose={close} title={texts.saveTitle} size="small">
          <BackupForm onDone={close} />
        </Dialog>
      </Card>
    </div>
  );
}
