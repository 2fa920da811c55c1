import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { KeyIcon, SendIcon } from "@bitfleet/ui/icons.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { LongWork } from "../../money/long-work.ts";
import { PartsFlow } from "../../money/parts-flow.tsx";
import { Fact, Warnings } from "../../money/payment-preview.tsx";
import { moneyTexts } from "../../money/texts.ts";
import { tellEnd, toldPayment } from "../../money/told-payment.ts";
import { useIsLong, WorkBar } from "../../money/work-bar.tsx";
import type { PsbtSummary } from "../../session/account.ts";
import { useAccount, useOpenState } from "../../session-provider.tsx";
import { deltaOf, signedCount } from "./psbt-facts.ts";
import { SignersPart } from "./signers-part.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.card;

interface SummaryCardProps {
  readonly summary: PsbtSummary;
  /** What is done with it: one thing at a time. */
  readonly work: LongWork;
  readonly onChange: (summary: PsbtSummary | undefined) => void;
}

/** Who pays whom, what of it is the reader's, what it costs and what to mind; and what can be done with it here. */
export function SummaryCard({ summary, work, onChange }: SummaryCardProps): ReactElement {
  const isLong = useIsLong(work);
  const { inputs, outputs, fee, isComplete, shared, warnings } = summary;
  const delta = deltaOf(summary);
  return (
    <Card
      title={texts.title}
      aside={
        <Badge tone={isComplete ? "good" : "warn"}>
          {isComplete
            ? texts.complete
            : shared === undefined
              ? texts.incomplete(signedCount(summary), inputs.length)
              : allTexts.shared.count(shared.signed, shared.required)}
        </Badge>
      }
    >
      <dl className={formClasses.facts} data-testid="psbt-facts">
        <Fact name={texts.delta}>{delta === undefined ? texts.notMine : <Amount sats={delta} />}</Fact>
        <Fact name={texts.fee}>{fee === undefined ? texts.feeUnknown : <Amount sats={fee} />}</Fact>
      </dl>
      <Warnings warnings={warnings} />
      <PartsFlow
        inputs={inputs}
        outputs={outputs}
        inputAside={({ isSigned, canSign }) =>
          // Of several who sign it is said below how far they are.
          (isSigned || canSign || shared === undefined) && (
            <Badge tone={isSigned ? "good" : "plain"}>
              {isSigned ? texts.signed : canSign ? texts.canSign : texts.unsigned}
            </Badge>
          )
        }
      />
      {shared !== undefined && <SignersPart shared={shared} />}
      <WorkBar work={work} />
      <div className={formClasses.buttons}>
        <Sign summary={summary} work={work} onSigned={onChange} />
        <Send summary={summary} work={work} onSent={() => onChange(undefined)} />
        {isLong ? (
          <Button variant="default" onClick={() => work.stop(moneyTexts.work.stopped)}>
            {moneyTexts.work.stop}
          </Button>
        ) : (
          <Button variant="default" onClick={() => onChange(undefined)}>
            {texts.close}
          </Button>
        )}
      </div>
    </Card>
  );
}

function Sign({
  summary,
  work,
  onSigned,
}: {
  readonly summary: PsbtSummary;
  readonly work: LongWork;
  readonly onSigned: (summary: PsbtSummary) => void;
}): ReactElement | null {
  const account = useAccount();
  const confirm = useConfirm();
  const [isBusy, setIsBusy] = useState(false);
  const { sign } = allTexts;
  if (summary.isComplete) return null;
  if (!summary.inputs.some(({ canSign, isSigned }) => canSign && !isSigned)) {
    const text = account.signsInPart ? sign.passOn : account.signs ? sign.nothing : sign.watch;
    return <p className={formClasses.note}>{text}</p>;
  }
  const go = async () => {
    const text = (
      <>
        {sign.text} <Amount sats={-(deltaOf(summary) ?? 0n)} />
      </>
    );
    if (!(await confirm({ title: sign.question, text, confirmLabel: sign.go }))) return;
    setIsBusy(true);
    try {
      onSigned(await work.run((watch) => account.signPsbt(summary.psbt, watch)));
      toast.good(sign.done);
    } catch (error) {
      tellEnd(sign.failed, error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Button leftSection={<KeyIcon />} loading={isBusy} onClick={() => void go()}>
      {sign.go}
    </Button>
  );
}

function Send({
  summary,
  work,
  onSent,
}: {
  readonly summary: PsbtSummary;
  readonly work: LongWork;
  readonly onSent: () => void;
}): ReactElement | null {
  const account = useAccount();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const { connection } = useOpenState();
  const [isBusy, setIsBusy] = useState(false);
  const { send } = allTexts;
  if (!summary.isComplete) return null;
  const isReachable = connection.kind === "live" || connection.kind === "scanning";
  const go = async () => {
    if (isBusy) return;
    if (!isReachable) return void toast.bad(send.failed, { text: send.offline });
    if (!(await confirm({ title: send.question, text: send.text, confirmLabel: send.go }))) return;
    setIsBusy(true);
    try {
      const sending = work.run((watch) => account.sendPsbt(summary.psbt, watch));
      const txid = await toldPayment(sending, send.done);
      onSent();
      await navigate({ to: "/tx/$txid", params: { txid } });
    } catch (error) {
      setIsBusy(false);
      tellEnd(send.failed, error);
    }
  };
  return (
    <Button leftSection={<SendIcon size={16} />} loading={isBusy} onClick={() => void go()}>
      {send.go}
    </Button>
  );
}
