import type { ChainTip } from "@bitfleet/api/rest/chain.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { BlockLink } from "@bitfleet/ui/places.tsx";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import type { ReactElement } from "react";
import classes from "./mining.module.css";
import { useBranches } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.branches;
const STATES: Readonly<Record<string, string>> = texts.states;

const COLUMNS: readonly Column<ChainTip>[] = [
  {
    id: "height",
    title: texts.columns.height,
    width: 120,
    align: "end",
    cell: ({ height }) => formatCount(height),
    sortBy: ({ height }) => height,
  },
  { id: "hash", title: texts.columns.hash, cell: ({ hash }) => <BlockLink id={hash} edgeCount={12} /> },
  {
    id: "length",
    title: texts.columns.length,
    width: 110,
    align: "end",
    cell: ({ branch_length: length }) => formatCount(length),
    sortBy: ({ branch_length: length }) => length,
  },
  {
    id: "instead",
    title: texts.columns.instead,
    width: 150,
    cell: ({ height, status }) =>
      status === "headers-only" ? "–" : <BlockLink id={String(height)}>{texts.blockAt(formatCount(height))}</BlockLink>,
  },
  {
    id: "status",
    title: texts.columns.status,
    width: 220,
    cell: ({ status }) => STATES[status] ?? status,
    sortBy: ({ status }) => status,
  },
];

/** Branches beside the chain: where the work of miners came to nothing. */
export function Branches({ asSeen }: { readonly asSeen: string | undefined }): ReactElement {
  const branches = useBranches();
  if (branches.error !== null && branches.data === undefined) {
    return <ErrorMessage error={branches.error} onRetry={() => void branches.refetch()} />;
  }
  return (
    <Card>
      <p className={classes.about}>
        {texts.about} {asSeen}
      </p>
      <DataTable
        label={texts.label}
        rows={branches.data}
        columns={COLUMNS}
        rowKey={({ hash }) => hash}
        empty={texts.empty}
        initialSorting={{ columnId: "height", isDescending: true }}
      />
    </Card>
  );
}
