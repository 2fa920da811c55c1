import { ApiError } from "@bitfleet/api/errors.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Pager } from "@bitfleet/ui/pager.tsx";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import classes from "./block-transactions.module.css";
import { TRANSACTIONS_PER_PAGE, useBlockTransactions } from "./queries.ts";
import { TransactionCard } from "./transaction-card.tsx";

interface BlockTransactionsProps {
  readonly blockHash: string;
  readonly transactionCount: number;
  /** Counted from 1. */
  readonly page: number;
  readonly onPage: (page: number) => void;
}

/** The transactions of one block, in block order, page by page. */
export function BlockTransactions(props: BlockTransactionsProps): ReactElement {
  const { blockHash, transactionCount, page, onPage } = props;
  const transactions = useBlockTransactions(blockHash, page);
  return (
    <section className={classes.section} aria-label="Transactions">
      <h2 className={classes.title}>
        {transactionCount === 1 ? "1 transaction" : `${formatCount(transactionCount)} transactions`}
      </h2>
      <Content transactions={transactions} count={Math.min(transactionCount, TRANSACTIONS_PER_PAGE)} page={page} />
      <Pager
        page={page}
        pageCount={Math.ceil(transactionCount / TRANSACTIONS_PER_PAGE)}
        label="transactions"
        onPage={onPage}
      />
    </section>
  );
}

function Content({
  transactions,
  count,
  page,
}: {
  readonly transactions: ReturnType<typeof useBlockTransactions>;
  readonly count: number;
  readonly page: number;
}): ReactElement {
  const { data, error, isPlaceholderData, refetch } = transactions;
  if (data === undefined) {
    if (error instanceof ApiError && error.status === 404) {
      return (
        <Message title="Not here any more">
          This node deletes old blocks (-prune) and keeps their headers. It has checked these transactions.
        </Message>
      );
    }
    if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
    return <LoadingRows count={count} height={150} label="Loading transactions" />;
  }
  if (data.items.length === 0) return <Message title={`There is no page ${page}`}>This block has fewer.</Message>;
  return (
    <ol className={classes.list} aria-busy={isPlaceholderData}>
      {data.items.map((transaction) => (
        <li key={transaction.txid}>
          <TransactionCard transaction={transaction} />
        </li>
      ))}
    </ol>
  );
}
