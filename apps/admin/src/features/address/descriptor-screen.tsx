import type { WatchBody } from "@bitfleet/api/rest/watch.ts";
import { Card, PageHead, StatTile } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Count } from "@bitfleet/ui/quantities.tsx";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import classes from "./address.module.css";
import { BalanceTiles } from "./balance-tiles.tsx";
import { DerivedTable } from "./derived-table.tsx";
import { DescriptorUses } from "./descriptor-uses.tsx";
import { EntryForm } from "./entry-form.tsx";
import { LookupError } from "./lookup-error.tsx";
import { useBalance, useDerived } from "./queries.ts";
import { texts } from "./texts.ts";
import { WatchedParts } from "./watched-parts.tsx";
import { readEntry, watchBodyOf } from "./watched-text.ts";

const route = getRouteApi("/descriptor");
const words = texts.entry;

/** Where addresses, descriptors and extended keys are looked up, and what descriptors have. */
export function DescriptorScreen(): ReactElement {
  const { d = "", gap } = route.useSearch();
  const entry = useMemo(() => readEntry(d), [d]);
  const watched = useMemo(
    () => (entry.kind === "descriptors" ? watchBodyOf(entry.descriptors, gap) : undefined),
    [entry, gap],
  );
  return (
    <>
      <PageHead title={words.title}>{words.about}</PageHead>
      <div className={classes.parts}>
        <EntryForm key={d} text={d} gap={gap} />
        {watched === undefined ? (
          <Card title={words.examples}>
            <p className={classes.quiet}>{words.exampleText}</p>
          </Card>
        ) : (
          <Watched key={JSON.stringify(watched)} watched={watched} />
        )}
      </div>
    </>
  );
}

function Watched({ watched }: { readonly watched: WatchBody }): ReactElement {
  const balance = useBalance(watched);
  const derived = useDerived(watched);
  const error = balance.data === undefined ? balance.error : derived.data === undefined ? derived.error : null;
  if (error !== null) {
    return <LookupError error={error} onRetry={() => void Promise.all([balance.refetch(), derived.refetch()])} />;
  }
  const waitingCount = derived.data?.addresses.filter((one) => one.unconfirmed_transaction_count > 0).length;
  const useCount = derived.data?.addresses.reduce(
    (sum, one) => sum + one.transaction_count + one.unconfirmed_transaction_count,
    0,
  );
  return (
    <>
      <BalanceTiles balance={balance.data}>
        <StatTile
          label={texts.figures.scripts}
          detail={balance.data && texts.figures.used(formatCount(balance.data.used_script_count))}
        >
          {balance.data && <Count count={balance.data.script_count} />}
        </StatTile>
      </BalanceTiles>
      <DescriptorUses derived={derived.data} />
      <WatchedParts
        watched={watched}
        total={balance.data?.total}
        tipHeight={balance.data?.block_height}
        stamp={[useCount, waitingCount, balance.data?.total, balance.data?.confirmed].join()}
        addresses={() => <DerivedTable derived={derived.data} />}
      />
    </>
  );
}
