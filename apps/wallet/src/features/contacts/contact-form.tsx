import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import paymentClasses from "@bitfleet/ui/payment/payment-form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { ScanButton } from "../../scan/scan-button.tsx";
import { addressWanted } from "../../scan/wanted.ts";
import { useAccount, useChain, useOpenState, useSession } from "../../session-provider.tsx";
import { type ContactEntry, contactProblems, NAME_LENGTH_MAX, NOTE_LENGTH_MAX } from "./contact-problems.ts";
import classes from "./contacts.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.form;

/** A contact, new or changed. */
export function ContactForm({
  contact,
  onDone,
}: {
  readonly contact: ContactEntry;
  readonly onDone: () => void;
}): ReactElement {
  const session = useSession();
  const account = useAccount();
  const chain = useChain();
  const confirm = useConfirm();
  const { contacts } = useOpenState();
  const [entry, setEntry] = useState(contact);
  const [isTried, setIsTried] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const problems = contactProblems(entry, contacts, (address) => account.addressProblem(address));
  const enter = (fields: Partial<ContactEntry>) => setEntry((before) => ({ ...before, ...fields }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (isBusy || problems.name !== undefined || problems.address !== undefined) return;
    const { id } = entry;
    const fields = { name: entry.name.trim(), address: entry.address.trim(), note: entry.note.trim() };
    setIsBusy(true);
    session.saveContact({ ...fields, ...(id !== undefined && { id }) }).then(
      ({ name }) => {
        toast.good(texts.saved(name));
        onDone();
      },
      (error: unknown) => {
        setIsBusy(false);
        toast.failure(texts.failed, error);
      },
    );
  };
  const remove = async (id: string) => {
    const { name } = contact;
    const question = { title: texts.removeQuestion(name), text: texts.removeText, confirmLabel: texts.remove };
    if (!(await confirm({ ...question, isDangerous: true }))) return;
    try {
      await session.removeContact(id);
      toast.good(texts.removed(name));
      onDone();
    } catch (error) {
      toast.failure(texts.removeFailed, error);
    }
  };
  const { id } = contact;
  return (
    <form className={formClasses.form} noValidate onSubmit={submit}>
      <Field
        label={texts.name}
        required
        data-autofocus
        maxLength={NAME_LENGTH_MAX}
        value={entry.name}
        problem={isTried ? problems.name : undefined}
        onChange={(event) => enter({ name: event.target.value })}
      />
      <div className={paymentClasses.withButton}>
        <Field
          label={texts.address}
          hint={texts.addressHint}
          required
          className={classes.digits}
          value={entry.address}
          problem={
            isTried || (entry.address !== "" && entry.address !== contact.address) ? problems.address : undefined
          }
          onChange={(event) => enter({ address: event.target.value })}
        />
        <ScanButton
          wanted={addressWanted(chain, (address) => account.addressProblem(address))}
          onTake={(address) => enter({ address })}
        />
      </div>
      <Field
        label={texts.note}
        hint={texts.noteHint}
        maxLength={NOTE_LENGTH_MAX}
        value={entry.note}
        onChange={(event) => enter({ note: event.target.value })}
      />
      <DialogButtons>
        {id !== undefined && (
          <Button variant="default" onClick={() => void remove(id)}>
            {texts.remove}
          </Button>
        )}
        <Button type="submit" loading={isBusy}>
          {texts.save}
        </Button>
      </DialogButtons>
    </form>
  );
}
