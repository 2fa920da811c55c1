import formClasses from "@bitfleet/ui/form.module.css";
import { NewPassphrase } from "@bitfleet/ui/passphrase/new-passphrase.tsx";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { PASSPHRASE_LENGTH_MIN } from "@bitfleet/vault/vault.ts";
import { type FormEvent, type ReactElement, type ReactNode, useState } from "react";
import { TaskEnd } from "./task-end.tsx";
import { type Task, useTask } from "./use-task.ts";

interface TwoPassphrasesFormProps {
  readonly label?: string | undefined;
  /** Before the passphrases; what is changed there is to clear the task. `isTried`: what is missing is to be said. */
  readonly lead?: ((task: Task, isTried: boolean) => ReactNode) | undefined;
  /** Whether `lead` has what it asks for. */
  readonly isLeadComplete?: boolean;
  /** The one that something has already. */
  readonly current: {
    readonly label: string;
    readonly hint?: string | undefined;
    /** Where none was entered. */
    readonly missing: string;
    readonly isFirst?: boolean;
  };
  /** The one that something is to have. `same`: offers the first one for it. */
  readonly next: { readonly label: string; readonly same?: string | undefined };
  readonly go: string;
  readonly isInDialog?: boolean;
  readonly onGo: (current: string, next: string) => Promise<void>;
}

/** Asks for the passphrase that something has and for one that something gets, and does what takes both. */
export function TwoPassphrasesForm(props: TwoPassphrasesFormProps): ReactElement {
  const { label, lead, current, next, go, isInDialog = false, isLeadComplete = true, onGo } = props;
  const [given, setGiven] = useState("");
  const [isSame, setIsSame] = useState(next.same !== undefined);
  const [own, setOwn] = useState({ value: "", isReady: false });
  const [isTried, setIsTried] = useState(false);
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (!isLeadComplete || given === "" || (!isSame && !own.isReady)) return;
    void task.run(() => onGo(given, isSame ? given : own.value));
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate aria-label={label}>
      {lead?.(task, isTried)}
      <PassphraseField
        label={current.label}
        hint={current.hint}
        autoComplete="current-password"
        value={given}
        isFirst={current.isFirst ?? false}
        problem={isTried && given === "" ? current.missing : undefined}
        onChange={(value) => {
          setGiven(value);
          task.clear();
        }}
      />
      {next.same !== undefined && (
        <label className={formClasses.check}>
          <input type="checkbox" checked={isSame} onChange={(event) => setIsSame(event.target.checked)} />
          {next.same}
        </label>
      )}
      {!isSame && (
        <NewPassphrase
          label={next.label}
          lengthMin={PASSPHRASE_LENGTH_MIN}
          value={own.value}
          isTried={isTried}
          onChange={(value, isReadyNow) => setOwn({ value, isReady: isReadyNow })}
        />
      )}
      <TaskEnd task={task} go={go} isInDialog={isInDialog} />
    </form>
  );
}
