import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount, formatDateTime, formatWeight } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { Feerate } from "@bitfleet/ui/quantities.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { type ReactElement, type ReactNode, useMemo } from "react";
import { type BlockTemplate, type TemplateRow, templateRows, templateTotals } from "./block-template.ts";
import classes from "./mining.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.template;

const COLUMNS: readonly Column<TemplateRow>[] = [
  {
    id: "place",
    title: texts.columns.place,
    width: 84,
    align: "end",
    cell: ({ place }) => formatCount(place),
    sortBy: ({ place }) => place,
  },
  { id: "txid", title: texts.columns.txid, cell: ({ txid }) => <TransactionLink txid={txid} edgeCount={10} /> },
  {
    id: "fee",
    title: texts.columns.fee,
    width: 168,
    align: "end",
    cell: ({ fee }) => <Amount sats={BigInt(fee)} />,
    sortBy: ({ fee }) => fee,
  },
  {
    id: "feerate",
    title: texts.columns.feerate,
    width: 128,
    align: "end",
    cell: ({ satPerVbyte }) => <Feerate satPerVbyte={satPerVbyte} />,
    sortBy: ({ satPerVbyte }) => satPerVbyte,
  },
  {
    id: "weight",
    title: texts.columns.weight,
    width: 118,
    align: "end",
    cell: ({ weight }) => formatWeight(weight),
    sortBy: ({ weight }) => weight,
  },
  {
    id: "sigops",
    title: texts.columns.sigops,
    width: 96,
    align: "end",
    cell: ({ sigops }) => formatCount(sigops),
    sortBy: ({ sigops }) => sigops,
  },
  {
    id: "parents",
    title: texts.columns.parents,
    width: 110,
    align: "end",
    cell: ({ depends }) => (depends.length === 0 ? "–" : depends.map(formatCount).join(" ")),
    sortBy: ({ depends }) => depends.length,
  },
];

/** The transactions of the block in its order, and what its header is made from; `undefined` while it is on its way. */
export function TemplateTable({ template }: { readonly template: BlockTemplate | undefined }): ReactElement {
  const rows = useMemo(() => template && templateRows(template), [template]);
  return (
    <>
      {template !== undefined && <Facts template={template} />}
      <DataTable
        label={texts.rows}
        rows={rows}
        columns={COLUMNS}
        rowKey={({ txid }) => txid}
        empty={texts.empty}
        name="template"
      />
    </>
  );
}

function Facts({ template }: { readonly template: BlockTemplate }): ReactElement {
  const { sigops } = templateTotals(template);
  const facts: readonly (readonly [string, ReactNode])[] = [
    [texts.height, formatCount(template.height)],
    [texts.reward, <Amount key="reward" sats={BigInt(template.coinbasevalue)} />],
    [texts.version, `0x${(template.version >>> 0).toString(16).padStart(8, "0")}`],
    [texts.bits, template.bits],
    [texts.minTime, formatDateTime(template.mintime)],
    [texts.sigops, texts.of(formatCount(sigops), formatCount(template.sigoplimit))],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
