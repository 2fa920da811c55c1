import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { useSession } from "../../session-provider.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.lock;

/** Another passphrase for this device, for who knows the one it has. */
export function PassphraseForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const session = useSession();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState({ value: "", isReady: false });
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (current === "" || !next.isReady) return;
    void task.run(async () => {
      await session.changePassphrase(current, next.value);
      toast.good(texts.changed, { text: texts.changedText });
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
      <NewPassphrase
        label={texts.next}
        lengthMin={PASSPHRASE_LENGTH_MIN}
        value={next.value}
        isTried={isTried}
        onChange={(value, isReady) => setNext({ value, isReady })}
      />
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
