import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PassphraseField } from "@bitfleet/ui/passphrase/passphrase-field.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import { ScanButton } from "../../scan/scan-button.tsx";
import { keyWanted } from "../../scan/wanted.ts";
import { useAccount } from "../../session-provider.tsx";
import classes from "./sweep.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.key;

interface KeyFormProps {
  /** Looks for what a key has; answers why there is nothing to sweep. The form is gone where there is. */
  readonly onLook: (text: string) => Promise<string | undefined>;
}

/** Takes a private key, typed, pasted or scanned. */
export function KeyForm({ onLook }: KeyFormProps): ReactElement {
  const account = useAccount();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const [outcome, setOutcome] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const enter = (entered: string) => {
    setText(entered);
    setProblem(undefined);
    setOutcome(undefined);
  };
  const look = async (key: string) => {
    if (isBusy) return;
    const wrong = account.keyProblem(key);
    setProblem(wrong);
    setOutcome(undefined);
    if (wrong !== undefined) return;
    setIsBusy(true);
    setOutcome(await onLook(key));
    setIsBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void look(text);
  };
  return (
    <Card title={texts.title} className={classes.card}>
      <form className={formClasses.form} noValidate onSubmit={submit} aria-label={texts.title} autoComplete="off">
        <PassphraseField
          label={texts.label}
          hint={texts.hint}
          problem={problem}
          value={text}
          autoComplete="off"
          isNoPassword
          isFirst
          onChange={enter}
        />
        <p className={formClasses.note}>{texts.kept}</p>
        {outcome !== undefined && (
          <Notice tone="warn" role="alert">
            {outcome}
          </Notice>
        )}
        <div className={formClasses.buttons}>
          <Button type="submit" loading={isBusy}>
            {texts.go}
          </Button>
          <ScanButton
            wanted={keyWanted((key) => account.keyProblem(key))}
            onTake={(key) => {
              enter(key);
              void look(key);
            }}
          />
        </div>
      </form>
    </Card>
  );
}
