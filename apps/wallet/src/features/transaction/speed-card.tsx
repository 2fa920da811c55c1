import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatFeerate } from "@bitfleet/ui/format.ts";
import { RocketIcon } from "@bitfleet/ui/icons.tsx";
import { readFeerate } from "@bitfleet/ui/payment/entries.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useState } from "react";
import moneyClasses from "../../money/money.module.css";
import { PaymentDialog } from "../../money/payment-dialog.tsx";
import { keepPsbt } from "../../money/psbt-desk.ts";
import { toldPayment } from "../../money/told-payment.ts";
import { useFeeChoices } from "../../money/use-fee-choices.ts";
import type { PreparedPayment, TransactionDetail } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { suggestedFeerate } from "./suggested-feerate.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.speed;

const WAYS = ["bump", "child"] as const;
type Way = (typeof WAYS)[number];

/** How a transaction that waits is brought into a block: by paying more for it, or by a child that pays for it. Nothing where neither is possible. */
export function SpeedCard({ transaction }: { readonly transaction: TransactionDetail }): ReactElement | null {
  const { canBump, canPullUp } = transaction;
  // To replace costs less than to add another one, where both are possible.
  const [way, setWay] = useState<Way>("bump");
  if (!canBump && !canPullUp) return null;
  const shown = !canBump ? "child" : canPullUp ? way : "bump";
  return (
    <Card title={texts.title}>
      {canBump && canPullUp && (
        <Choice
          label={texts.way}
          options={WAYS.map((value) => ({ value, title: texts.ways[value] }))}
          value={way}
          onChoose={setWay}
        />
      )}
      <SpeedForm key={shown} transaction={transaction} isChild={shown === "child"} />
    </Card>
  );
}

interface SpeedFormProps {
  readonly transaction: TransactionDetail;
  readonly isChild: boolean;
}

function SpeedForm({ transaction, isChild }: SpeedFormProps): ReactElement {
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
      const made = await (isChild ? account.prepareChild(txid, feerate) : account.prepareBump(txid, feerate));
      if ("error" in made) setProblem(made.error);
      else setPrepared(made);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setIsBusy(false);
    }
  };
  const confirm = async (payment: PreparedPayment) => {
    if (!account.signs) {
      keepPsbt(account.id, await account.toPsbt(payment));
      return navigate({ to: "/psbt" });
    }
    const made = await toldPayment(account.confirm(payment), isChild ? texts.childMade : texts.bumped);
    setPrepared(undefined);
    await navigate({ to: "/tx/$txid", params: { txid: made } });
  };
  return (
    <>
      <form className={formClasses.form} aria-label={texts.title} noValidate onSubmit={(event) => void prepare(event)}>
        <p className={formClasses.note}>
          {nowText !== undefined && texts.now(nowText)}{" "}
          {isChild ? texts.child : account.signs ? texts.bump : texts.bumpWatch}
        </p>
        <Field
          label={isChild ? texts.rateForBoth : texts.rate}
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
          <Button type="submit" variant="default" leftSection={<RocketIcon />} loading={isBusy}>
            {texts.look}
          </Button>
        </div>
      </form>
      <PaymentDialog
        title={isChild ? texts.childTitle : texts.bumpTitle}
        prepared={prepared}
        before={isChild ? undefined : transaction}
        confirmLabel={!account.signs ? texts.psbtGo : isChild ? texts.childGo : texts.bumpGo}
        onConfirm={confirm}
        onClose={() => setPrepared(undefined)}
      />
    </>
  );
}
