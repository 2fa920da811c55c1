import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { useSession } from "../../session-provider.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.remove;

/** The way to a device on which nothing is left. */
export function RemoveSettings(): ReactElement {
  const session = useSession();
  const confirm = useConfirm();
  const remove = async () => {
    const isMeant = await confirm({
      title: texts.ask,
      text: texts.askText,
      typed: texts.typed,
      confirmLabel: texts.confirm,
      isDangerous: true,
    });
    if (isMeant) await session.destroy().catch((error: unknown) => toast.failure(texts.failed, error));
  };
  return (
    <Card title={texts.title}>
      <p className={classes.text}>{texts.text}</p>
      <div className={classes.buttons}>
        <Button variant="default" className={classes.danger ?? ""} onClick={() => void remove()}>
          {texts.go}
        </Button>
      </div>
    </Card>
  );
}
