import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useState } from "react";
import { BackupCard } from "./backup-card.tsx";
import { passphraseProblem } from "./entries.ts";
import { useChangePassphrase, useEncrypt, useUnloadWallet } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import { WatchCard } from "./watch-card.tsx";

const texts = allTexts.security;

/** The passphrase of a wallet, and closing it. */
export function SecurityPanel({ info }: { readonly info: WalletInfo }): ReactElement {
  return (
    <div className={formClasses.columns}>
      {info.has_private_keys ? <PassphraseCard info={info} /> : <WatchCard name={info.name} />}
      <div className={formClasses.parts}>
        <BackupCard name={info.name} />
        <UnloadCard name={info.name} />
      </div>
    </div>
  );
}

/** Sets a passphrase, or changes the one that there is. */
function PassphraseCard({ info: { name: wallet, is_encrypted } }: { readonly info: WalletInfo }): ReactElement {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const encrypt = useEncrypt();
  const change = useChangePassphrase();
  const problem = passphraseProblem(next, again);
  const isReady = next !== "" && problem === undefined && (!is_encrypted || old !== "");
  const error = encrypt.error ?? change.error;
  const done = (text: string) => {
    for (const clear of [setOld, setNext, setAgain]) clear("");
    toast.good(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReady || encrypt.isPending || change.isPending) return;
    if (is_encrypted) {
      const fields = { wallet, old_passphrase: old, new_passphrase: next };
      change.mutate(fields, { onSuccess: () => done(texts.changed) });
    } else {
      encrypt.mutate({ wallet, passphrase: next }, { onSuccess: () => done(texts.encrypted) });
    }
  };
  return (
    <Card title={is_encrypted ? texts.changeTitle : texts.encryptTitle}>
      <form className={formClasses.form} onSubmit={submit}>
        {!is_encrypted && <p className={formClasses.note}>{texts.encryptText}</p>}
        {is_encrypted && (
          <Field label={texts.old} type="password" value={old} onChange={(event) => setOld(event.target.value)} />
        )}
        <Field
          label={texts.next}
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <Field
          label={texts.again}
          type="password"
          autoComplete="new-password"
          value={again}
          problem={again === "" ? undefined : problem}
          onChange={(event) => setAgain(event.target.value)}
        />
        {error !== null && (
          <p className={formClasses.problem} role="alert">
            {error.message}
          </p>
        )}
        <div className={formClasses.buttons}>
          <Button type="submit" disabled={!isReady} loading={encrypt.isPending || change.isPending}>
            {is_encrypted ? texts.change : texts.encrypt}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function UnloadCard({ name }: { readonly name: string }): ReactElement {
  const confirm = useConfirm();
  const unload = useUnloadWallet();
  const navigate = useNavigate();
  const go = async () => {
    const question = { title: texts.unloadQuestion(name), text: texts.unloadText, confirmLabel: texts.unload };
    if (!(await confirm(question))) return;
    unload.mutate(
      { name },
      {
        onSuccess: () => {
          toast.good(texts.unloaded(name));
          void navigate({ to: "/wallet" });
        },
        onError: (error) => toast.failure(texts.unloadFailed(name), error),
      },
    );
  };
  return (
    <Card title={texts.unloadTitle}>
      <p className={formClasses.note}>{texts.unloadText}</p>
      <div className={formClasses.buttons}>
        <Button variant="default" loading={unload.isPending} onClick={() => void go()}>
          {texts.unload}
        </Button>
      </div>
    </Card>
  );
}
