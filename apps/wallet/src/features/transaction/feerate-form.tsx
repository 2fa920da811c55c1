import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatFeerate } from "@bitfleet/ui/format.ts";
import { readFeerate } from "@bitfleet/ui/payment/entries.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, type ReactNode, useState } from "react";
import moneyClasses from "../../money/money.module.css";
import { passOn } from "../../money/pass-on.ts";
import { PaymentDialog } from "../../money/payment-dialog.tsx";
import { moneyTexts } from "../../money/texts.ts";
import { toldPayment } from "../../money/told-payment.ts";
import { useFeeChoices } from "../../money/use-fee-choices.ts";
import type { Account, Prepared, PreparedPayment, TransactionDetail, Watch } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { suggestedFeerate } from "./suggested-feerate.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.speed;

/** What another transaction is made for, and how it is spoken of. */
export interface FeerateWish {
  readonly form: string;
  readonly about: string;
  /** Above the feerate. */
  readonly rate: string;
  /** On the button that leads to the preview. */
  readonly look: string;
  readonly icon?: ReactNode;
  /** Above the preview, and on its button where the account signs. */
  readonly title: string;
  readonly go: string;
  readonly made: string;
  /** Whether it takes the place of the transaction. */
  readonly replaces: boolean;
  readonly prepare: (account: Account, txid: string, feerateSatPerKvb: bigint) => Promise<Prepared>;
}

interface FeerateFormProps {
  readonly transaction: TransactionDetail;
  readonly wish: FeerateWish;
}

/** Asks for a feerate, shows what is made with it, and sends it when the reader agrees. */
export function FeerateForm({ transaction, wish }: FeerateFormProps): ReactElement {
  const account = useAccount();
  const navigate = useNavigate();
  const { choices } = useFeeChoices(account);
  const [entered, setEntered] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const [prepared, setPrepared] = useState<PreparedPayment>();
  const { txid, feerateSatPerKvb: now } = transaction;
  const value = entered ?? suggestedFeerate(now, choices?.fast.feerateSatPerKvb);
  const nowText = now === undefined ? undefined : formatFeerate(Number(now) / 1000);

  const prepare = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const read = readFeerate(value.trim());
    if ("problem" in read) return setProblem(read.problem);
    const feerate = BigInt(read.satsPerKvb);
    if (now !== undefined && feerate <= now) return setProblem(texts.atLeast(nowText ?? ""));
    setProblem(undefined);
    setIsBusy(true);
    try {
      const made = await wish.prepare(account, txid, feerate);
      if ("error" in made) setProblem(made.error);
      else setPrepared(made);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  const confirm = async (payment: PreparedPayment, watch: Watch) => {
    if (!account.signs) {
      await passOn(account, payment, watch);
      return navigate({ to: "/psbt" });
    }
    const made = await toldPayment(account.confirm(payment, watch), wish.made);
    setPrepared(undefined);
    await navigate({ to: "/tx/$txid", params: { txid: made } });
  };
  return (
    <>
      <form className={formClasses.form} aria-label={wish.form} noValidate onSubmit={(event) => void prepare(event)}>
        <p className={formClasses.note}>
          {nowText !== undefined && texts.now(nowText)} {wish.about}
        </p>
        <Field
          label={wish.rate}
          className={moneyClasses.own}
          inputMode="decimal"
          value={value}
          problem={problem}
          onChange={(event) => {
            setProblem(undefined);
            setEntered(event.target.value);
          }}
        />
        <div className={formClasses.buttons}>
          <Button type="submit" variant="default" leftSection={wish.icon} loading={isBusy}>
            {wish.look}
          </Button>
        </div>
      </form>
      <PaymentDialog
        title={wish.title}
        prepared={prepared}
        before={wish.replaces ? transaction : undefined}
        confirmLabel={account.signs ? wish.go : account.signsInPart ? moneyTexts.preview.sign : texts.psbtGo}
        onConfirm={confirm}
        onClose={() => setPrepared(undefined)}
      />
    </>
  );
}
