import type { BlockStatistics } from "@bitfleet/api/rest/chain-charts.ts";
import type { TransactionView } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card } from "@bitfleet/ui/card.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { AddressLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import { ErrorMessage, LoadingRows } from "@bitfleet/ui/states.tsx";
import type { ReactElement } from "react";
import { coinbaseMessage, witnessCommitment } from "./coinbase-facts.ts";
import { GoneMessage, isGone } from "./gone-message.tsx";
import { HeaderField } from "./header-field.tsx";
import classes from "./header-fields.module.css";
import { useCoinbase } from "./queries.ts";
import { texts } from "./texts.ts";

/** Addresses named; a coinbase may pay hundreds. */
const PAID_SHOWN_MAX = 3;
const t = texts.coinbase;

interface CoinbaseCardProps {
  readonly blockHash: string;
  /** `null` where what the transactions pay is not known. */
  readonly statistics: BlockStatistics | null | undefined;
}

/** What the miner of a block wrote into its first transaction, and took. */
export function CoinbaseCard({ blockHash, statistics }: CoinbaseCardProps): ReactElement {
  const coinbase = useCoinbase(blockHash);
  if (coinbase.data) {
    return (
      <Card title={t.title}>
        <dl className={classes.fields}>
          <Fields coinbase={coinbase.data} statistics={statistics} />
        </dl>
      </Card>
    );
  }
  if (coinbase.error === null) return <LoadingRows count={1} height={220} label={texts.loading} />;
  if (isGone(coinbase.error)) return <GoneMessage />;
  return <ErrorMessage error={coinbase.error} onRetry={() => void coinbase.refetch()} />;
}

function Fields({
  coinbase,
  statistics,
}: {
  readonly coinbase: TransactionView;
  readonly statistics: BlockStatistics | null | undefined;
}): ReactElement {
  const scriptHex = coinbase.inputs[0]?.coinbase ?? "";
  const message = coinbaseMessage(scriptHex);
  const commitment = witnessCommitment(coinbase.outputs.map(({ script }) => script.hex));
  const left = statistics ? statistics.subsidy + statistics.total_fee - coinbase.total_output : 0;
  return (
    <>
      <HeaderField term={t.message} help={t.messageHelp} isWide>
        {message === "" ? t.noMessage : <bdi className={classes.message}>{message}</bdi>}
      </HeaderField>
      <HeaderField term={t.commitment} help={t.commitmentHelp} isWide>
        {commitment === undefined ? t.noCommitment : <Hash value={commitment} label={t.commitment} isWhole />}
      </HeaderField>
      <HeaderField term={t.subsidy} help={t.subsidyHelp}>
        {statistics ? <Amount sats={BigInt(statistics.subsidy)} /> : "–"}
      </HeaderField>
      <HeaderField term={t.fees} help={t.feesHelp}>
        {statistics ? <Amount sats={BigInt(statistics.total_fee)} /> : "–"}
      </HeaderField>
      <HeaderField term={t.taken} help={t.takenHelp}>
        <Amount sats={BigInt(coinbase.total_output)} />
        {left > 0 && (
          <span className={classes.left}>
            {t.left}
            <Amount sats={BigInt(left)} />
          </span>
        )}
      </HeaderField>
      <PaidTo coinbase={coinbase} />
      <HeaderField term={t.script} help={t.scriptHelp} isWide>
        <Hash value={scriptHex} label={t.script} isWhole />
      </HeaderField>
      <HeaderField term={t.txid} isWide>
        <TransactionLink txid={coinbase.txid} isWhole />
      </HeaderField>
    </>
  );
}

function PaidTo({ coinbase }: { readonly coinbase: TransactionView }): ReactElement {
  const paid = coinbase.outputs.filter(({ value }) => value > 0);
  const more = paid.length - PAID_SHOWN_MAX;
  return (
    <HeaderField term={t.paidTo}>
      {paid.slice(0, PAID_SHOWN_MAX).map(({ index, script: { address } }) => (
        <div key={index}>{address === null ? t.noAddress : <AddressLink address={address} />}</div>
      ))}
      {more > 0 && t.more(formatCount(more))}
    </HeaderField>
  );
}
