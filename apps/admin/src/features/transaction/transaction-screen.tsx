import { ApiError } from "@bitfleet/api/errors.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { Skeleton } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { CoinTables } from "./coin-tables.tsx";
import { DetailsCard, FigureTiles } from "./facts.tsx";
import { FlowPicture } from "./flow-picture.tsx";
import { useTransaction } from "./queries.ts";
import { HexTab, JsonTab } from "./raw-tabs.tsx";
import { Relations } from "./relations.tsx";
import { ScriptsTab } from "./scripts-tab.tsx";
import { transactionTexts as texts } from "./texts.ts";
import { TransactionHead } from "./transaction-head.tsx";
import classes from "./transaction-screen.module.css";

const route = getRouteApi("/tx/$id");

/** One transaction, wherever it is: where its coins go, how it stands, its scripts and its bytes. */
export function TransactionScreen(): ReactElement {
  const { id } = route.useParams();
  const transaction = useTransaction(id.toLowerCase());
  const { data, error } = transaction;
  const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 400);
  // What was shown stays, also when a transaction is replaced meanwhile.
  if (data !== undefined) return <Found transaction={data} isGone={isMissing} />;
  if (isMissing) return <Unknown id={id} why={error.message} />;
  if (error !== null) return <ErrorMessage level={1} error={error} onRetry={() => void transaction.refetch()} />;
  return <Loading />;
}

function Found({
  transaction,
  isGone,
}: {
  readonly transaction: TransactionDetail;
  readonly isGone: boolean;
}): ReactElement {
  return (
    <div className={classes.screen}>
      <TransactionHead transaction={transaction} isGone={isGone} />
      <FigureTiles transaction={transaction} standing={transaction.mempool} />
      <Card title={texts.flow.title}>
        <FlowPicture transaction={transaction} />
      </Card>
      {transaction.mempool !== null && !isGone && (
        <Relations transaction={transaction} standing={transaction.mempool} />
      )}
      <DetailsCard transaction={transaction} />
      <Tabs
        label={texts.tabs.label}
        tabs={[
          { id: "coins", title: texts.tabs.flow, panel: () => <CoinTables transaction={transaction} /> },
          { id: "scripts", title: texts.tabs.scripts, panel: () => <ScriptsTab transaction={transaction} /> },
          { id: "hex", title: texts.tabs.hex, panel: () => <HexTab hex={transaction.hex} /> },
          { id: "json", title: texts.tabs.json, panel: () => <JsonTab transaction={transaction} /> },
        ]}
      />
    </div>
  );
}

function Unknown({ id, why }: { readonly id: string; readonly why: string }): ReactElement {
  const isId = /^[0-9a-f]{64}$/i.test(id);
  return (
    <Message level={1} title={texts.unknown.title} action={<Link to="/broadcast">{texts.unknown.broadcast}</Link>}>
      <code>{id}</code>
      <br />
      {isId ? `${why} ${texts.unknown.why}` : texts.unknown.noId}
    </Message>
  );
}

/** As high as what takes its place. */
function Loading(): ReactElement {
  return (
    <div className={classes.screen} role="status" aria-label={texts.loading}>
      <Skeleton height={96} radius="md" />
      <Skeleton height={84} radius="md" />
      <Skeleton height={220} radius="md" />
      <Skeleton height={110} radius="md" />
      <Skeleton height={320} radius="md" />
    </div>
  );
}
