import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { useSession } from "../../session-provider.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.backup;

/**
 * Saves a backup. The passphrase of the device is asked for even where the file gets one of its own: who finds the page open must not carry
 * the keys away.
 */
export function BackupForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const session = useSession();
  const [current, setCurrent] = useState("");
  const [isSame, setIsSame] = useState(true);
  const [own, setOwn] = useState({ value: "", isReady: false });
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (current === "" || (!isSame && !own.isReady)) return;
    void task.run(async () => {
      if (!(await session.isPassphrase(current))) throw new Error(texts.wrong);
      const name = `bitfleet-wallet-${new Date().toISOString().slice(0, 10)}.bitfleet-backup`;
      const bytes = await session.backup(isSame ? current : own.value);
      saveFile(name, Uint8Array.from(bytes), "application/octet-stream");
      toast.good(texts.saved, { text: texts.savedText(name), lifeMs: 15_000 });
      onDone();
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate>
      <PassphraseField
        label={texts.current}
        autoComplete="current-password"
        value={current}
        isFirst
        problem={isTried && current === "" ? texts.currentMissing : undefined}
        onChange={(value) => {
          setCurrent(value);
          task.clear();
        }}
      />
      <label className={formClasses.check}>
        <input type="checkbox" checked={isSame} onChange={(event) => setIsSame(event.target.checked)} />
        {texts.same}
      </label>
      {!isSame && (
        <NewPassphrase
          label={texts.own}
          lengthMin={PASSPHRASE_LENGTH_MIN}
          value={own.value}
          isTried={isTried}
          onChange={(value, isReady) => setOwn({ value, isReady })}
        />
      )}
      {task.problem !== undefined && (
        <Notice tone="bad" role="alert">
          {task.problem}
        </Notice>
      )}
      <DialogButtons>
        <Button type="submit" loading={task.isBusy}>
          {texts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}
