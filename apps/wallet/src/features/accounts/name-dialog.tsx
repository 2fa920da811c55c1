import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { type FormEvent, type ReactElement, useState } from "react";
import { TaskEnd } from "../../task-end.tsx";
import { useTask } from "../../use-task.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.name;
export const NAME_LENGTH_MAX = 60;

interface NameDialogProps {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly begin: string;
  readonly saveLabel: string;
  /** Names that are others'. */
  readonly taken: readonly string[];
  readonly onSave: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for a name. */
export function NameDialog(props: NameDialogProps): ReactElement {
  return (
    <Dialog isOpen onClose={props.onClose} title={props.title} size="small">
      <NameForm {...props} />
    </Dialog>
  );
}

function NameForm({ hint, begin, saveLabel, taken, onSave, onClose }: NameDialogProps): ReactElement {
  const [name, setName] = useState(begin);
  const [problem, setProblem] = useState<string>();
  const task = useTask();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === "") return setProblem(texts.missing);
    if (taken.includes(wanted)) return setProblem(texts.taken);
    void task.run(async () => {
      if (wanted !== begin || saveLabel !== texts.save) await onSave(wanted);
      onClose();
    });
  };
  return (
    <form className={formClasses.form} onSubmit={submit} noValidate>
      <Field
        label={texts.label}
        hint={hint}
        maxLength={NAME_LENGTH_MAX}
        value={name}
        problem={problem}
        data-autofocus
        onChange={(event) => {
          setName(event.target.value);
          setProblem(undefined);
        }}
      />
      <TaskEnd task={task} go={saveLabel} isInDialog />
    </form>
  );
}
