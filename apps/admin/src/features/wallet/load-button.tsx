import { ApiError } from "@bitfleet/api/errors.ts";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { useLoadWallet } from "./queries.ts";
import { texts } from "./texts.ts";

/** Loads a wallet; asks for its passphrase where the whole file is under one. */
export function LoadButton({ name }: { readonly name: string }): ReactElement {
  const load = useLoadWallet();
  const [passphrase, setPassphrase] = useState<string>();
  const attempt = async () => {
    try {
      const given = passphrase !== undefined && passphrase !== "";
      const { warnings } = await load.mutateAsync({ name, ...(given && { passphrase }) });
      setPassphrase(undefined);
      toast.good(texts.list.loaded(name), { text: warnings.join(" ") || undefined });
    } catch (error) {
      if (passphrase === undefined && error instanceof ApiError && /passphrase/i.test(error.message)) setPassphrase("");
      else if (passphrase === undefined) toast.failure(texts.list.loadFailed(name), error);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt();
  };
  return (
    <>
      <Button variant="default" loading={load.isPending} onClick={() => void attempt()}>
        {texts.list.load}
      </Button>
      <Dialog
        isOpen={passphrase !== undefined}
        onClose={() => setPassphrase(undefined)}
        title={texts.list.loadTitle(name)}
        size="small"
      >
        <form className={formClasses.form} onSubmit={submit}>
          <Field
            label={texts.unlock.passphrase}
            type="password"
            data-autofocus
            value={passphrase ?? ""}
            problem={load.error?.message}
            onChange={(event) => setPassphrase(event.target.value)}
          />
          <DialogButtons>
            <Button type="submit" disabled={passphrase === ""} loading={load.isPending}>
              {texts.list.load}
            </Button>
          </DialogButtons>
        </form>
      </Dialog>
    </>
  );
}
