import { Amount } from "@bitfleet/ui/amount.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { AtIcon, TrashIcon } from "@bitfleet/ui/icons.tsx";
import paymentClasses from "@bitfleet/ui/payment/payment-form.module.css";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { ScanButton } from "../../scan/scan-button.tsx";
import { paymentWanted } from "../../scan/wanted.ts";
import { LABEL_LENGTH_MAX } from "../../session/label-lines.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import type { Draft, EntryProblems, RecipientEntry } from "./draft.ts";
import classes from "./send.module.css";
import { texts } from "./texts.ts";

interface RecipientFieldsProps {
  readonly draft: Draft;
  /** Of the account's network, as the protocol calls it. */
  readonly chain: string;
  readonly entry: RecipientEntry;
  /** What is wrong, where that is to be said. */
  readonly problems: EntryProblems | undefined;
  readonly onAddress: (text: string) => void;
  readonly onChange: (fields: Partial<RecipientEntry>) => void;
  readonly onRest: (takesRest: boolean) => void;
  readonly onRemove: () => void;
  readonly onContacts: () => void;
}

/** Who is paid, how much, and what for. */
export function RecipientFields(props: RecipientFieldsProps): ReactElement {
  const { draft, chain, entry, problems, onAddress, onChange, onRest, onRemove, onContacts } = props;
  const { recipients, restTo, unit } = draft;
  const account = useAccount();
  const place = recipients.indexOf(entry) + 1;
  const isOne = recipients.length === 1;
  const takesRest = restTo === entry.id;
  return (
    <fieldset className={paymentClasses.recipient} data-several={!isOne}>
      {!isOne && (
        <legend>
          {texts.recipient(place)}
          <button
            type="button"
            className={`${iconButton.button} ${paymentClasses.remove}`}
            aria-label={texts.removeRecipient(place)}
            title={texts.removeRecipient(place)}
            onClick={onRemove}
          >
            <TrashIcon />
          </button>
        </legend>
      )}
      <div className={paymentClasses.withButton}>
        <Field
          label={texts.address}
          hint={useAddressHint(entry)}
          required
          className={paymentClasses.address}
          value={entry.address}
          problem={entry.problem ?? problems?.address}
          onChange={(event) => onAddress(event.target.value)}
        />
        <div className={paymentClasses.beside}>
          <Button variant="default" leftSection={<AtIcon size={15} />} onClick={onContacts}>
            {texts.contacts.open}
          </Button>
          <ScanButton wanted={paymentWanted(chain, (address) => account.addressProblem(address))} onTake={onAddress} />
        </div>
      </div>
      <div className={formClasses.pair}>
        <div>
          <div className={paymentClasses.withButton}>
            <Field
              label={texts.amount(unit)}
              hint={takesRest ? texts.allHint : undefined}
              inputMode="decimal"
              required
              disabled={takesRest}
              value={takesRest ? "" : entry.amount}
              problem={takesRest ? undefined : problems?.amount}
              onChange={(event) => onChange({ amount: event.target.value })}
            />
            <Button variant="default" aria-pressed={takesRest} onClick={() => onRest(!takesRest)}>
              {takesRest ? texts.notAll : texts.all}
            </Button>
          </div>
          {place === 1 && <Available coins={draft.coins} />}
        </div>
        <Field
          label={texts.label}
          hint={texts.labelHint}
          maxLength={LABEL_LENGTH_MAX}
          value={entry.label}
          onChange={(event) => onChange({ label: event.target.value })}
        />
      </div>
    </fieldset>
  );
}

/** Whose address it is, where that is known. */
function useAddressHint({ address: entered, note }: RecipientEntry): string {
  const account = useAccount();
  const { contacts } = useOpenState();
  const address = entered.trim();
  if (note !== undefined) return note;
  if (address === "") return texts.addressHint;
  const contact = contacts.find((one) => one.address === address);
  if (contact !== undefined) return texts.contact(contact.name);
  return account.isMine(address) ? texts.own : texts.addressHint;
}

function Available({ coins }: { readonly coins: readonly string[] }): ReactElement {
  const account = useAccount();
  const sats =
    coins.length === 0
      ? account.balance.spendable
      : account
          .coins()
          .filter(({ outPoint }) => coins.includes(outPoint))
          .reduce((sum, { value }) => sum + value, 0n);
  return (
    <p className={classes.available}>
      {coins.length === 0 ? texts.available : texts.availableChosen} <Amount sats={sats} />
    </p>
  );
}
