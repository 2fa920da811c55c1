import { Card } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useId, useState } from "react";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { PassphraseForm } from "./passphrase-form.tsx";
import classes from "./settings.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.lock;
/** Minutes; 0 for never. */
const AUTO_LOCKS = [1, 5, 10, 30, 60, 0] as const;

/** When it locks, and by what it is opened. */
export function LockSettings(): ReactElement {
  const session = useSession();
  const { settings } = useOpenState();
  const [isChanging, setIsChanging] = useState(false);
  const id = useId();
  const minutes = settings.autoLockMinutes;
  const choices: readonly number[] = AUTO_LOCKS.some((one) => one === minutes) ? AUTO_LOCKS : [minutes, ...AUTO_LOCKS];
  const choose = (autoLockMinutes: number) =>
    session.changeSettings({ autoLockMinutes }).catch((error: unknown) => toast.failure(texts.failed, error));
  return (
    <Card title={texts.title}>
      <div className={`${formClasses.select} ${classes.select}`}>
        <label htmlFor={id}>{texts.auto}</label>
        <select id={id} value={minutes} onChange={(event) => void choose(Number(event.target.value))}>
          {choices.map((one) => (
            <option key={one} value={one}>
              {one === 0 ? texts.never : texts.minutes(one)}
            </option>
          ))}
        </select>
      </div>
      <p className={classes.hint}>{minutes === 0 ? texts.neverHint : texts.autoHint}</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => setIsChanging(true)}>
          {texts.change}
        </Button>
        <Button variant="default" onClick={() => session.lock()}>
          {texts.now}
        </Button>
      </div>
      <Dialog isOpen={isChanging} onClose={() => setIsChanging(false)} title={texts.change} size="small">
        <PassphraseForm onDone={() => setIsChanging(false)} />
      </Dialog>
    </Card>
  );
}
