import { ApiError } from "@bitfleet/api/errors.ts";
import type { ReplacementStep } from "@bitfleet/api/rest/replacements.ts";
import type { TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { useDetailTitle } from "@bitfleet/ui/document-title.ts";
import { shortHash } from "@bitfleet/ui/format.ts";
import { SendIcon, StepForwardIcon } from "@bitfleet/ui/icons.tsx";
import { ErrorMessage, Message } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { Skeleton } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense } from "react";
import { CoinTables } from "./coin-tables.tsx";
import { DetailsCard, FigureTiles } from "./facts.tsx";
import { FlowPicture } from "./flow-picture.tsx";
import { goneTransaction } from "./gone-transaction.ts";
import { useReplacements, useTransaction } from "./queries.ts";
import { HexTab, JsonTab } from "./raw-tabs.tsx";
import { Relations } from "./relations.tsx";
import { Replacements } from "./replacements.tsx";
import { ScriptsTab } from "./scripts-tab.tsx";
import { transactionTexts as texts } from "./texts.ts";
import { TransactionHead } from "./transaction-head.tsx";
import classes from "./transaction-screen.module.css";

const route = getRouteApi("/tx/$id");

/** Loaded when it is opened. */
const TransactionDebugger = lazy(async () => ({
  default: (await import("./debugger/debugger.tsx")).TransactionDebugger,
}));

/** One transaction, wherever it is: where its coins go, how it stands, its scripts and its bytes. */
export function TransactionScreen(): ReactElement {
  const { id } = route.useParams();
  const txid = id.toLowerCase();
  const transaction = useTransaction(txid);
  const { data, error } = transaction;
  const replacements = useReplacements(txid, data?.status.is_confirmed === true);
  const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 400);
  const steps = replacements.data?.transactions ?? [];
  useDetailTitle(`${texts.title} ${shortHash(txid, 6)}`);
  // What was shown stays, also when a transaction is replaced meanwhile.
  if (data !== undefined) return <Found transaction={data} isGone={isMissing} steps={steps} />;
  if (isMissing) {
    if (replacements.isPending && replacements.fetchStatus !== "idle") return <Loading />;
    const gone = goneTransaction(replacements.data);
    if (gone !== undefined) return <Found transaction={gone} isGone steps={steps} />;
    return <Unknown id={id} why={error.message} steps={steps} />;
  }
  if (error !== null) return <ErrorMessage level={1} error={error} onRetry={() => void transaction.refetch()} />;
  return <Loading />;
}

function Found({
  transaction,
  isGone,
  steps,
}: {
  readonly transaction: TransactionDetail;
  readonly isGone: boolean;
  readonly steps: readonly ReplacementStep[];
}): ReactElement {
  const canStep = !transaction.is_coinbase && !isGone;
  const state = steps.find(({ txid }) => txid === transaction.txid)?.state;
  return (
    <div className={classes.screen}>
      <TransactionHead
        transaction={transaction}
        isGone={isGone}
        steps={steps}
        actions={
          canStep
            ? stepLink(0, texts.scripts.stepAll)
            : isGone && (state === "expiry" || state === "sizelimit") && <AgainLink hex={transaction.hex} />
        }
      />
      <FigureTiles transaction={transaction} standing={isGone ? null : transaction.mempool} />
      <Replacements steps={steps} txid={transaction.txid} />
      <Card title={texts.flow.title}>
        <FlowPicture transaction={transaction} />
      </Card>
      {transaction.mempool !== null && !isGone && (
        <Relations transaction={transaction} standing={transaction.mempool} />
      )}
      <DetailsCard transaction={transaction} />
      {canStep && <OpenDebugger transaction={transaction} />}
      <Tabs
        label={texts.tabs.label}
        tabs={[
          { id: "coins", title: texts.tabs.flow, panel: () => <CoinTables transaction={transaction} /> },
          {
            id: "scripts",
            title: texts.tabs.scripts,
            panel: () => <ScriptsTab transaction={transaction} stepLink={canStep ? stepLink : undefined} />,
          },
          { id: "hex", title: texts.tabs.hex, panel: () => <HexTab hex={transaction.hex} /> },
          { id: "json", title: texts.tabs.json, panel: () => <JsonTab transaction={transaction} /> },
        ]}
      />
    </div>
  );
}

/** Hands it to the page that broadcasts. */
function AgainLink({ hex }: { readonly hex: string }): ReactElement {
  return (
    <Link to="/broadcast" state={{ pasted: hex } as object} className={classes.step ?? ""}>
      <SendIcon />
      {texts.status.again}
    </Link>
  );
}

/** Leads to the debugger, which the address opens; the tab stays as it is. */
function StepLink({ input, label }: { readonly input: number; readonly label: string }): ReactElement {
  const { id } = route.useParams();
  const { tab } = route.useSearch();
  return (
    <Link
      to="/tx/$id"
      params={{ id }}
      search={{ ...(tab !== undefined && { tab }), input }}
      className={classes.step ?? ""}
      resetScroll={false}
    >
      <StepForwardIcon />
      {label}
    </Link>
  );
}

const stepLink = (input: number, label: string) => <StepLink input={input} label={label} />;

/** The debugger where the address names an input: each step has an address. */
function OpenDebugger({ transaction }: { readonly transaction: TransactionDetail }): ReactElement | null {
  const { id } = route.useParams();
  const { tab, input, step = 0 } = route.useSearch();
  const navigate = route.useNavigate();
  if (input === undefined) return null;
  const { txid, inputs, status } = transaction;
  const go = (place: { readonly input?: number; readonly step?: number }) =>
    void navigate({
      to: "/tx/$id",
      params: { id },
      search: { ...(tab !== undefined && { tab }), ...place },
      replace: true,
      resetScroll: false,
    });
  return (
    <Suspense fallback={<Skeleton height={640} radius="md" />}>
      <TransactionDebugger
        txid={txid}
        isConfirmed={status.is_confirmed}
        inputCount={inputs.length}
        input={input}
        step={step}
        onGo={(place) => go(place.step === 0 ? { input: place.input } : place)}
        onClose={() => go({})}
      />
    </Suspense>
  );
}

/** Nothing is known of it, or no more than what took its place. */
function Unknown({
  id,
  why,
  steps,
}: {
  readonly id: string;
  readonly why: string;
  readonly steps: readonly ReplacementStep[];
}): ReactElement {
  const isId = /^[0-9a-f]{64}$/i.test(id);
  return (
    <div className={classes.screen}>
      <Message level={1} title={texts.unknown.title} action={<Link to="/broadcast">{texts.unknown.broadcast}</Link>}>
        {isId ? (
          `${why} ${texts.unknown.why}`
        ) : (
          <>
            <code className={classes.id}>{id}</code>
            <br />
            {texts.unknown.noId}
          </>
        )}
      </Message>
      <Replacements steps={steps} txid={id.toLowerCase()} />
    </div>
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
