import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { UploadIcon } from "@bitfleet/ui/icons.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { deriveKey } from "@bitfleet/vault/passphrase-key.ts";
import { readBackup } from "@bitfleet/vault/vault-backup.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useRef, useState } from "react";
import { useDesktop } from "./desktop-context.tsx";
import classes from "./networks.module.css";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.backup;

interface RestoreFormProps {
  /** Something is there already, whose place it takes. */
  readonly isReplacing?: boolean;
}

/** Takes everything from a backup, of this app or of the wallet's: it opens with its passphrase, and so does this device from then on. */
export function RestoreForm({ isReplacing = false }: RestoreFormProps): ReactElement {
  const { networks } = useDesktop();
  const confirm = useConfirm();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [passphrase, setPassphrase] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    if (file === undefined) return setProblem(texts.noFile);
    setIsBusy(true);
    setProblem(undefined);
    try {
      const backup = new Uint8Array(await file.arrayBuffer());
      if (!isReplacing) return await networks.restore(backup, passphrase);
      // Read before anything is asked: a wrong file or passphrase costs nothing.
      const { madeAt } = await readBackup(backup, passphrase, { deriveKey });
      const { replaceTitle: title, replaceTyped: typed, replaceGo: confirmLabel } = texts;
      const text = texts.replaceText(madeAt.toLocaleString());
      if (await confirm({ title, text, typed, confirmLabel, isDangerous: true })) {
        await networks.replace(backup, passphrase);
      } else setIsBusy(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsBusy(false);
    }
  };
  return (
    <form
      className={formClasses.form}
      aria-label={isReplacing ? texts.inItsPlace : texts.restore}
      onSubmit={(event) => void submit(event)}
      noValidate
    >
      <input
        ref={input}
        type="file"
        className={classes.hidden}
        aria-label={texts.choose}
        tabIndex={-1}
        onChange={({ target }) => {
          setFile(target.files?.[0]);
          setProblem(undefined);
        }}
      />
      <Button variant="default" leftSection={<UploadIcon />} onClick={() => input.current?.click()}>
        {file?.name ?? texts.choose}
      </Button>
      <PassphraseField
        label={texts.ofBackup}
        hint={texts.ofBackupHint}
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      {problem !== undefined && (
        <p className={formClasses.problem} role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" loading={isBusy}>
        {texts.restoreGo}
      </Button>
    </form>
  );
}
