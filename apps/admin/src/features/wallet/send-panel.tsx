import type { WalletPayment } from "@bitfleet/api/rest/wallet-payments.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Dialog } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { PlusIcon } from "@bitfleet/ui/icons.tsx";
import classes from "@bitfleet/ui/payment/payment-form.module.css";
import { Message } from "@bitfleet/ui/states.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, useEffect, useEffectEvent, useState } from "react";
import { type ChosenCoins, worthOf } from "./chosen-coins.ts";
import { CoinChoice } from "./coin-choice.tsx";
import { FeeChoice, type FeeWish, useFeerate } from "./fee-choice.tsx";
import { useRecipients } from "./payment-form.ts";
import { PaymentPreview } from "./payment-preview.tsx";
import { type PaymentOrder, useBalance, usePreview } from "./queries.ts";
import { RecipientFields } from "./recipient-fields.tsx";
import { texts as allTexts } from "./texts.ts";

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
  if (info.has_private_keys) return <SendForm info={info} onSent={onSent} />;
  return (
    <Message title={texts.watchingTitle}>
      {texts.watching}{" "}
      <Link to="/console" search={{ method: "walletcreatefundedpsbt", wallet: info.name }}>
        {texts.watchingLink}
      </Link>
    </Message>
  );
}

function SendForm({ info, onSent }: SendPanelProps): ReactElement {
  const balance = useBalance(info.name);
  const recipients = useRecipients();
  const [isFeeTakenOff, setIsFeeTakenOff] = useState(false);
  const [fee, setFee] = useState<FeeWish>({});
  const [coins, setCoins] = useState<ChosenCoins>(new Map());
  const [isTried, setIsTried] = useState(false);
  const [planned, setPlanned] = useState<Planned>();
  const preview = usePreview();
  const chosen = useFeerate(fee);
  const { sendsAll } = recipients;
  const available = coins.size > 0 ? worthOf(coins) : balance.data?.confirmed;

  const { isReading } = recipients;
  const review = () => {
    setIsTried(true);
    const paid = recipients.order();
    if (paid === undefined || "problem" in chosen || preview.isPending) return;
    const order: PaymentOrder = {
      wallet: info.name,
      ...paid,
      feerate: chosen.feerate,
      ...(isFeeTakenOff && !sendsAll && { subtract_fee: true }),
      ...(coins.size > 0 && { coins: [...coins.values()].map(({ txid, vout }) => ({ txid, vout })) }),
    };
    preview.mutate(order, { onSuccess: (answer) => setPlanned({ order, preview: answer }) });
  };
  /** It is to be looked at as soon as the link that was entered is read. */
  const [isAwaited, setIsAwaited] = useState(false);
  const reviewNow = useEffectEvent(() => {
    setIsAwaited(false);
    review();
  });
  useEffect(() => {
    if (isAwaited && !isReading) reviewNow();
  }, [isAwaited, isReading]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReading) setIsAwaited(true);
    else review();
  };
  return (
    <>
      <Card title={texts.title} className={classes.card}>
        <form className={formClasses.form} aria-label={texts.title} noValidate onSubmit={submit}>
          {recipients.entries.map((entry) => (
            <RecipientFields key={entry.id} {...{ recipients, entry, isTried, available }} />
          ))}
          <div className={formClasses.buttons}>
            <Button
              variant="default"
              size="xs"
              leftSection={<PlusIcon />}
              disabled={recipients.isFull}
              onClick={recipients.add}
            >
              {texts.addRecipient}
            </Button>
          </div>
          <FeeChoice wish={fee} onWish={setFee} problem={isTried && "problem" in chosen ? chosen.problem : undefined} />
          {!sendsAll && (
            <label className={formClasses.check}>
              <input
                type="checkbox"
                checked={isFeeTakenOff}
                onChange={(event) => setIsFeeTakenOff(event.target.checked)}
              />
              {texts.subtract(recipients.entries.length)}
            </label>
          )}
          <CoinsPart isClosed={coins.size === 0}>
            <CoinChoice
              wallet={info.name}
              chosen={coins}
              onChoose={setCoins}
              needed={recipients.sats}
              sendsAll={sendsAll}
            />
          </CoinsPart>
          {preview.error !== null && (
            <p className={formClasses.problem} role="alert">
              {preview.error.message}
            </p>
          )}
          <div className={formClasses.buttons}>
            <Button type="submit" loading={preview.isPending || isAwaited}>
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

/** Asked for the first time it is opened, and shown as long as it is. */
function CoinsPart({ isClosed, children }: { readonly isClosed: boolean; readonly children: ReactElement }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className={classes.coins} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        {allTexts.coins.title} {isClosed && <small className={classes.coinsHint}>{allTexts.coins.titleHint}</small>}
      </summary>
      {isOpen && children}
    </details>
  );
}
