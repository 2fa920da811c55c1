import { ApiError } from "@bitfleet/api/errors.ts";
import type { BlockSummary } from "@bitfleet/api/rest/chain.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { ErrorMessage, LoadingRows, Message } from "@bitfleet/ui/states.tsx";
import { Tabs } from "@bitfleet/ui/tabs.tsx";
import { Link } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useMemo } from "react";
import { BlockHexPanel, BlockJsonPanel } from "./block-data.tsx";
import { BlockHead } from "./block-head.tsx";
import { paymentsByFeerate, type RowFilter, rowsOf } from "./block-rows.ts";
import classes from "./block-screen.module.css";
import { BlockTiles } from "./block-tiles.tsx";
import { CoinbaseCard } from "./coinbase-card.tsx";
import { FeerateSpread } from "./feerate-spread.tsx";
import { HeaderFields } from "./header-fields.tsx";
import { useBlock, useBlockOverview } from "./queries.ts";
import { Siblings, StaleNotice } from "./siblings.tsx";
import { texts } from "./texts.ts";
import { TransactionTable } from "./transaction-table.tsx";
import { TransactionTreemap } from "./transaction-treemap.tsx";

interface BlockScreenProps {
  /** Hash or height. */
  readonly id: string;
  /** What the table shows, as the address has it. */
  readonly filter: RowFilter;
  readonly onFilter: (filter: RowFilter) => void;
  readonly onOpenTransaction: (txid: string) => void;
  /** What the first tab holds: another feature's part, put in by the route. */
  readonly transactions: (block: BlockSummary) => ReactNode;
}

/** One block: how it stands, its figures, its transactions as a picture, and all it is made of. */
export function BlockScreen(props: BlockScreenProps): ReactElement {
  const { id } = props;
  const block = useBlock(id);
  if (block.data !== undefined) return <Content key={block.data.hash} {...props} block={block.data} />;
  if (block.error instanceof ApiError && (block.error.status === 404 || block.error.status === 400)) {
    return (
      <Message
        level={1}
        title={/^\d+$/.test(id) && id.length < 64 ? texts.noBlockAt(formatCount(Number(id))) : texts.unknown}
        action={<Link to="/blocks">{texts.newest}</Link>}
      >
        <code>{id}</code> {texts.unknownWhy}
      </Message>
    );
  }
  if (block.error !== null) return <ErrorMessage level={1} error={block.error} onRetry={() => void block.refetch()} />;
  return <LoadingRows count={6} height={64} label={texts.loading} />;
}

function Content(props: BlockScreenProps & { readonly block: BlockSummary }): ReactElement {
  const { block, filter, onFilter, onOpenTransaction, transactions } = props;
  const overview = useBlockOverview(block);
  const rows = useMemo(() => overview.data && rowsOf(overview.data.transactions), [overview.data]);
  const payments = useMemo(() => rows && paymentsByFeerate(rows), [rows]);
  // Without its data (-prune) there is nothing to draw.
  const statistics = overview.error === null ? overview.data?.statistics : null;
  const siblings = overview.data?.siblings;
  return (
    <div className={classes.screen}>
      <BlockHead block={block} seen={overview.data?.seen} />
      <StaleNotice block={block} siblings={siblings} />
      <BlockTiles block={block} statistics={statistics} />
      {overview.error === null && block.transaction_count > 1 && (
        <div className={classes.pictures}>
          <Card title={texts.map.title}>
            {payments === undefined ? (
              <div className={classes.mapPlace} role="status" aria-label={texts.map.loading} />
            ) : (
              <TransactionTreemap rows={payments} onOpen={onOpenTransaction} />
            )}
          </Card>
          <FeerateSpread statistics={statistics} paymentCount={block.transaction_count - 1} />
        </div>
      )}
      <Siblings siblings={siblings} />
      <Tabs
        label={texts.tabs.label}
        tabs={[
          { id: "transactions", title: texts.tabs.transactions, panel: () => transactions(block) },
          {
            id: "table",
            title: texts.tabs.table,
            panel: () => <TransactionTable overview={overview} rows={rows} filter={filter} onFilter={onFilter} />,
          },
          {
            id: "header",
            title: texts.tabs.header,
            panel: () => (
              <div className={classes.stack}>
                <HeaderFields block={block} />
                <CoinbaseCard blockHash={block.hash} statistics={statistics} />
              </div>
            ),
          },
          { id: "json", title: texts.tabs.json, panel: () => <BlockJsonPanel block={block} overview={overview} /> },
          { id: "hex", title: texts.tabs.raw, panel: () => <BlockHexPanel blockHash={block.hash} /> },
        ]}
      />
    </div>
  );
}
