import { Amount } from "@bitfleet/ui/amount.tsx";
import { useApi } from "@bitfleet/ui/api-provider.tsx";
import { Card, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { formatCount, formatFeerate, formatShare, formatWeight } from "@bitfleet/ui/format.ts";
import { useAdminKey } from "@bitfleet/ui/keys/keys-provider.tsx";
import { tryKey } from "@bitfleet/ui/keys/try-key.ts";
import { ErrorMessage } from "@bitfleet/ui/states.tsx";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import classes from "./mining.module.css";
import { useNextBlock, useTemplate } from "./queries.ts";
import { TemplateTable } from "./template-table.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.template;

/** BIP141. Stated here too, since the page does not load the consensus rules for one number. */
const MAX_BLOCK_WEIGHT = 4_000_000;
const MEDIAN_INDEX = 3;

/** What the next block would be: its figures for everybody, its transactions for who has the admin key. */
export function NextBlock({ asSeen }: { readonly asSeen: string | undefined }): ReactElement {
  const next = useNextBlock();
  const template = useTemplate();
  const block = next.data;
  if (next.error !== null && block === undefined) {
    return <ErrorMessage error={next.error} onRetry={() => void next.refetch()} />;
  }
  const rateAt = (place: number) => formatFeerate((block?.feerate_range_sat_per_kvb.at(place) ?? 0) / 1000);
  const weight = block?.weight ?? 0;
  return (
    <div className={classes.screen}>
      {asSeen !== undefined && <p className={classes.about}>{asSeen}</p>}
      <StatTiles>
        <StatTile label={texts.transactions}>
          {block !== undefined && (
            <span data-testid="next-transactions">{formatCount(block?.transaction_count ?? 0)}</span>
          )}
        </StatTile>
        <StatTile label={texts.fees}>{block !== undefined && <Amount sats={BigInt(block?.total_fee ?? 0)} />}</StatTile>
        <StatTile label={texts.weight} detail={texts.of(formatWeight(weight), formatWeight(MAX_BLOCK_WEIGHT))}>
          {block !== undefined && formatShare(weight / MAX_BLOCK_WEIGHT)}
        </StatTile>
        <StatTile label={texts.median}>
          {block !== undefined && (block === null ? "–" : `${rateAt(MEDIAN_INDEX)} sat/vB`)}
        </StatTile>
        <StatTile label={texts.lowest}>
          {block !== undefined && (block === null ? "–" : `${rateAt(0)} sat/vB`)}
        </StatTile>
      </StatTiles>
      <Card title={texts.list}>
        <Transactions template={template} isEmpty={block === null} />
      </Card>
    </div>
  );
}

function Transactions({
  template,
  isEmpty,
}: {
  readonly template: ReturnType<typeof useTemplate>;
  readonly isEmpty: boolean;
}): ReactElement {
  const api = useApi();
  const adminKey = useAdminKey();
  const enter = async () => {
    try {
      await adminKey.run((apiKey) => tryKey(api, "admin", apiKey));
    } catch (error) {
      toast.failure(texts.keyFailed, error);
    }
  };
  if (!adminKey.isKnown) {
    return (
      <div className={classes.locked}>
        <p className={classes.about}>{isEmpty ? texts.empty : texts.locked}</p>
        <Button size="sm" variant="default" onClick={() => void enter()}>
          {texts.enter}
        </Button>
      </div>
    );
  }
  if (template.error !== null && template.data === undefined) {
    return <ErrorMessage error={template.error} onRetry={() => void template.refetch()} />;
  }
  return <TemplateTable template={template.data} />;
}
