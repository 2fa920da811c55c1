import type { WatchAddress, WatchAddresses } from "@bitfleet/api/rest/watch.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { AddressLink } from "@bitfleet/ui/places.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { type ReactElement, useMemo, useState } from "react";
import classes from "./address.module.css";
import { Change } from "./history-table.tsx";
import { texts } from "./texts.ts";

const words = texts.derived;
const SHOWS = ["all", "used", "funded"] as const;
type Shown = (typeof SHOWS)[number];

/** Every address that descriptors stand for, as far as they were looked at. */
export function DerivedTable({ derived }: { readonly derived: WatchAddresses | undefined }): ReactElement {
  const [shown, setShown] = useState<Shown>("all");
  const rows = useMemo(() => derived?.addresses.filter((one) => isShown(one, shown)), [derived, shown]);
  return (
    <DataTable
      label={words.label}
      rows={rows}
      columns={COLUMNS}
      rowKey={(one) => `${one.descriptor}/${one.variant}/${one.index}`}
      tools={
        <Choice
          label={words.show}
          options={SHOWS.map((value) => ({ value, title: words.shows[value] }))}
          value={shown}
          onChoose={setShown}
        />
      }
      card={(one) => (
        <div className={classes.card}>
          {one.address === null ? <span>{words.noAddress}</span> : <AddressLink address={one.address} edgeCount={7} />}
          <span className={classes.quiet}>{pathOf(one)}</span>
          {one.balance === 0 && one.unconfirmed !== 0 ? (
            <Change sats={one.unconfirmed} />
          ) : (
            <Amount sats={BigInt(one.balance)} />
          )}
          <span className={classes.quiet}>{words.usesText(usesOf(one), formatCount(usesOf(one)))}</span>
        </div>
      )}
      empty={words.empty}
    />
  );
}

const usesOf = (one: WatchAddress) => one.transaction_count + one.unconfirmed_transaction_count;

function isShown(one: WatchAddress, shown: Shown): boolean {
  if (shown === "used") return usesOf(one) > 0;
  return shown === "all" || one.balance !== 0 || one.unconfirmed !== 0;
}

const COLUMNS: readonly Column<WatchAddress>[] = [
  { id: "path", title: words.columns.path, width: 168, cell: (one) => pathOf(one) },
  {
    id: "address",
    title: words.columns.address,
    cell: (one) =>
      one.address === null ? (
        <span className={classes.quiet}>{words.noAddress}</span>
      ) : (
        <AddressLink address={one.address} />
      ),
  },
  {
    id: "uses",
    title: words.columns.uses,
    width: 128,
    align: "end",
    sortBy: usesOf,
    cell: (one) => (usesOf(one) === 0 ? "–" : formatCount(usesOf(one))),
  },
  {
    id: "balance",
    title: words.columns.balance,
    width: 190,
    align: "end",
    sortBy: (one) => one.balance,
    cell: (one) => (one.balance === 0 ? "–" : <Amount sats={BigInt(one.balance)} />),
  },
  {
    id: "pending",
    title: words.columns.pending,
    width: 190,
    align: "end",
    sortBy: (one) => one.unconfirmed,
    cell: (one) => (one.unconfirmed === 0 ? "–" : <Change sats={one.unconfirmed} />),
  },
];

/** By its descriptor where there are several, the value of a multipath step, and the index. */
function pathOf({ descriptor, variant, index }: WatchAddress): string {
  const branch = words.variants[String(variant) as keyof typeof words.variants] ?? String(variant);
  return `${(descriptor ?? 0) + 1} · ${branch} ${formatCount(index ?? 0)}`;
}
