import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import type { TransactionDetail } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.abandon;

/** Gives up a payment that is nowhere but here. */
export function AbandonCard({ transaction: { txid } }: { readonly transaction: TransactionDetail }): ReactElement {
  const account = useAccount();
  const confirm = useConfirm();
  const [isBusy, setIsBusy] = useState(false);
  const go = async () => {
    const question = { title: texts.question, text: texts.warning, confirmLabel: texts.go, isDangerous: true };
    if (!(await confirm(question))) return;
    setIsBusy(true);
    try {
      await account.abandon(txid);
      toast.good(texts.done);
    } catch (error) {
      toast.failure(texts.failed, error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Card title={texts.title}>
      <p className={formClasses.note}>{texts.text}</p>
      <div className={formClasses.buttons}>
        <Button variant="default" loading={isBusy} onClick={() => void go()}>
          {texts.go}
        </Button>
      </div>
    </Card>
  );
}
