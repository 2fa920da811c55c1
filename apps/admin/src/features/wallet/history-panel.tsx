import type { WalletTransaction } from "@bitfleet/api/rest/wallet-payments.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { shortHash } from "@bitfleet/ui/format.ts";
import cardClasses from "@bitfleet/ui/payment/entry-card.module.css";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { useNextPage } from "@bitfleet/ui/table/use-next-page.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo } from "react";
import classes from "./history-panel.module.css";
import { useHistory } from "./queries.ts";
import { isOutgoing, netOf, standingOf } from "./standing.ts";
import { StandingBadge } from "./standing-badge.tsx";
import { texts as allTexts } from "./texts.ts";
import walletClasses from "./wallet.module.css";
import { WalletError } from "./wallet-error.tsx";

const texts = allTexts.history;

interface HistoryPanelProps {
  readonly name: string;
  readonly onOpen: (txid: string) => void;
}

/** The transactions of a wallet, the newest first. */
export function HistoryPanel({ name, onOpen }: HistoryPanelProps): ReactElement {
  const history = useHistory(name);
  const onEnd = useNextPage(history);
  const rows = useMemo(
    () => history.data && uniqueRows(history.data.pages.flatMap(({ items }) => items)),
    [history.data],
  );
  if (rows === undefined && history.error !== null) {
    return <WalletError error={history.error} onRetry={() => void history.refetch()} />;
  }
  return (
    <div className={formClasses.parts}>
      <DataTable
        label={texts.label}
        rows={rows}
        columns={COLUMNS}
        rowKey={({ txid }) => txid}
        onOpen={({ txid }) => onOpen(txid)}
        empty={texts.empty}
        card={(row) => <HistoryCard row={row} />}
        onEnd={onEnd}
      />
      {history.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ""}
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {texts.more}
        </Button>
      )}
    </div>
  );
}

/** One that came between the asking for two parts may be in both. */
function uniqueRows(rows: readonly WalletTransaction[]): readonly WalletTransaction[] {
  return [...new Map(rows.map((row) => [row.txid, row])).values()];
}

const COLUMNS: readonly Column<WalletTransaction>[] = [
  { id: "state", title: texts.columns.state, width: 176, cell: (row) => <StandingBadge transaction={row} /> },
  { id: "what", title: texts.columns.what, cell: whatOf },
  { id: "amount", title: texts.columns.amount, width: 210, align: "end", cell: (row) => <Net row={row} /> },
  { id: "time", title: texts.columns.time, width: 150, align: "end", cell: ({ time }) => <Age unixSeconds={time} /> },
  {
    id: "txid",
    title: texts.columns.txid,
    width: 230,
    cell: ({ txid }) => <TransactionLink txid={txid} />,
  },
];

/** What a transaction changes in the balance. */
export function Net({ row }: { readonly row: WalletTransaction }): ReactElement {
  const net = netOf(row);
  const isHad = row.confirmations > 0 && standingOf(row) !== "immature";
  return (
    <span className={net > 0 && isHad ? walletClasses.gain : undefined}>
      {net > 0 && "+"}
      <Amount sats={BigInt(net)} />
    </span>
  );
}

function HistoryCard({ row }: { readonly row: WalletTransaction }): ReactElement {
  return (
    <div className={cardClasses.card}>
      <span>{whatOf(row)}</span>
      <Net row={row} />
      <StandingBadge transaction={row} />
      <small>
        <Age unixSeconds={row.time} />
      </small>
    </div>
  );
}

/** Who paid whom, in a line. */
function whatOf(row: WalletTransaction): string {
  const { movements } = row;
  const isMined = movements.some(({ category }) => ["generate", "immature", "orphan"].includes(category));
  if (isMined) return texts.mined;
  const wanted = isOutgoing(row) ? "send" : "receive";
  const parties = movements.filter(({ category }) => category === wanted);
  const [first, ...others] = parties;
  if (first === undefined) return texts.self;
  const name = first.label || (first.address === null ? texts.noAddress : shortHash(first.address, 11));
  const names = others.length === 0 ? name : texts.others(name, others.length);
  return isOutgoing(row) ? texts.to(names) : texts.at(names);
}
