import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement, ReactNode } from "react";
import { useReplacement } from "./queries.ts";
import { transactionTexts } from "./texts.ts";
import classes from "./transaction-head.module.css";

const texts = transactionTexts.status;

interface TransactionHeadProps {
  readonly transaction: TransactionDetail;
  /** The node has it no more: what is shown is what it was. */
  readonly isGone: boolean;
  readonly actions?: ReactNode;
}

/** Which transaction it is, and where it stands: in a block, waiting, or gone. */
export function TransactionHead({ transaction, isGone, actions }: TransactionHeadProps): ReactElement {
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <h1>{transactionTexts.title}</h1>
        <StatusPill transaction={transaction} isGone={isGone} />
        {transaction.is_coinbase && <span className={classes.kind}>{texts.coinbase}</span>}
        <div className={classes.actions}>{actions}</div>
      </div>
      <div className={classes.txid} data-testid="txid">
        <Hash value={transaction.txid} label="txid" isWhole />
      </div>
      <p className={classes.when}>
        {isGone ? <Gone transaction={transaction} /> : <Place transaction={transaction} />}
      </p>
    </header>
  );
}

function StatusPill({ transaction, isGone }: TransactionHeadProps): ReactElement {
  const { is_confirmed: isConfirmed, confirmations } = transaction.status;
  const tone = isGone ? "bad" : isConfirmed ? "good" : "warn";
  const word = isGone ? texts.gone : isConfirmed ? texts.confirmations(confirmations) : texts.waiting;
  return (
    <span className={classes.status} data-tone={tone} data-testid="status" role="status">
      {word}
    </span>
  );
}

function Place({ transaction }: { readonly transaction: TransactionDetail }): ReactElement | null {
  const { block_hash: hash, block_height: height, block_time: time, index } = transaction.status;
  const { mempool } = transaction;
  if (hash !== null && height !== null && time !== null && index !== null) {
    return (
      <>
        {texts.inBlock} <BlockLink id={hash}>{formatCount(height)}</BlockLink> · {texts.position(formatCount(index))} ·{" "}
        <Age unixSeconds={time} />
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

function Gone({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  const { data: txid } = useReplacement(transaction, true);
  if (txid == null) return <>{texts.goneWhy}</>;
  return (
    <>
      {texts.replaced} <TransactionLink txid={txid} />
    </>
  );
}
