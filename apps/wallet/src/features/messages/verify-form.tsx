import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { AlertIcon, CheckIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { TextArea } from "../../money/text-area.tsx";
import { useAccount } from "../../session-provider.tsx";
import classes from "./messages.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.verify;

/** Says whether a signature is of whoever has the keys of an address. */
export function VerifyForm(): ReactElement {
  const account = useAccount();
  const [entered, setEntered] = useState({ address: "", message: "", signature: "" });
  const [isTried, setIsTried] = useState(false);
  const [verdict, setVerdict] = useState<{ readonly isValid: boolean; readonly why: string }>();
  const enter = (fields: Partial<typeof entered>) => {
    setEntered((before) => ({ ...before, ...fields }));
    setVerdict(undefined);
  };
  const [address, signature] = [entered.address.trim(), entered.signature.replace(/\s+/g, "")];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (address !== "" && signature !== "") setVerdict(account.verifyMessage(address, entered.message, signature));
  };
  return (
    <form className={formClasses.form} noValidate onSubmit={submit}>
      <Field
        label={texts.address}
        className={classes.address}
        value={entered.address}
        problem={isTried && address === "" ? texts.noAddress : undefined}
        onChange={(event) => enter({ address: event.target.value })}
      />
      <TextArea
        label={texts.message}
        value={entered.message}
        onChange={(event) => enter({ message: event.target.value })}
      />
      <TextArea
        label={texts.signature}
        hint={texts.signatureHint}
        isMono
        rows={3}
        value={entered.signature}
        problem={isTried && signature === "" ? texts.noSignature : undefined}
        onChange={(event) => enter({ signature: event.target.value })}
      />
      <div className={formClasses.buttons}>
        <Button type="submit">{texts.go}</Button>
      </div>
      <div role="status" data-testid="verdict">
        {verdict !== undefined && (
          <p className={classes.verdict} data-valid={verdict.isValid}>
            {verdict.isValid ? <CheckIcon /> : <AlertIcon size={16} />}
            <span>
              <strong>{verdict.isValid ? texts.good : texts.bad}.</strong> {verdict.why}
            </span>
          </p>
        )}
      </div>
    </form>
  );
}
