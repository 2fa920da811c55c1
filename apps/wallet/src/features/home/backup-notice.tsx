import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useIsKept } from "../../backup/use-is-kept.ts";
import { Notice } from "../../notice.tsx";
import { useAccount, useOpenState, useSession } from "../../session-provider.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/**
 * Once there is something to lose: that the browser may throw away what it keeps, and what to do. Told until a backup was saved or restored, or
 * it was put away. Nothing is said of the words: they were entered or checked, each of them, before there was a wallet. Those of a shared wallet do not bring it back.
 */
export function BackupNotice(): ReactElement | null {
  const session = useSession();
  const { settings } = useOpenState();
  const { signs, balance, wallet } = useAccount();
  const isKept = useIsKept();
  if (isKept || !(signs || wallet.shared) || balance.total === 0n || settings.noticesSeen.includes("backup"))
    return null;
  const dismiss = () =>
    session.dismissNotice("backup").catch((error: unknown) => toast.failure(texts.notDismissed, error));
  return (
    <Notice
      tone="warn"
      role="status"
      title={texts.title}
      actions={
        <>
          <Button component={Link} to="/settings" hash="backup">
            {texts.go}
          </Button>
          <Button variant="default" onClick={() => void dismiss()}>
            {texts.dismiss}
          </Button>
        </>
      }
    >
      {wallet.shared === undefined ? texts.text : texts.shared}
    </Notice>
  );
}
