import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { useDesktop } from "./desktop-context.tsx";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.backup;

/** Saves everything that is kept on this device as one encrypted file. Who finds the window open must not carry it away: the passphrase is asked for. */
export function BackupForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { networks } = useDesktop();
  const [passphrase, setPassphrase] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (passphrase === "" || isBusy) return;
    setIsBusy(true);
    try {
      const bytes = await networks.backup(passphrase);
      const name = `bitfleet-${new Date().toISOString().slice(0, 10)}.bitfleet-backup`;
      saveFile(name, Uint8Array.from(bytes), "application/octet-stream");
      toast.good(texts.saved, { text: texts.savedText });
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setPassphrase("");
      setIsBusy(false);
    }
  };
  return (
    <form className={formClasses.form} aria-label={texts.save} onSubmit={(event) => void submit(event)} noValidate>
      <p className={formClasses.note}>{texts.text}</p>
      <PassphraseField
        label={texts.current}
        autoComplete="current-password"
        isFirst
        value={passphrase}
        problem={passphrase === "" ? problem : undefined}
        onChange={setPassphrase}
      />
      <DialogButtons>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" loading={isBusy}>
          {texts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}
