import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { BackupForm } from "./backup-form.tsx";
import { useDesktop } from "./desktop-context.tsx";
import type { OpenNetworks } from "./networks-state.ts";
import type { Profile } from "./profile.ts";
import { desktopTexts } from "./texts.ts";

const texts = desktopTexts.settings;
/** To choose from; 0 for never. */
const AUTO_LOCK_MINUTES = [5, 15, 30, 60, 240, 0];

interface DesktopSettingsProps {
  readonly open: OpenNetworks;
  readonly active: Profile;
  readonly onManage: () => void;
}

/** What the settings have in a window of the desktop: which network it shows, and how it is locked. */
export function DesktopSettings({ open, active, onManage }: DesktopSettingsProps): ReactElement {
  return (
    <>
      <Card title={texts.networks}>
        <p className={formClasses.note}>
          {texts.networksText(active.name)} <code>{active.url}</code>
        </p>
        <div className={formClasses.buttons}>
          <Button variant="default" onClick={onManage}>
            {texts.manage}
          </Button>
        </div>
      </Card>
      <Card title={texts.lockTitle}>
        {open.isRemembered ? <Lock open={open} /> : <p className={formClasses.note}>{texts.forgotten}</p>}
      </Card>
    </>
  );
}

function Lock({ open }: { readonly open: OpenNetworks }): ReactElement {
  const { networks } = useDesktop();
  const [opened, setOpened] = useState<"change" | "backup">();
  const close = () => setOpened(undefined);
  const minutes = [...new Set([...AUTO_LOCK_MINUTES.slice(0, -1), open.autoLockMinutes, 0])];
  return (
    <>
      <p className={formClasses.note}>{texts.lockText}</p>
      <Choice
        label={texts.autoLock}
        hasLabel
        options={minutes.map((count) => ({ value: String(count), title: texts.minutes(count) }))}
        value={String(open.autoLockMinutes)}
        onChoose={(value) =>
          void networks
            .setAutoLock(Number(value))
            .catch((error: unknown) => toast.failure(desktopTexts.list.failed, error))
        }
      />
      <div className={formClasses.buttons}>
        <Button variant="default" onClick={() => void networks.lock()}>
          {texts.lockNow}
        </Button>
        <Button variant="default" onClick={() => setOpened("change")}>
          {texts.change}
        </Button>
        <Button variant="default" onClick={() => setOpened("backup")}>
          {desktopTexts.backup.save}
        </Button>
      </div>
      <Dialog isOpen={opened === "change"} onClose={close} title={texts.change} size="small" isModalOnly>
        <ChangeForm onClose={close} />
      </Dialog>
      <Dialog isOpen={opened === "backup"} onClose={close} title={desktopTexts.backup.save} size="small" isModalOnly>
        <BackupForm onClose={close} />
      </Dialog>
    </>
  );
}

function ChangeForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { networks } = useDesktop();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isReady, setIsReady] = useState(false);
  const [isTried, setIsTried] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (!isReady || isBusy || current === "") return;
    setIsBusy(true);
    try {
      await networks.changePassphrase(current, next);
      toast.good(texts.changed);
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setIsBusy(false);
    }
  };
  return (
    <form className={formClasses.form} aria-label={texts.change} onSubmit={(event) => void submit(event)} noValidate>
      <PassphraseField
        label={texts.current}
        autoComplete="current-password"
        isFirst
        value={current}
        problem={problem}
        onChange={(value) => {
          setCurrent(value);
          setProblem(undefined);
        }}
      />
      <NewPassphrase
        label={texts.next}
        lengthMin={PASSPHRASE_LENGTH_MIN}
        value={next}
        isTried={isTried}
        onChange={(value, ready) => {
          setNext(value);
          setIsReady(ready);
        }}
      />
      <DialogButtons>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" loading={isBusy}>
          {texts.save}
        </Button>
      </DialogButtons>
    </form>
  );
}
