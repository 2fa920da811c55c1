import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { saveFile } from "@bitfleet/ui/save-file.ts";
import { deriveKey } from "@bitfleet/vault/passphrase-key.ts";
import { readBackup } from "@bitfleet/vault/vault-backup.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { isPhraseKey } from "../../session/stored-wallets.ts";
import { useSession } from "../../session-provider.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./unlock.module.css";

const texts = allTexts.salvage;

interface Saved {
  readonly name: string;
  readonly recordCount: number;
  readonly walletCount: number;
  /** Wallets whose words are in it. */
  readonly phraseCount: number;
  readonly lost: string | undefined;
}

/** Saves what can still be read of a damaged vault as a backup, and says what is in it and what is not. */
export function SalvageForm(): ReactElement {
  const session = useSession();
  const [passphrase, setPassphrase] = useState("");
  const [isTried, setIsTried] = useState(false);
  const [saved, setSaved] = useState<Saved>();
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (passphrase === "") return;
    void task.run(async () => {
      setSaved(undefined);
      const { backup, lost } = await session.salvage(passphrase);
      // Read as a restore will: before something is removed it is sure that the file opens.
      const { records } = await readBackup(backup, passphrase, { deriveKey });
      const name = `bitfleet-wallet-${new Date().toISOString().slice(0, 10)}-salvaged.bitfleet-backup`;
      saveFile(name, Uint8Array.from(backup), "application/octet-stream");
      const keys = records.flatMap(({ collection, key }) => (collection === "wallets" ? [key] : []));
      const phraseCount = keys.filter(isPhraseKey).length;
      setSaved({ name, recordCount: records.length, walletCount: keys.length - phraseCount, phraseCount, lost });
    });
  };
  return (
    <Card title={texts.title}>
      <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
        <p className={classes.text}>{texts.text}</p>
        <PassphraseField
          label={texts.passphrase}
          autoComplete="current-password"
          value={passphrase}
          problem={isTried && passphrase === "" ? texts.missing : undefined}
          onChange={(value) => {
            setPassphrase(value);
            task.clear();
          }}
        />
        {task.problem !== undefined && (
          <Notice tone="bad" role="alert">
            {task.problem}
          </Notice>
        )}
        {saved !== undefined && (
          <Notice tone={saved.walletCount > 0 ? "good" : "warn"} role="status" title={texts.saved(saved.name)}>
            {texts.counts(saved.walletCount, saved.phraseCount, saved.recordCount)}{" "}
            {saved.lost === undefined ? texts.nothingLost : texts.lost(saved.lost)} {texts.next}
          </Notice>
        )}
        <div className={formClasses.buttons}>
          <Button type="submit" loading={task.isBusy}>
            {texts.go}
          </Button>
        </div>
      </form>
    </Card>
  );
}
