import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Dialog, DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { LockIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { useLock, useUnlock } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.unlock;

/** Locks a wallet, or unlocks it for some time; nothing where it has no passphrase. */
export function LockButton({ info }: { readonly info: WalletInfo }): ReactElement | null {
  const [isAsking, setIsAsking] = useState(false);
  const lock = useLock();
  if (!info.is_encrypted) return null;
  const lockNow = () =>
    lock.mutate(
      { wallet: info.name },
      {
        onSuccess: () => toast.good(allTexts.head.locked),
        onError: (error) => toast.failure(allTexts.head.lockFailed, error),
      },
    );
  return (
    <>
      <Button
        variant="default"
        leftSection={<LockIcon />}
        loading={lock.isPending}
        onClick={() => (info.is_locked ? setIsAsking(true) : lockNow())}
      >
        {info.is_locked ? allTexts.head.unlock : allTexts.head.lock}
      </Button>
      <Dialog isOpen={isAsking} onClose={() => setIsAsking(false)} title={texts.title} size="small">
        <UnlockForm name={info.name} onDone={() => setIsAsking(false)} />
      </Dialog>
    </>
  );
}

type Duration = keyof typeof texts.durations;

function UnlockForm({ name, onDone }: { readonly name: string; readonly onDone: () => void }): ReactElement {
  const [passphrase, setPassphrase] = useState("");
  const [seconds, setSeconds] = useState<Duration>("60");
  const unlock = useUnlock();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (passphrase === "" || unlock.isPending) return;
    unlock.mutate(
      { wallet: name, passphrase, seconds: Number(seconds) },
      {
        onSuccess: () => {
          toast.good(texts.done);
          onDone();
        },
      },
    );
  };
  return (
    <form className={formClasses.form} onSubmit={submit}>
      <Field
        label={texts.passphrase}
        type="password"
        data-autofocus
        value={passphrase}
        problem={unlock.error?.message}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      <Choice
        label={texts.seconds}
        hasLabel
        options={(Object.keys(texts.durations) as Duration[]).map((value) => ({
          value,
          title: texts.durations[value],
        }))}
        value={seconds}
        onChoose={setSeconds}
      />
      <DialogButtons>
        <Button type="submit" disabled={passphrase === ""} loading={unlock.isPending}>
          {texts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}
