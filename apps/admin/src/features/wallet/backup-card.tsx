import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useState } from "react";
import { useBackup } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import classes from "./wallet.module.css";

const texts = allTexts.security;

/** Has the node write a copy of a wallet. */
export function BackupCard({ name: wallet }: { readonly name: string }): ReactElement {
  const [path, setPath] = useState("");
  const confirm = useConfirm();
  const backup = useBackup();
  const destination = path.trim();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (destination === "" || backup.isPending) return;
    const text = <code>{destination}</code>;
    if (!(await confirm({ title: texts.backupQuestion(wallet), text, confirmLabel: texts.backup }))) return;
    backup.mutate(
      { wallet, destination },
      {
        onSuccess: () => toast.good(texts.backupDone, { text: destination }),
        onError: (error) => toast.failure(texts.backupFailed, error),
      },
    );
  };
  return (
    <Card title={texts.backupTitle}>
      <form className={formClasses.form} onSubmit={(event) => void submit(event)}>
        <p className={formClasses.note}>{texts.backupText}</p>
        <Field
          label={texts.backupPath}
          hint={texts.backupHint}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <div className={formClasses.buttons}>
          <Button type="submit" variant="default" disabled={destination === ""} loading={backup.isPending}>
            {texts.backup}
          </Button>
          <Link to="/console" search={{ method: "listdescriptors", wallet }} className={classes.link}>
            {texts.descriptors}
          </Link>
        </div>
      </form>
    </Card>
  );
}
