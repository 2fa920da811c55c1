import type { AcceptanceResult, DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { formatCount, formatFeerate } from "@bitfleet/ui/format.ts";
import { PlaceLink } from "@bitfleet/ui/places.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useState } from "react";
import classes from "./broadcast.module.css";
import { MissingCoins } from "./missing-coins.tsx";
import type { StepThroughProps } from "./other-parts.ts";
import { useBroadcast, useTested } from "./queries.ts";
import { areCoinsMissing, isFeeTooHigh, reasonMeaning } from "./reject-reasons.ts";
import { ReplacementPart } from "./replacement-part.tsx";
import { useStepThrough } from "./step-through.tsx";
import { broadcastTexts } from "./texts.ts";

const texts = broadcastTexts.verdict;

interface VerdictCardProps {
  readonly hex: string;
  readonly transaction: DecodedTransaction;
  readonly stepThrough: (props: StepThroughProps) => ReactNode;
}

/** Whether the mempool would take it, why not, what it would replace, and the button that sends it. */
export function VerdictCard({ hex, transaction, stepThrough }: VerdictCardProps): ReactElement {
  const [isAnyFee, setIsAnyFee] = useState(false);
  const [isFeeAsked, setIsFeeAsked] = useState(false);
  const { data: result, error } = useTested(hex, isAnyFee);
  const hasFeeQuestion = isFeeAsked || isFeeTooHigh(result?.reason ?? "");
  const send = useSend(hex, transaction, isAnyFee);
  const run = { transactions: [hex], inputCount: transaction.inputs.length };
  const { button, walk } = useStepThrough(result?.reason, stepThrough, run);
  return (
    <>
      <Card className={classes.verdict}>
        <div className={classes.outcome} role="status" data-tone={toneOf(result)} data-testid="verdict">
          {result == null ? (
            <h2>{error === null ? texts.testing : texts.untested}</h2>
          ) : (
            <Outcome result={result} transaction={transaction} />
          )}
          {error !== null && <p>{error.message}</p>}
        </div>
        {hasFeeQuestion && (
          <AnyFee
            isAnyFee={isAnyFee}
            onChange={(isMeant) => {
              setIsAnyFee(isMeant);
              setIsFeeAsked(true);
            }}
          />
        )}
        <div className={classes.actions}>
          {isThere(result) && (
            <PlaceLink place={{ kind: "transaction", id: transaction.txid }} className={classes.page}>
              {texts.open}
            </PlaceLink>
          )}
          {button}
          <Button
            disabled={result?.outcome !== "accepted" && result?.outcome !== "known"}
            loading={send.isPending}
            onClick={() => void send.ask()}
          >
            {result?.outcome === "known" ? texts.again : texts.broadcast}
          </Button>
        </div>
      </Card>
      {result?.replacement != null && (
        <ReplacementPart
          cost={result.replacement}
          fee={result.fee ?? transaction.fee}
          size={result.virtual_size ?? transaction.virtual_size}
        />
      )}
      {walk}
    </>
  );
}

/** A fee that looks like a slip of the pen must be meant. */
export function AnyFee({
  isAnyFee,
  onChange,
}: {
  readonly isAnyFee: boolean;
  readonly onChange: (isMeant: boolean) => void;
}): ReactElement {
  return (
    <label className={classes.anyFee}>
      <input type="checkbox" checked={isAnyFee} onChange={({ target }) => onChange(target.checked)} />
      {texts.anyFee}
    </label>
  );
}

function Outcome({
  result,
  transaction,
}: {
  readonly result: AcceptanceResult;
  readonly transaction: DecodedTransaction;
}): ReactElement {
  const { outcome, reason, effective_feerate_sat_per_kvb: rate, virtual_size: size } = result;
  if (outcome === "accepted") {
    return (
      <>
        <h2>{texts.accepted}</h2>
        {rate !== null && size !== null && (
          <p>
            {texts.acceptedText(formatFeerate(rate / 1000), formatCount(size))} {texts.live}
          </p>
        )}
      </>
    );
  }
  if (outcome === "known") {
    return (
      <>
        <h2>{texts.known}</h2>
        <p>{texts.knownText}</p>
      </>
    );
  }
  return (
    <>
      <h2>{isInChain(result) ? texts.inChain : texts.refused}</h2>
      <p>{reasonMeaning(reason ?? "")}</p>
      {areCoinsMissing(reason ?? "") && <MissingCoins transaction={transaction} />}
      <p>
        {texts.reason}: <code>{reason}</code>
      </p>
    </>
  );
}

/** Asks, sends, says so, and goes to the transaction's page. */
function useSend(hex: string, transaction: DecodedTransaction, isAnyFee: boolean) {
  const confirm = useConfirm();
  const navigate = useNavigate();
  const broadcast = useBroadcast();
  const ask = async () => {
    const isWanted = await confirm({
      title: broadcastTexts.confirm.title,
      text: <Question transaction={transaction} />,
      confirmLabel: broadcastTexts.confirm.go,
    });
    if (!isWanted) return;
    try {
      const { txid } = await broadcast.mutateAsync({ hex, isAnyFee });
      toast.good(broadcastTexts.done);
      await navigate({ to: "/tx/$id", params: { id: txid } });
    } catch (error) {
      toast.failure(broadcastTexts.failed, error);
    }
  };
  return { ask, isPending: broadcast.isPending };
}

function Question({ transaction }: { readonly transaction: DecodedTransaction }): ReactElement {
  const { confirm: words } = broadcastTexts;
  const { fee, virtual_size: size } = transaction;
  return (
    <>
      <dl className={classes.question}>
        <div>
          <dt>{words.pays}</dt>
          <dd>
            <Amount sats={BigInt(transaction.total_output)} />{" "}
            <small>{words.outputs(transaction.outputs.length)}</small>
          </dd>
        </div>
        {fee !== null && (
          <div>
            <dt>{words.fee}</dt>
            <dd>
              <Amount sats={BigInt(fee)} /> <small>{formatFeerate(fee / size)} sat/vB</small>
            </dd>
          </div>
        )}
      </dl>
      {words.final}
    </>
  );
}

const isInChain = (result: AcceptanceResult | null | undefined) =>
  result?.reason?.startsWith("txn-already-known") === true;
const isThere = (result: AcceptanceResult | null | undefined) => result?.outcome === "known" || isInChain(result);

function toneOf(result: AcceptanceResult | null | undefined): string {
  if (result == null) return "plain";
  if (result.outcome === "accepted") return "good";
  return isThere(result) ? "warn" : "bad";
}
