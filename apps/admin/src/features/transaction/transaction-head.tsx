import type { ReplacementStep } from "@bitfleet/api/rest/replacements.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { Feerate } from "@bitfleet/ui/quantities.tsx";
import type { ReactElement, ReactNode } from "react";
import { transactionTexts } from "./texts.ts";
import classes from "./transaction-head.module.css";

const texts = transactionTexts.status;

/** Blocks behind a coinbase's own until a block may spend it. */
const COINBASE_MATURITY = 100;

interface TransactionHeadProps {
  readonly transaction: TransactionDetail;
  /** The node has it no more: what is shown is what it was. */
  readonly isGone: boolean;
  /** What the node remembers of replacements around it. */
  readonly steps: readonly ReplacementStep[];
  readonly actions?: ReactNode;
}

/** Which transaction it is, and where it stands: in a block, waiting, or gone. */
export function TransactionHead({ transaction, isGone, steps, actions }: TransactionHeadProps): ReactElement {
  const own = steps.find(({ txid }) => txid === transaction.txid);
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <h1>{transactionTexts.title}</h1>
        <StatusPill transaction={transaction} isGone={isGone} own={own} />
        {transaction.is_coinbase && <span className={classes.kind}>{texts.coinbase}</span>}
        <div className={classes.actions}>{actions}</div>
      </div>
      <div className={classes.txid} data-testid="txid">
        <Hash value={transaction.txid} label="txid" isWhole />
      </div>
      <p className={classes.when}>{isGone ? <Gone own={own} steps={steps} /> : <Place transaction={transaction} />}</p>
    </header>
  );
}

function StatusPill({
  transaction,
  isGone,
  own,
}: Pick<TransactionHeadProps, "transaction" | "isGone"> & {
  readonly own: ReplacementStep | undefined;
}): ReactElement {
  const { is_confirmed: isConfirmed, confirmations } = transaction.status;
  const tone = isGone ? "bad" : isConfirmed ? "good" : "warn";
  const word = isGone ? goneWord(own) : isConfirmed ? texts.confirmations(confirmations) : texts.waiting;
  return (
    <span className={classes.status} data-tone={tone} data-testid="status" role="status">
      {word}
    </span>
  );
}

function Place({ transaction }: { readonly transaction: TransactionDetail }): ReactElement | null {
  const { block_hash: hash, block_height: height, block_time: time, index, confirmations } = transaction.status;
  const { mempool } = transaction;
  if (hash !== null && height !== null && time !== null && index !== null) {
    return (
      <>
        {texts.inBlock} <BlockLink id={hash}>{formatCount(height)}</BlockLink> · {texts.position(formatCount(index))} ·{" "}
        <Age unixSeconds={time} />
        {transaction.is_coinbase && confirmations < COINBASE_MATURITY && (
          <> · {texts.matures(formatCount(height + COINBASE_MATURITY))}</>
        )}
      </>
    );
  }
  if (mempool === null) return null;
  return (
    <>
      {texts.seen} <Age unixSeconds={mempool.time} /> · {texts.turn(mempool.projected_block)}
    </>
  );
}

const goneWord = (own: ReplacementStep | undefined) => texts.goneStates[own?.state ?? "waiting"] ?? texts.gone;

/** Why it left, and what is there instead. */
function Gone({
  own,
  steps,
}: {
  readonly own: ReplacementStep | undefined;
  readonly steps: readonly ReplacementStep[];
}): ReactElement {
  if (own === undefined) return <>{texts.goneWhy}</>;
  const why = texts.goneReasons[own.state] ?? texts.goneWhy;
  return (
    <>
      {why}
      {own.replaced_by.map((txid) => (
        <span key={txid}>
          {" "}
          <TransactionLink txid={txid} />
          <More own={own} other={steps.find((step) => step.txid === txid)} />
        </span>
      ))}
      {own.left !== null && (
        <>
          {" · "}
          {texts.left} <Age unixSeconds={own.left} />
        </>
      )}
    </>
  );
}

/** How much more the one that took its place pays. */
function More({
  own,
  other,
}: {
  readonly own: ReplacementStep;
  readonly other: ReplacementStep | undefined;
}): ReactElement | null {
  if (own.fee === null || other?.fee == null || other.virtual_size === null) return null;
  const more = other.fee - own.fee;
  if (more < 0) return null;
  return (
    <span data-testid="pays-more">
      {" "}
      {texts.paysMore} <Amount sats={BigInt(more)} /> {texts.atRate}{" "}
      <Feerate satPerVbyte={other.fee / other.virtual_size} />
    </span>
  );
}
