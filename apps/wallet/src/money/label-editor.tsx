import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { LABEL_LENGTH_MAX } from "../session/label-lines.ts";
import classes from "./money.module.css";
import { moneyTexts } from "./texts.ts";

const texts = moneyTexts.label;

interface LabelEditorProps {
  readonly label: string;
  /** Of what, for who hears the page: an address, a transaction. */
  readonly of: string;
  readonly onSave: (label: string) => Promise<void>;
}

/** A label that is changed by pressing it. */
export function LabelEditor({ label, of, onSave }: LabelEditorProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className={classes.labelButton}
        dir="auto"
        data-empty={label === ""}
        title={`${label === "" ? texts.add : texts.edit}: ${of}`}
        onClick={() => setIsOpen(true)}
      >
        {label === "" ? texts.add : label}
      </button>
      <Dialog isOpen={isOpen} onClose={() => setIsOpen(false)} title={texts.title} size="small">
        <LabelForm {...{ label, of, onSave }} onDone={() => setIsOpen(false)} />
      </Dialog>
    </>
  );
}

function LabelForm({ label: old, of, onSave, onDone }: LabelEditorProps & { readonly onDone: () => void }) {
  const [label, setLabel] = useState(old);
  const [isBusy, setIsBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setIsBusy(true);
    onSave(label.trim()).then(
      () => {
        toast.good(texts.saved);
        onDone();
      },
      (error: unknown) => {
        setIsBusy(false);
        toast.failure(texts.failed, error);
      },
    );
  };
  return (
    <form className={formClasses.form} onSubmit={submit}>
      <p className={formClasses.note}>
        <code>{of}</code>
      </p>
      <Field
        label={texts.field}
        hint={texts.hint}
        data-autofocus
        maxLength={LABEL_LENGTH_MAX}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <DialogButtons>
        <Button type="submit" loading={isBusy}>
          {texts.save}
        </Button>
      </DialogButtons>
    </form>
  );
}
