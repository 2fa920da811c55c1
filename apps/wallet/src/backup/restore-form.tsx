import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../notice.tsx";
import { useTask } from "../use-task.ts";
import { BackupFileField, type ChosenFile } from "./backup-file-field.tsx";
import { backupTexts as texts } from "./texts.ts";

interface RestoreFormProps {
  /** Does it, with everything that stands here already gone or asked for before. */
  readonly onRestore: (backup: Uint8Array, backupPassphrase: string, passphrase: string) => Promise<void>;
}

/** A backup file, its passphrase, and the one that this device is to have. */
export function RestoreForm({ onRestore }: RestoreFormProps): ReactElement {
  const [file, setFile] = useState<ChosenFile>();
  const [fileProblem, setFileProblem] = useState<string>();
  const [backupPassphrase, setBackupPassphrase] = useState("");
  const [isSame, setIsSame] = useState(true);
  const [own, setOwn] = useState({ value: "", isReady: false });
  const [isTried, setIsTried] = useState(false);
  const task = useTask();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (file === undefined) return setFileProblem(texts.missingFile);
    if (backupPassphrase === "" || (!isSame && !own.isReady)) return;
    void task.run(() => onRestore(file.bytes, backupPassphrase, isSame ? backupPassphrase : own.value));
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.restore}>
      <BackupFileField
        file={file}
        problem={fileProblem}
        onChoose={(chosen) => {
          setFile(chosen);
          setFileProblem(undefined);
          task.clear();
        }}
        onProblem={setFileProblem}
      />
      <PassphraseField
        label={texts.passphrase}
        hint={texts.passphraseHint}
        autoComplete="current-password"
        value={backupPassphrase}
        problem={isTried && backupPassphrase === "" ? texts.missingPassphrase : undefined}
        onChange={(value) => {
          setBackupPassphrase(value);
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
      <div className={formClasses.buttons}>
        <Button type="submit" loading={task.isBusy}>
          {texts.restore}
        </Button>
      </div>
    </form>
  );
}
