import type { TransactionView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Bytes } from "@bitfleet/ui/bytes.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { ArrowRightIcon } from "@bitfleet/ui/icons.tsx";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { type ReactElement, useId, useState } from "react";
import { InputRow } from "./input-row.tsx";
import { OutputRow } from "./output-row.tsx";
import classes from "./transaction-card.module.css";

/** A long list of inputs or outputs shows its beginning first. */
const ROWS_SHOWN_FIRST = 8;

/** One transaction: what it spends on the left, what it makes on the right, and the scripts on demand. */
export function TransactionCard({ transaction }: { readonly transaction: TransactionView }): ReactElement {
  const [hasScripts, setHasScripts] = useState(false);
  const id = useId();
  const isSegwit = transaction.txid !== transaction.wtxid;
  return (
    <article className={classes.card} aria-labelledby={id} data-txid={transaction.txid}>
      <header className={classes.head}>
        <span className={classes.index} title="Position in the block">
          {formatCount(transaction.index)}
        </span>
        <h3 id={id} className={classes.txid}>
          <TransactionLink txid={transaction.txid} edgeCount={12} />
        </h3>
        {transaction.is_coinbase && <span className={classes.badge}>Coinbase</span>}
        {isSegwit && <span className={classes.quiet}>SegWit</span>}
        <button
          type="button"
          className={classes.details}
          aria-expanded={hasScripts}
          onClick={() => setHasScripts(!hasScripts)}
        >
          {hasScripts ? "Hide scripts" : "Show scripts"}
        </button>
      </header>
      <div className={classes.flow}>
        <Rows label="Inputs" count={transaction.inputs.length}>
          {(index) => {
            const input = transaction.inputs[index];
            return input && <InputRow key={index} input={input} index={index} hasScripts={hasScripts} />;
          }}
        </Rows>
        <span className={classes.arrow}>
          <ArrowRightIcon />
        </span>
        <Rows label="Outputs" count={transaction.outputs.length}>
          {(index) => {
            const output = transaction.outputs[index];
            return output && <OutputRow key={index} output={output} hasScripts={hasScripts} />;
          }}
        </Rows>
      </div>
      <Facts transaction={transaction} hasDetails={hasScripts} />
    </article>
  );
}

function Rows({
  label,
  count,
  children,
}: {
  readonly label: string;
  readonly count: number;
  readonly children: (index: number) => ReactElement | undefined;
}): ReactElement {
  const [isWhole, setIsWhole] = useState(false);
  const shownCount = isWhole ? count : Math.min(count, ROWS_SHOWN_FIRST);
  return (
    <div className={classes.side}>
      <ul className={classes.rows} aria-label={label}>
        {Array.from({ length: shownCount }, (_, index) => children(index))}
      </ul>
      {shownCount < count && (
        <button type="button" className={classes.more} onClick={() => setIsWhole(true)}>
          Show {formatCount(count - shownCount)} more
        </button>
      )}
    </div>
  );
}

function Facts({
  transaction,
  hasDetails,
}: {
  readonly transaction: TransactionView;
  readonly hasDetails: boolean;
}): ReactElement {
  const { fee, virtual_size: virtualSize } = transaction;
  const witnessCount = transaction.inputs.reduce((count, input) => count + input.witness.length, 0);
  return (
    <footer className={classes.facts}>
      <span>
        <Bytes bytes={transaction.size_bytes} />
      </span>
      <span>
        <Explained term={`${formatCount(virtualSize)} vB`}>
          Virtual size: the weight divided by four (BIP141). Fees are compared per virtual byte.
        </Explained>
      </span>
      {witnessCount > 0 && (
        <span>{witnessCount === 1 ? "1 witness item" : `${formatCount(witnessCount)} witness items`}</span>
      )}
      {hasDetails && <span>version {transaction.version}</span>}
      {hasDetails && <span>lock time {transaction.lock_time}</span>}
      {hasDetails && transaction.txid !== transaction.wtxid && (
        <span>
          wtxid <Hash value={transaction.wtxid} label="wtxid" />
        </span>
      )}
      <span className={classes.totals}>
        {fee !== null && (
          <span>
            Fee <Amount sats={BigInt(fee)} />
            {virtualSize > 0 && <span className={classes.rate}>{(fee / virtualSize).toFixed(1)} sat/vB</span>}
          </span>
        )}
        <span className={classes.total}>
          Total <Amount sats={BigInt(transaction.total_output)} />
        </span>
      </span>
    </footer>
  );
}
