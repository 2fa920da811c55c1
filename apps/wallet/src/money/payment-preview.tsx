import { Amount } from "@bitfleet/ui/amount.tsx";
import { DialogButtons } from "@bitfleet/ui/dialog/dialog.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import previewClasses from "@bitfleet/ui/payment/payment-preview.module.css";
import { Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { Button } from "@mantine/core";
import { type FormEvent, type ReactElement, type ReactNode, useEffect, useRef, useState } from "react";
import { Notice } from "../notice.tsx";
import type { PreparedPayment, TransactionDetail, Watch } from "../session/account.ts";
import { useSession } from "../session-provider.tsx";
import { WorkStopped } from "./long-work.ts";
import classes from "./money.module.css";
import { PartsFlow } from "./parts-flow.tsx";
import { moneyTexts } from "./texts.ts";
import { useIsLong, useLongWork, WorkBar } from "./work-bar.tsx";

const texts = moneyTexts.preview;

export interface PaymentPreviewProps {
  readonly prepared: PreparedPayment;
  /** Whose fee it raises. */
  readonly before?: TransactionDetail | undefined;
  readonly isReplaceable?: boolean | undefined;
  readonly onBack: () => void;
  /** What the sum of payment and fee is called, where it is not of the wallet. */
  readonly totalName?: string | undefined;
  /** On the button that does it. */
  readonly confirmLabel: string;
  /** Does it; what it rejects with is shown. Called once at most, unless it failed. */
  readonly onConfirm: (prepared: PreparedPayment, watch: Watch) => Promise<void>;
  /** Whether it is on its way. */
  readonly onBusy: (isBusy: boolean) => void;
}

/** That nothing was made of it, and why. */
interface Ended {
  readonly why: string;
  /** By the reader: nothing is wrong. */
  readonly isStopped: boolean;
}

/** What a payment spends, pays, gives back and costs, and what is to be minded; goes on when the reader agrees. */
export function PaymentPreview(props: PaymentPreviewProps): ReactElement {
  const { prepared, before, isReplaceable, totalName = texts.total, onBack, confirmLabel, onConfirm, onBusy } = props;
  const [ended, setEnded] = useState<Ended>();
  const [isBusy, setIsBusy] = useState(false);
  // A second press may come before the button is drawn as busy.
  const isUnderWay = useRef(false);
  const session = useSession();
  const work = useLongWork();
  const isLong = useIsLong(work);
  useEffect(() => {
    onBusy(isBusy);
    return () => onBusy(false);
  }, [isBusy, onBusy]);
  const form = useRef<HTMLFormElement>(null);
  const hasMore = isLong || ended !== undefined;
  // What comes above the buttons would push them out of a small screen, when one of them is wanted.
  useEffect(() => {
    if (hasMore) form.current?.lastElementChild?.scrollIntoView({ block: "nearest" });
  }, [hasMore]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setIsBusy(true);
    setEnded(undefined);
    try {
      await work.run((watch) => onConfirm(prepared, watch));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      setEnded({ why, isStopped: error instanceof WorkStopped });
      isUnderWay.current = false;
      setIsBusy(false);
    }
  };
  const { inputs, outputs, fee, total, change, warnings, feerateSatPerKvb, virtualSize } = prepared;
  const payees = outputs.filter(({ isChange }) => !isChange);
  const arrives = payees.reduce((sum, { value }) => sum + (value ?? 0n), 0n);
  return (
    <form ref={form} className={formClasses.form} onSubmit={(event) => void submit(event)}>
      {payees.length > 0 ? <Payees payees={payees} /> : <p className={formClasses.note}>{texts.toNobody}</p>}
      <dl className={formClasses.facts}>
        {payees.length > 0 && (
          <Fact name={texts.pays}>
            <Amount sats={arrives} />
          </Fact>
        )}
        {before?.fee !== undefined && (
          <Fact name={texts.oldFee}>
            <Amount sats={before.fee} />
          </Fact>
        )}
        <Fact name={before === undefined ? texts.fee : texts.newFee}>
          <Amount sats={fee} />
        </Fact>
        <Fact name={totalName} className={previewClasses.total}>
          <Amount sats={total} />
        </Fact>
        {change > 0n && (
          <Fact name={texts.change}>
            <Amount sats={change} />
          </Fact>
        )}
        {before?.feerateSatPerKvb !== undefined && (
          <Fact name={texts.oldRate}>
            <Feerate satPerVbyte={Number(before.feerateSatPerKvb) / 1000} />
          </Fact>
        )}
        <Fact name={before === undefined ? texts.rate : texts.newRate}>
          <Feerate satPerVbyte={Number(feerateSatPerKvb) / 1000} />
        </Fact>
        <Fact name={texts.size}>
          <VirtualSize vbytes={virtualSize} />
        </Fact>
      </dl>
      <Warnings warnings={warnings} />
      <PartsFlow inputs={inputs} outputs={outputs} />
      <p className={formClasses.note}>
        {texts.whatIsSent} {isReplaceable !== undefined && (isReplaceable ? texts.replaceable : texts.final)}
      </p>
      {ended !== undefined && (
        <Notice tone={ended.isStopped ? "plain" : "bad"} role={ended.isStopped ? "status" : "alert"}>
          {ended.why}
        </Notice>
      )}
      <WorkBar work={work} />
      <DialogButtons>
        {/* Those of the page below are out of reach. */}
        {isLong ? (
          <>
            <Button variant="default" onClick={() => session.lock()}>
              {moneyTexts.work.lock}
            </Button>
            <Button variant="default" onClick={() => work.stop(moneyTexts.work.stopped)}>
              {moneyTexts.work.stop}
            </Button>
          </>
        ) : (
          // Return pressed once too often sends nothing.
          <Button variant="default" onClick={onBack} disabled={isBusy} data-autofocus>
            {texts.back}
          </Button>
        )}
        <Button type="submit" data-testid="send" loading={isBusy}>
          {confirmLabel}
        </Button>
      </DialogButtons>
    </form>
  );
}

/** Sentences that are to be read before one goes on. */
export function Warnings({ warnings }: { readonly warnings: readonly string[] }): ReactElement | null {
  if (warnings.length === 0) return null;
  return (
    <ul className={classes.warnings} aria-label={texts.heed} data-testid="warnings">
      {warnings.map((warning) => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}

/** Who is paid, whole: it is what a reader compares. */
function Payees({ payees }: { readonly payees: PreparedPayment["outputs"] }): ReactElement {
  return (
    <div>
      <p className={formClasses.note}>{texts.to(payees.length)}</p>
      <ul className={previewClasses.payees} tabIndex={payees.length > 2 ? 0 : undefined}>
        {payees.map(({ address, value, label }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place
          <li key={index}>
            <span className={previewClasses.payee}>{address ?? moneyTexts.what.noAddress}</span>
            {value !== undefined && payees.length > 1 && <Amount sats={value} />}
            {label !== "" && <small>{label}</small>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A row of a list of facts. */
export function Fact({
  name,
  className,
  children,
}: {
  readonly name: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={className}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
