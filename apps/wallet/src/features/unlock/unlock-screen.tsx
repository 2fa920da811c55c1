import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { wasLoadedAnew } from "@bitfleet/ui/loaded-anew.ts";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { ReplaceButton } from "../../backup/replace-button.tsx";
import { backupTexts } from "../../backup/texts.ts";
import { Notice } from "../../notice.tsx";
import type { SessionState } from "../../session/session.ts";
import { useSession } from "../../session-provider.tsx";
import { StepPage } from "../../step-page.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./unlock.module.css";
import { useRemoval } from "./use-removal.ts";
import { useSecondsUntil } from "./use-seconds-until.ts";

const texts = allTexts;

interface UnlockScreenProps {
  readonly state: SessionState & { readonly kind: "locked" };
  /** The page has not had it open yet. */
  readonly isFirstLook: boolean;
}

/** What is seen while the vault is locked: nothing of what is in it. */
export function UnlockScreen({ state, isFirstLook }: UnlockScreenProps): ReactElement {
  const [isForgotten, setIsForgotten] = useState(false);
  if (isForgotten) return <ForgottenScreen onBack={() => setIsForgotten(false)} />;
  return (
    <StepPage title={texts.title} about={texts.about} size="small">
      {state.news !== undefined && <Notice tone="plain">{state.news}</Notice>}
      <Card>
        {isFirstLook && wasLoadedAnew() && <p className={classes.why}>{texts.lockedByReload}</p>}
        <UnlockForm state={state} />
      </Card>
      <button type="button" className={classes.link} onClick={() => setIsForgotten(true)}>
        {texts.forgotten.open}
      </button>
    </StepPage>
  );
}

function UnlockForm({ state }: { readonly state: SessionState & { readonly kind: "locked" } }): ReactElement {
  const session = useSession();
  const [passphrase, setPassphrase] = useState("");
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const secondsLeft = useSecondsUntil(state.waitUntilMs);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (passphrase === "" || secondsLeft > 0) return;
    void task.run(async () => {
      try {
        await session.unlock(passphrase);
      } catch (error) {
        setPassphrase("");
        setIsTried(false);
        throw error;
      }
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate aria-label={texts.title}>
      <PassphraseField
        label={texts.passphrase}
        autoComplete="current-password"
        value={passphrase}
        isFirst
        problem={isTried && passphrase === "" ? texts.missing : undefined}
        onChange={setPassphrase}
      />
      {task.problem !== undefined && (
        <Notice tone="bad" role="alert">
          {task.problem} {state.failures > 0 && texts.failures(state.failures)}
        </Notice>
      )}
      <div className={formClasses.buttons}>
        <Button type="submit" fullWidth loading={task.isBusy} disabled={secondsLeft > 0}>
          {texts.go}
        </Button>
      </div>
      <p className={classes.wait} role="status" data-testid="unlock-wait">
        {secondsLeft > 0 && texts.wait(secondsLeft)}
      </p>
    </form>
  );
}

function ForgottenScreen({ onBack }: { readonly onBack: () => void }): ReactElement {
  const remove = useRemoval();
  const { title, text, loss, remove: removeLabel } = texts.forgotten;
  return (
    <StepPage title={title} size="small" onBack={onBack} isFurther>
      <Card>
        <div className={formClasses.form}>
          <p className={classes.text}>{text}</p>
          <Notice tone="warn">{loss}</Notice>
          <div className={formClasses.buttons}>
            <ReplaceButton label={backupTexts.inItsPlace} />
            <Button variant="default" className={classes.danger ?? ""} onClick={() => void remove()}>
              {removeLabel}
            </Button>
          </div>
        </div>
      </Card>
    </StepPage>
  );
}
