import { Card } from "@bitfleet/ui/card.tsx";
import { formatBytes, formatDateTime } from "@bitfleet/ui/format.ts";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useRef } from "react";
import type { Account } from "../../session/account.ts";
import { LABELS_BYTES_MAX } from "../../session/label-lines.ts";
import { useOpenState } from "../../session-provider.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.labels;

/** The labels of the account on screen for other wallets, and theirs for it. Nothing while there is no wallet. */
export function LabelsSettings(): ReactElement | null {
  const { account } = useOpenState();
  return account === undefined ? null : <Labels account={account} />;
}

function Labels({ account }: { readonly account: Account }): ReactElement {
  const file = useRef<HTMLInputElement>(null);
  const save = () => {
    const labels = account.labelsFile();
    if (labels === "") return toast.bad(texts.none);
    saveFile(texts.fileName(formatDateTime(Date.now() / 1000).slice(0, 10)), labels, "application/jsonl");
  };
  const take = async (chosen: File) => {
    try {
      if (chosen.size > LABELS_BYTES_MAX) throw new Error(texts.tooLong(formatBytes(LABELS_BYTES_MAX)));
      const { taken, passedOver } = await account.takeLabels(await chosen.text());
      toast.good(texts.taken(taken), passedOver === 0 ? {} : { text: texts.passedOver(passedOver) });
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };
  return (
    <Card title={texts.title}>
      <p className={classes.text}>{texts.text(`${account.wallet.name} · ${account.name}`)}</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={save}>
          {texts.save}
        </Button>
        <Button variant="default" onClick={() => file.current?.click()}>
          {texts.take}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={texts.take}
          accept=".jsonl,.json,.txt,application/jsonl,application/json,text/plain"
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            // The same file may be chosen again.
            event.target.value = "";
            if (chosen !== undefined) void take(chosen);
          }}
        />
      </div>
    </Card>
  );
}
