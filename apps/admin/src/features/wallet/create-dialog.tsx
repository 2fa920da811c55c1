import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useState } from "react";
import { passphraseProblem } from "./entries.ts";
import { useCreateWallet } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.create;

/** Makes a wallet and leads to it. */
export function CreateDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={texts.title} isModalOnly>
      <CreateForm onClose={onClose} />
    </Dialog>
  );
}

function CreateForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [isWatching, setIsWatching] = useState(false);
  const [avoidsReuse, setAvoidsReuse] = useState(false);
  const create = useCreateWallet();
  const navigate = useNavigate();
  const problem = isWatching ? undefined : passphraseProblem(passphrase, again);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "" || problem !== undefined || create.isPending) return;
    const made = await create
      .mutateAsync({
        name: name.trim(),
        ...(passphrase !== "" && !isWatching && { passphrase }),
        ...(isWatching && { watch_only: true }),
        ...(avoidsReuse && { avoid_reuse: true }),
      })
      .catch(() => undefined);
    if (made === undefined) return;
    onClose();
    toast.good(texts.made(made.name), { text: made.warnings.join(" ") || texts.backup });
    void navigate({ to: "/wallet/$name", params: { name: made.name } });
  };
  return (
    <form className={formClasses.form} onSubmit={(event) => void submit(event)}>
      <Field
        label={texts.name}
        data-autofocus
        required
        maxLength={100}
        value={name}
        problem={create.error?.message}
        onChange={(event) => setName(event.target.value)}
      />
      {!isWatching && (
        <div className={formClasses.pair}>
          <Field
            label={texts.passphrase}
            hint={texts.passphraseHint}
            type="password"
            autoComplete="new-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <Field
            label={texts.again}
            type="password"
            autoComplete="new-password"
            disabled={passphrase === ""}
            value={again}
            problem={again === "" ? undefined : problem}
            onChange={(event) => setAgain(event.target.value)}
          />
        </div>
      )}
      <label className={formClasses.check}>
        <input type="checkbox" checked={isWatching} onChange={(event) => setIsWatching(event.target.checked)} />
        {texts.watchOnly}
      </label>
      <label className={formClasses.check}>
        <input type="checkbox" checked={avoidsReuse} onChange={(event) => setAvoidsReuse(event.target.checked)} />
        {texts.avoidReuse}
      </label>
      <DialogButtons>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button type="submit" disabled={name.trim() === "" || problem !== undefined} loading={create.isPending}>
          {texts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}
