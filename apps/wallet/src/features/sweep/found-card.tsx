import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactElement, type ReactNode, useEffect, useRef, useState } from "react";
import { FeeChoice } from "../../money/fee-choice.tsx";
import { type FeeWish, feerateOf } from "../../money/fee-wish.ts";
import { PaymentDialog } from "../../money/payment-dialog.tsx";
import { Fact } from "../../money/payment-preview.tsx";
import { toldPayment } from "../../money/told-payment.ts";
import { useFeeChoices } from "../../money/use-fee-choices.ts";
import { Notice } from "../../notice.tsx";
import type { KeySweep, PreparedSweep } from "../../session/account.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import { FoundKinds } from "./found-kinds.tsx";
import classes from "./sweep.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.found;

interface FoundCardProps {
  readonly sweep: KeySweep;
  /** Looks once more; answers why there is nothing any more. */
  readonly onAgain: () => Promise<string | undefined>;
  /** Another key is wanted. */
  readonly onOther: () => void;
}

/** What a key has, what of it arrives at which fee, and the payment that brings it here. */
export function FoundCard({ sweep, onAgain, onOther }: FoundCardProps): ReactElement {
  const ready = sweep.found.reduce((sum, one) => sum + one.ready.sats, 0n);
  const content = useRef<HTMLDivElement>(null);
  // It takes the place of the form that had the focus.
  useEffect(() => content.current?.focus({ preventScroll: true }), []);
  return (
    <Card title={texts.title} className={classes.card}>
      <div ref={content} tabIndex={-1} className={`${formClasses.form} ${classes.content}`}>
        <FoundKinds found={sweep.found} />
        {ready > 0n ? (
          <SweepForm sweep={sweep} onAgain={onAgain} onOther={onOther} />
        ) : (
          <>
            <Notice tone="plain" role="status">
              {texts.nothingNow}
            </Notice>
            <OtherButtons onAgain={onAgain} onOther={onOther} />
          </>
        )}
      </div>
    </Card>
  );
}

/** The last ones of the card, behind what goes on. */
function OtherButtons({
  onAgain,
  onOther,
  children,
}: Omit<FoundCardProps, "sweep"> & { readonly children?: ReactNode }) {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const again = async () => {
    setIsBusy(true);
    setProblem(await onAgain());
    setIsBusy(false);
  };
  return (
    <>
      {problem !== undefined && (
        <Notice tone="warn" role="alert">
          {problem}
        </Notice>
      )}
      <div className={formClasses.buttons}>
        {children}
        <Button variant="default" loading={isBusy} onClick={() => void again()}>
          {texts.again}
        </Button>
        <Button variant="default" onClick={onOther}>
          {texts.other}
        </Button>
      </div>
    </>
  );
}

type Worked = PreparedSweep | { readonly error: string };

function SweepForm({ sweep, ...others }: FoundCardProps): ReactElement {
  const account = useAccount();
  const { settings } = useOpenState();
  const navigate = useNavigate();
  const asked = useFeeChoices(account);
  const [wish, setWish] = useState<FeeWish>({});
  const [worked, setWorked] = useState<Worked>();
  const [reviewed, setReviewed] = useState<PreparedSweep>();
  const [isTried, setIsTried] = useState(false);
  /** Worked out anew behind a try that failed: the address may be another one. */
  const [tries, setTries] = useState(0);
  const feerate = feerateOf(wish, asked);
  const rate = "problem" in feerate ? undefined : feerate.feerateSatPerKvb;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once more behind each try
  useEffect(() => {
    if (rate === undefined) return setWorked(undefined);
    let isOver = false;
    sweep.prepare(rate, settings.addressType).then(
      (made) => !isOver && setWorked(made),
      (error: unknown) => !isOver && setWorked({ error: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isOver = true;
    };
  }, [sweep, rate, settings.addressType, tries]);
  const prepared = worked !== undefined && !("error" in worked) ? worked : undefined;
  const review = (event: FormEvent) => {
    event.preventDefault();
    setIsTried(true);
    if (prepared !== undefined) setReviewed(prepared);
  };
  const close = () => {
    setReviewed(undefined);
    setTries(tries + 1);
  };
  return (
    <>
      <form className={formClasses.form} noValidate onSubmit={review} aria-label={allTexts.title}>
        <div>
          <p className={formClasses.note}>{texts.to}</p>
          <p className={classes.target} data-testid="target">
            {prepared?.outputs[0]?.address ?? account.freshAddress(settings.addressType).address}
          </p>
        </div>
        <FeeChoice
          asked={asked}
          wish={wish}
          onWish={setWish}
          problem={isTried && "problem" in feerate ? feerate.problem : undefined}
        />
        {worked !== undefined && "error" in worked ? (
          <Notice tone="bad" role="alert">
            {worked.error}
          </Notice>
        ) : (
          <Sums prepared={prepared} />
        )}
        {prepared !== undefined && <Left prepared={prepared} />}
        <Notice tone="warn" title={texts.valid}>
          {texts.validText}
        </Notice>
        <OtherButtons {...others}>
          <Button type="submit" disabled={worked !== undefined && "error" in worked}>
            {texts.review}
          </Button>
        </OtherButtons>
      </form>
      <PaymentDialog
        title={allTexts.preview.title}
        prepared={reviewed}
        totalName={allTexts.preview.total}
        confirmLabel={allTexts.preview.go}
        onConfirm={async (_payment, watch) => {
          if (reviewed === undefined) return;
          const txid = await toldPayment(sweep.confirm(reviewed, watch), allTexts.done);
          await navigate({ to: "/tx/$txid", params: { txid } });
        }}
        onClose={close}
      />
    </>
  );
}

/** What it comes to; its places are kept while that is worked out. */
function Sums({ prepared }: { readonly prepared: PreparedSweep | undefined }): ReactElement {
  const amount = (sats: bigint | undefined) => (sats === undefined ? texts.working : <Amount sats={sats} />);
  return (
    <dl className={formClasses.facts} data-testid="sums">
      <Fact name={texts.sum}>{amount(prepared?.total)}</Fact>
      <Fact name={texts.fee}>{amount(prepared?.fee)}</Fact>
      <Fact name={texts.arrives} className={classes.arrives}>
        {amount(prepared?.arrives)}
      </Fact>
    </dl>
  );
}

/** What stays with the key, and why. */
function Left({ prepared: { dust, beyond, inputs } }: { readonly prepared: PreparedSweep }): ReactElement | null {
  if (dust.count + beyond.count === 0) return null;
  return (
    <>
      {dust.count > 0 && (
        <Notice tone="plain" role="status">
          {texts.dust(dust.count)} <Amount sats={dust.sats} />
        </Notice>
      )}
      {beyond.count > 0 && (
        <Notice tone="warn" role="status">
          {texts.beyond(inputs.length, beyond.count)} <Amount sats={beyond.sats} />
        </Notice>
      )}
    </>
  );
}
