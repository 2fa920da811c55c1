import type { MempoolStanding, TransactionDetail } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import { formatFeerate } from "@bitfleet/ui/format.ts";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import { Skeleton } from "@mantine/core";
import type { CSSProperties, ReactElement } from "react";
import { useCluster } from "./queries.ts";
import classes from "./relations.module.css";
import { transactionTexts } from "./texts.ts";

const texts = transactionTexts.relations;

/** How a waiting transaction stands to others: what it needs, what needs it, and the cluster as miners take it. */
export function Relations({
  transaction,
  standing,
}: {
  readonly transaction: TransactionDetail;
  readonly standing: MempoolStanding;
}): ReactElement {
  return (
    <Card title={texts.title}>
      <dl className={classes.fields}>
        <div>
          <dt>{texts.replaceable}</dt>
          <dd>{standing.signals_replacement ? texts.signals : texts.signalsNot}</dd>
        </div>
        <div>
          <dt>{texts.parents}</dt>
          <dd>
            <Relatives txids={standing.depends_on} count={standing.ancestor_count - 1} />
          </dd>
        </div>
        <div>
          <dt>{texts.children}</dt>
          <dd>
            <Relatives txids={standing.spent_by} count={standing.descendant_count - 1} />
          </dd>
        </div>
      </dl>
      {standing.ancestor_count + standing.descendant_count > 2 && <Cluster txid={transaction.txid} />}
    </Card>
  );
}

/** Direct relatives, and how many there are with those behind them. */
function Relatives({ txids, count }: { readonly txids: readonly string[]; readonly count: number }): ReactElement {
  if (count === 0) return <>{texts.none}</>;
  return (
    <>
      {texts.ancestors(count)}
      <ul className={classes.relatives}>
        {txids.map((txid) => (
          <li key={txid}>
            <TransactionLink txid={txid} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Cluster({ txid }: { readonly txid: string }): ReactElement | null {
  const { data: cluster } = useCluster(txid);
  if (cluster === undefined) return <Skeleton height={90} radius="md" />;
  if (cluster === null) return null;
  const widest = Math.max(...cluster.transactions.map((one) => one.virtual_size));
  return (
    <section className={classes.cluster} aria-label={texts.cluster}>
      <h3>
        <Explained term={texts.cluster}>{texts.clusterHelp}</Explained>
        <span>{texts.clusterOf(cluster.transactions.length, cluster.chunks.length)}</span>
      </h3>
      <ol className={classes.chunks}>
        {cluster.chunks.map((chunk, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place in the order
          <li key={index} aria-label={texts.chunk(index + 1, formatFeerate(chunk.feerate_sat_per_kvb / 1000))}>
            <span className={classes.rate}>
              {formatFeerate(chunk.feerate_sat_per_kvb / 1000)}
              <small>sat/vB</small>
            </span>
            <ul>
              {cluster.transactions
                .filter((one) => one.chunk === index)
                .map((one) => (
                  <li key={one.txid} data-own={one.txid === txid}>
                    <span
                      className={classes.bar}
                      style={{ "--share": one.virtual_size / widest } as CSSProperties}
                      aria-hidden="true"
                    />
                    {one.txid === txid ? <b>{texts.thisOne}</b> : <TransactionLink txid={one.txid} hasNoCopy />}
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}
