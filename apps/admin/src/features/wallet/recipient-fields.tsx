import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import iconButton from "@bitfleet/ui/icon-button.module.css";
import { TrashIcon } from "@bitfleet/ui/icons.tsx";
import { amountEntry } from "@bitfleet/ui/payment/entries.ts";
import classes from "@bitfleet/ui/payment/payment-form.module.css";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import type { RecipientEntry, Recipients } from "./payment-form.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.send;

interface RecipientFieldsProps {
  readonly recipients: Recipients;
  readonly entry: RecipientEntry;
  /** It was to be looked at: what is wrong is said. */
  readonly isTried: boolean;
  /** Satoshis that can be spent; `undefined` while that is not known. */
  readonly available: number | undefined;
}

/** Who is paid, how much, and what for. */
export function RecipientFields({ recipients, entry, isTried, available }: RecipientFieldsProps): ReactElement {
  const unit = useUnit();
  const { entries, change } = recipients;
  const { id } = entry;
  const place = entries.indexOf(entry);
  const isOne = entries.length === 1;
  const takesRest = recipients.takesRest(entry);
  const problems = recipients.problemsOf(entry);
  const rest = Math.max(0, (available ?? 0) - recipients.sats);
  return (
    <fieldset className={classes.recipient} data-several={!isOne}>
      {!isOne && (
        <legend>
          {texts.recipient(place + 1)}
          <button
            type="button"
            className={`${iconButton.button} ${classes.remove}`}
            aria-label={texts.removeRecipient(place + 1)}
            title={texts.removeRecipient(place + 1)}
            onClick={() => recipients.remove(id)}
          >
            <TrashIcon />
          </button>
        </legend>
      )}
      <Field
        label={texts.address}
        hint={entry.note ?? texts.addressHint}
        required
        className={classes.address}
        value={entry.address}
        problem={entry.problem ?? (isTried ? problems.address : undefined)}
        onChange={(event) => recipients.enterAddress(id, event.target.value)}
      />
      <div className={formClasses.pair}>
        <div className={place === 0 ? classes.withButton : undefined}>
          <Field
            label={texts.amount(unit)}
            hint={takesRest ? texts.restHint : undefined}
            inputMode="decimal"
            required
            disabled={takesRest}
            value={takesRest ? amountEntry(BigInt(rest), unit) : entry.amount}
            problem={isTried && !takesRest ? problems.amount : undefined}
            onChange={(event) => change(id, { amount: event.target.value })}
          />
          {place === 0 && (
            <Button
              variant="default"
              aria-pressed={takesRest}
              disabled={!takesRest && (available === undefined || available === 0)}
              onClick={() => recipients.takeAll(!takesRest)}
            >
              {takesRest ? texts.notAll : texts.all}
            </Button>
          )}
        </div>
        <Field
          label={texts.label}
          hint={texts.labelHint}
          maxLength={200}
          value={entry.label}
          onChange={(event) => change(id, { label: event.target.value })}
        />
      </div>
    </fieldset>
  );
}
