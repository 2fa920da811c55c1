import { Choice } from "@bitfleet/ui/choice.tsx";
import { CopyButton } from "@bitfleet/ui/copy-button.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useId, useMemo, useState } from "react";
import { TextArea } from "../../money/text-area.tsx";
import type { AddressView, MessageFormat } from "../../session/account.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import classes from "./messages.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.sign;
/** Which address signs in which form besides that of BIP322, which any can. */
const OLDER_FORMATS: Readonly<Partial<Record<AddressView["type"], MessageFormat>>> = {
  legacy: "legacy",
  "p2sh-segwit": "bip137",
  bech32: "bip137",
};
/** Offered while an address is entered; any other of the account may be entered too. */
const OFFERED_COUNT = 200;
const MESSAGE_LENGTH_MAX = 10_000;

interface Signed {
  readonly address: string;
  readonly message: string;
  readonly format: MessageFormat;
  readonly signature: string;
}

/** Signs a text with the key of an address. */
export function SignForm(): ReactElement {
  const account = useAccount();
  const { settings } = useOpenState();
  const id = useId();
  const addresses = useMemo(() => account.addresses(), [account]);
  const [address, setAddress] = useState(
    () => (addresses.find(({ isUsed }) => isUsed) ?? account.freshAddress(settings.addressType)).address,
  );
  const [message, setMessage] = useState("");
  const [isOlder, setIsOlder] = useState(false);
  const [signed, setSigned] = useState<Signed>();
  const [problems, setProblems] = useState<{ readonly address?: string; readonly message?: string }>({});
  const [failure, setFailure] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const known = addresses.find((one) => one.address === address.trim());
  const older = known && OLDER_FORMATS[known.type];
  const format = isOlder && older !== undefined ? older : "bip322";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const from = address.trim();
    const isMine = account.isMine(from);
    setFailure(undefined);
    setProblems({ ...(!isMine && { address: texts.notMine }), ...(message === "" && { message: texts.noMessage }) });
    if (!isMine || message === "") return;
    setIsBusy(true);
    try {
      setSigned({ address: from, message, format, signature: await account.signMessage(from, message, format) });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  // What was signed is shown as long as it fits what stands there.
  const isShown = signed?.address === address.trim() && signed.message === message && signed.format === format;
  return (
    <form className={formClasses.form} noValidate onSubmit={(event) => void submit(event)}>
      <Field
        label={texts.address}
        hint={texts.addressHint}
        list={id}
        className={classes.address}
        value={address}
        problem={problems.address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <datalist id={id}>
        {addresses.slice(0, OFFERED_COUNT).map((one) => (
          <option key={one.address} value={one.address} label={one.label} />
        ))}
      </datalist>
      <TextArea
        label={texts.message}
        hint={texts.messageHint}
        maxLength={MESSAGE_LENGTH_MAX}
        value={message}
        problem={problems.message}
        onChange={(event) => setMessage(event.target.value)}
      />
      {older !== undefined && (
        <>
          <Choice
            label={texts.format}
            hasLabel
            options={(["bip322", older] as const).map((value) => ({ value, title: texts.formats[value] }))}
            value={format}
            onChoose={(chosen) => setIsOlder(chosen !== "bip322")}
          />
          <p className={formClasses.note}>{texts.formatHints[format]}</p>
        </>
      )}
      {failure !== undefined && (
        <p className={formClasses.problem} role="alert">
          {failure}
        </p>
      )}
      <div className={formClasses.buttons}>
        <Button type="submit" loading={isBusy}>
          {texts.go}
        </Button>
      </div>
      {isShown && (
        <div role="status" className={classes.signature}>
          <span>{texts.signature}</span>
          <code data-testid="signature">{signed.signature}</code>
          <CopyButton text={signed.signature} label={texts.copy} />
        </div>
      )}
    </form>
  );
}
