import { Card } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";
import { RestoreForm } from "../../backup/restore-form.tsx";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { texts as allTexts } from "./texts.ts";
import type { Setup } from "./use-setup.ts";

const texts = allTexts.backup;

export function BackupStep({ setup }: { readonly setup: Setup }): ReactElement {
  const session = useSession();
  return (
    <StepPage title={texts.title} about={texts.about} onBack={setup.back} isFurther>
      <Card>
        <RestoreForm
          onRestore={async (backup, backupPassphrase, passphrase) => {
            await session.restoreBackup(backup, backupPassphrase, passphrase);
            setup.finish();
          }}
        />
      </Card>
    </StepPage>
  );
}
