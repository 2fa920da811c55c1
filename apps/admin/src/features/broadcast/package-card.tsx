import type { PackageAcceptance } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { useConfirm } from "@bitfleet/ui/dialog/confirm.tsx";
import { Count, Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import classes from "./broadcast.module.css";
import { MemberRow } from "./member-row.tsx";
import type { OtherParts } from "./other-parts.ts";
import packageClasses from "./package-card.module.css";
import type { Member } from "./package-members.ts";
import { useBroadcastMembers, useTestedMembers } from "./queries.ts";
import { isFeeTooHigh, reasonMeaning } from "./reject-reasons.ts";
import { broadcastTexts } from "./texts.ts";
import { AnyFee } from "./verdict-card.tsx";

const texts = broadcastTexts.together;

/** Several transactions: whether the mempool would take them, what they pay together, each with its verdict, and the button that sends them. */
export function PackageCard({
  members,
  parts,
}: {
  readonly members: readonly Member[];
  readonly parts: OtherParts;
}): ReactElement {
  const [isAnyFee, setIsAnyFee] = useState(false);
  const [isFeeAsked, setIsFeeAsked] = useState(false);
  const { data, error } = useTestedMembers(members, isAnyFee);
  const result = data?.result;
  const hasFeeQuestion = isFeeAsked || result?.transactions.some(({ reason }) => isFeeTooHigh(reason ?? "")) === true;
  const send = useSendAll(members, data?.isTogether ?? true, isAnyFee);
  return (
    <>
      <Card className={classes.verdict}>
        <div className={classes.outcome} role="status" data-tone={toneOf(result)} data-testid="verdict">
          {result === undefined ? (
            <h2>{error === null ? texts.testing : broadcastTexts.verdict.untested}</h2>
          ) : (
            <Outcome result={result} isTogether={data?.isTogether === true} />
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
          <Button
            disabled={result?.is_accepted !== true}
            loading={send.isPending}
            onClick={() => void send.ask(<Totals members={members} />)}
          >
            {texts.broadcast}
          </Button>
        </div>
      </Card>
      <Totals members={members} />
      <ol className={packageClasses.members} aria-label={texts.list}>
        {members.map((member, index) => (
          <MemberRow
            key={member.transaction.txid}
            member={member}
            index={index}
            members={members}
            result={result?.transactions.find(({ txid }) => txid === member.transaction.txid)}
            parts={parts}
          />
        ))}
      </ol>
    </>
  );
}

function Outcome({
  result,
  isTogether,
}: {
  readonly result: PackageAcceptance;
  readonly isTogether: boolean;
}): ReactElement {
  const how = isTogether ? texts.family : texts.apart;
  if (result.transactions.every(({ outcome }) => outcome === "known")) {
    return (
      <>
        <h2>{texts.known}</h2>
        <p>{broadcastTexts.verdict.knownText}</p>
      </>
    );
  }
  if (result.is_accepted) {
    return (
      <>
        <h2>{texts.accepted(result.transactions.length)}</h2>
        <p>
          {how} {broadcastTexts.verdict.live}
        </p>
      </>
    );
  }
  const reason = result.reason ?? result.transactions.find((one) => one.reason !== null)?.reason ?? "";
  return (
    <>
      <h2>{texts.refused}</h2>
      <p>{reasonMeaning(reason)}</p>
      <p>
        {broadcastTexts.verdict.reason}: <code>{reason}</code>
      </p>
    </>
  );
}

/** What a package is judged by. */
function Totals({ members }: { readonly members: readonly Member[] }): ReactElement {
  const fee = members.reduce<number | null>(
    (sum, { transaction }) => (sum === null || transaction.fee === null ? null : sum + transaction.fee),
    0,
  );
  const size = members.reduce((sum, { transaction }) => sum + transaction.virtual_size, 0);
  return (
    <StatTiles>
      <StatTile label={texts.count}>
        <Count count={members.length} />
      </StatTile>
      <StatTile label={texts.fee}>{fee === null ? texts.unknown : <Amount sats={BigInt(fee)} />}</StatTile>
      <StatTile label={texts.rate}>{fee === null ? texts.unknown : <Feerate satPerVbyte={fee / size} />}</StatTile>
      <StatTile label={texts.size}>
        <VirtualSize vbytes={size} />
      </StatTile>
    </StatTiles>
  );
}

/** Asks, sends, says so, and goes to the child's page. */
function useSendAll(members: readonly Member[], isTogether: boolean, isAnyFee: boolean) {
  const confirm = useConfirm();
  const navigate = useNavigate();
  const broadcast = useBroadcastMembers();
  const ask = async (totals: ReactElement) => {
    const isWanted = await confirm({
      title: texts.confirmTitle(members.length),
      text: (
        <>
          {totals}
          <p className={packageClasses.final}>{broadcastTexts.confirm.final}</p>
        </>
      ),
      confirmLabel: broadcastTexts.confirm.go,
    });
    if (!isWanted) return;
    try {
      await broadcast.mutateAsync({ transactions: members.map(({ hex }) => hex), isTogether, isAnyFee });
      toast.good(texts.done(members.length));
      await navigate({ to: "/tx/$id", params: { id: members.at(-1)!.transaction.txid } });
    } catch (error) {
      toast.failure(texts.failed, error);
    }
  };
  return { ask, isPending: broadcast.isPending };
}

function toneOf(result: PackageAcceptance | undefined): string {
  if (result === undefined) return "plain";
  return result.is_accepted ? "good" : "bad";
}
