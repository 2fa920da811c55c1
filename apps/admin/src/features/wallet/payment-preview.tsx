import { ApiError } from "@bitfleet/api/errors.ts";
import type { WalletPayment, WalletPaymentPlan } from "@bitfleet/api/rest/wallet-payments.ts";
import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import { Field } from "@bitfleet/ui/field.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { shortHash } from "@bitfleet/ui/format.ts";
import { Flow, FlowPart, FlowSide } from "@bitfleet/ui/payment/flow.tsx";
import classes from "@bitfleet/ui/payment/payment-preview.module.css";
import { Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, useState } from "react";
import { type PaymentOrder, UNLOCK_SECONDS, useSend, useUnlock } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.preview;

interface PaymentPreviewProps {
  readonly info: WalletInfo;
  readonly order: PaymentOrder;
  readonly preview: WalletPayment;
  readonly onBack: () => void;
  readonly onSent: (txid: string) => void;
}

/** What a payment spends, pays, gives back and costs; sends it when the reader agrees. */
export function PaymentPreview({ info, order, preview, onBack, onSent }: PaymentPreviewProps): ReactElement {
  const [passphrase, setPassphrase] = useState("");
  const unlock = useUnlock();
  const send = useSend();
  const isBusy = unlock.isPending || send.isPending;
  const error = unlock.error ?? send.error;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || (info.is_locked && passphrase === "")) return;
    try {
      if (info.is_locked) await unlock.mutateAsync({ wallet: info.name, passphrase, seconds: UNLOCK_SECONDS });
      // The very coins that were looked at.
      const coins = preview.plan?.inputs.map(({ txid, vout }) => ({ txid, vout }));
      const { txid } = await send.mutateAsync({ ...order, ...(coins !== undefined && { coins }) });
      toast.good(texts.sent);
      if (txid !== null) onSent(txid);
    } catch {
      // Said below.
    }
  };
  return (
    <form className={formClasses.form} onSubmit={(event) => void submit(event)}>
      <Payees order={order} />
      <dl className={formClasses.facts}>
        <Fact name={texts.pays} sats={preview.amount} />
        <Fact name={texts.fee} sats={preview.fee} />
        <Fact name={texts.total} sats={preview.total} className={classes.total} />
      </dl>
      {preview.plan !== null && <Plan plan={preview.plan} />}
      {info.is_locked && (
        <Field
          label={texts.passphrase}
          hint={texts.passphraseHint}
          type="password"
          data-autofocus
          value={passphrase}
          onChange={(event) => setPassphrase(event.target.value)}
        />
      )}
      {error !== null && (
        <p className={formClasses.problem} role="alert">
          {error.message}
          {error instanceof ApiError && error.status === 0 && ` ${allTexts.send.maybe}`}
        </p>
      )}
      <DialogButtons>
        <Button variant="default" onClick={onBack}>
          {texts.back}
        </Button>
        <Button type="submit" data-testid="send" disabled={info.is_locked && passphrase === ""} loading={isBusy}>
          {texts.go}
        </Button>
      </DialogButtons>
    </form>
  );
}

/** Who is paid, whole: it is what a reader compares. */
function Payees({ order }: { readonly order: PaymentOrder }): ReactElement {
  const payees = [order, ...(order.recipients ?? [])];
  return (
    <div>
      <p className={formClasses.note}>{texts.to(payees.length)}</p>
      <ul className={classes.payees}>
        {payees.map(({ to_address, amount, label }) => (
          <li key={to_address}>
            <span className={classes.payee}>{to_address}</span>
            {payees.length > 1 && amount !== undefined && <Amount sats={BigInt(amount)} />}
            {label !== undefined && <small>{label}</small>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({
  name,
  sats,
  className,
}: {
  readonly name: string;
  readonly sats: number;
  readonly className?: string | undefined;
}): ReactElement {
  return (
    <div className={className}>
      <dt>{name}</dt>
      <dd>
        <Amount sats={BigInt(sats)} />
      </dd>
    </div>
  );
}

/** Coins on one side, what becomes of them on the other. */
function Plan({
  plan: { inputs, outputs, feerate, virtual_size },
}: {
  readonly plan: WalletPaymentPlan;
}): ReactElement {
  return (
    <>
      <dl className={formClasses.facts}>
        {feerate !== null && (
          <div>
            <dt>{texts.rate}</dt>
            <dd>
              <Feerate satPerVbyte={feerate} />
            </dd>
          </div>
        )}
        {virtual_size !== null && (
          <div>
            <dt>{texts.size}</dt>
            <dd>
              <VirtualSize vbytes={virtual_size} />
            </dd>
          </div>
        )}
      </dl>
      <Flow>
        <FlowSide title={texts.spends(inputs.length)}>
          {inputs.map(({ txid, vout, amount, address }) => (
            <FlowPart
              key={`${txid}:${vout}`}
              note={address === null ? shortHash(txid) : shortHash(address, 9)}
              title={`${txid}:${vout}`}
            >
              {amount !== null && <Amount sats={BigInt(amount)} />}
            </FlowPart>
          ))}
        </FlowSide>
        <FlowSide title={texts.makes}>
          {outputs.map(({ address, amount, is_change }, index) => (
            <FlowPart
              // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place
              key={index}
              note={is_change ? texts.change : address === null ? allTexts.history.noAddress : shortHash(address, 9)}
              title={address ?? undefined}
            >
              <Amount sats={BigInt(amount)} />
            </FlowPart>
          ))}
        </FlowSide>
      </Flow>
      <p className={formClasses.note}>{texts.whatIsSent}</p>
    </>
  );
}
