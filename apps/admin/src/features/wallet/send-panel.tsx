import type { WalletPayment } from "@bitfleet/api/rest/wallet-payments.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { amountEntry, readAmount } from "./entries.ts";
import { FeeChoice, type FeeWish, useFeerate } from "./fee-choice.tsx";
import { PaymentPreview } from "./payment-preview.tsx";
import { type PaymentOrder, useBalance, usePreview } from "./queries.ts";
import classes from "./send-panel.module.css";
import { texts as allTexts } from "./texts.ts";
import walletClasses from "./wallet.module.css";

const texts = allTexts.send;

interface SendPanelProps {
  readonly info: WalletInfo;
  readonly onSent: (txid: string) => void;
}

/** What was looked at, and what the wallet said that it would be. */
interface Planned {
  readonly order: PaymentOrder;
  readonly preview: WalletPayment;
}

/** Pays from a wallet: first it is worked out and looked at, then it is sent. */
export function SendPanel({ info, onSent }: SendPanelProps): ReactElement {
  const unit = useUnit();
  const balance = useBalance(info.name);
  const [address, setAddress] = useState("");
  const [amount, setAmount] = useState("");
  const [label, setLabel] = useState("");
  const [isFeeTakenOff, setIsFeeTakenOff] = useState(false);
  const [fee, setFee] = useState<FeeWish>({});
  const [isTried, setIsTried] = useState(false);
  const [planned, setPlanned] = useState<Planned>();
  const preview = usePreview();
  const chosen = useFeerate(fee);
  const read = readAmount(amount.trim(), unit);
  if (!info.has_private_keys) return <p className={walletClasses.note}>{texts.watching}</p>;

  const available = balance.data?.confirmed;
  const takeAll = (sats: number) => {
    setAmount(amountEntry(sats, unit));
    setIsFeeTakenOff(true);
  };
  const review = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (address.trim() === "" || "problem" in read || "problem" in chosen || preview.isPending) return;
    const order: PaymentOrder = {
      wallet: info.name,
      to_address: address.trim(),
      amount: read.sats,
      feerate: chosen.feerate,
      ...(isFeeTakenOff && { subtract_fee: true }),
      ...(label.trim() !== "" && { label: label.trim() }),
    };
    preview.mutate(order, { onSuccess: (answer) => setPlanned({ order, preview: answer }) });
  };
  return (
    <>
      <Card title={texts.title} className={classes.card}>
        <form className={walletClasses.form} aria-label={texts.title} noValidate onSubmit={review}>
          <Field
            label={texts.address}
            required
            className={classes.address}
            value={address}
            problem={isTried && address.trim() === "" ? allTexts.entries.noAddress : undefined}
            onChange={(event) => setAddress(event.target.value)}
          />
          <div className={walletClasses.pair}>
            <div className={classes.amount}>
              <Field
                label={texts.amount(unit)}
                inputMode="decimal"
                required
                value={amount}
                problem={isTried && "problem" in read ? read.problem : undefined}
                onChange={(event) => setAmount(event.target.value)}
              />
              <Button
                variant="default"
                disabled={available === undefined || available === 0}
                onClick={() => takeAll(available ?? 0)}
              >
                {texts.all}
              </Button>
            </div>
            <Field
              label={texts.label}
              hint={texts.labelHint}
              maxLength={200}
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          </div>
          <label className={walletClasses.check}>
            <input
              type="checkbox"
              checked={isFeeTakenOff}
              onChange={(event) => setIsFeeTakenOff(event.target.checked)}
            />
            {texts.subtract}
          </label>
          <FeeChoice wish={fee} onWish={setFee} problem={isTried && "problem" in chosen ? chosen.problem : undefined} />
          {preview.error !== null && (
            <p className={walletClasses.problem} role="alert">
              {preview.error.message}
            </p>
          )}
          <div className={walletClasses.buttons}>
            <Button type="submit" loading={preview.isPending}>
              {texts.review}
            </Button>
          </div>
        </form>
      </Card>
      <Dialog
        isOpen={planned !== undefined}
        onClose={() => setPlanned(undefined)}
        title={allTexts.preview.title}
        isModalOnly
      >
        {planned !== undefined && (
          <PaymentPreview {...planned} info={info} onBack={() => setPlanned(undefined)} onSent={onSent} />
        )}
      </Dialog>
    </>
  );
}
