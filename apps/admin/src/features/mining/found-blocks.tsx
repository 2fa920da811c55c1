import type { FoundBlock } from "@bitfleet/api/rest/mining.ts";
import { Age } from "@bitfleet/ui/age.tsx";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import type { ReactElement } from "react";
import classes from "./mining.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.found;

const COLUMNS: readonly Column<FoundBlock>[] = [
  {
    id: "height",
    title: texts.columns.height,
    width: 88,
    align: "end",
    cell: ({ height }) => formatCount(height),
    sortBy: ({ height }) => height,
  },
  {
    id: "hash",
    title: texts.columns.hash,
    width: 178,
    cell: ({ hash }) => <BlockLink id={hash} edgeCount={6} />,
  },
  {
    id: "time",
    title: texts.columns.time,
    width: 104,
    cell: ({ time }) => <Age unixSeconds={time} />,
    sortBy: ({ time }) => time,
  },
  {
    id: "transactions",
    title: texts.columns.transactions,
    width: 66,
    align: "end",
    cell: ({ transaction_count: count }) => formatCount(count),
    sortBy: ({ transaction_count: count }) => count,
  },
  {
    id: "reward",
    title: texts.columns.reward,
    width: 150,
    align: "end",
    cell: ({ reward_sats: reward }) => <Amount sats={BigInt(reward)} />,
    sortBy: ({ reward_sats: reward }) => reward,
  },
  {
    id: "fees",
    title: texts.columns.fees,
    width: 150,
    align: "end",
    cell: ({ fee_sats: fees }) => <Amount sats={BigInt(fees)} />,
    sortBy: ({ fee_sats: fees }) => fees,
  },
  {
    id: "state",
    title: texts.columns.state,
    cell: (block) => <State block={block} />,
    sortBy: ({ is_active: isActive }) => (isActive ? 1 : 0),
  },
];

function State({ block }: { readonly block: FoundBlock }): ReactElement {
  if (block.is_active) return <span className={classes.good}>{texts.inChain}</span>;
  return (
    <span className={classes.stale}>
      <span>{texts.stale}</span>
      {block.instead !== null && (
        <span className={classes.instead}>
          {texts.instead} <BlockLink id={block.instead} edgeCount={4} hasNoCopy />
        </span>
      )}
    </span>
  );
}

/** The blocks that the miner found since its start: what each paid, and what became of it. */
export function FoundBlocks({ blocks }: { readonly blocks: readonly FoundBlock[] | undefined }): ReactElement {
  return (
    <Card>
      <p className={classes.about}>{texts.about}</p>
      <DataTable
        label={texts.label}
        rows={blocks}
        columns={COLUMNS}
        rowKey={({ hash }) => hash}
        empty={texts.empty}
        name="found-blocks"
        initialSorting={{ columnId: "height", isDescending: true }}
      />
    </Card>
  );
}
