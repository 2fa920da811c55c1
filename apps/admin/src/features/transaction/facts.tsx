import type { DecodedTransaction, MempoolStanding } from "@bitfleet/api/rest/transactions.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { Explained } from "@bitfleet/ui/explained.tsx";
import {
  formatBytes,
  formatCount,
  formatDateTime,
  formatFeerate,
  formatShare,
  formatWeight,
} from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Feerate, VirtualSize } from "@bitfleet/ui/quantities.tsx";
import type { ReactElement, ReactNode } from "react";
import classes from "./facts.module.css";
import { featuresOf, isLocked, LOCK_TIME_MOMENT_MIN } from "./features-of.ts";
import { transactionTexts } from "./texts.ts";

const { tiles, details } = transactionTexts;

type Transaction = Omit<DecodedTransaction, "outputs"> & Parameters<typeof featuresOf>[0];

/**
 * The figures that matter first. `standing`: of one that waits; `signedSize`: of one that is not signed yet, in vbytes, `null` where
 * that is not known.
 */
export function FigureTiles({
  transaction,
  standing,
  signedSize,
}: {
  readonly transaction: Transaction;
  readonly standing?: MempoolStanding | null;
  readonly signedSize?: number | null | undefined;
}): ReactElement {
  const { fee, total_output: total, is_coinbase: isCoinbase } = transaction;
  const size = signedSize === undefined ? transaction.virtual_size : signedSize;
  const noFee = isCoinbase ? tiles.noFee : tiles.unknownFee;
  return (
    <StatTiles>
      <StatTile label={tiles.amount} explanation={tiles.amountHelp}>
        <Amount sats={BigInt(total)} />
      </StatTile>
      <StatTile
        label={tiles.fee}
        explanation={tiles.feeHelp}
        detail={fee !== null && total > 0 && tiles.feeShare(formatShare(fee / total))}
      >
        {fee === null ? noFee : <Amount sats={BigInt(fee)} />}
      </StatTile>
      <StatTile label={tiles.feerate} explanation={tiles.feerateHelp} detail={chunkDetail(standing)}>
        {fee === null || size === null ? noFee : <Feerate satPerVbyte={fee / size} />}
      </StatTile>
      <StatTile
        label={tiles.size}
        explanation={tiles.sizeHelp}
        detail={
          signedSize === undefined
            ? tiles.sizeDetail(formatWeight(transaction.weight), formatBytes(transaction.size_bytes))
            : tiles.whenSigned
        }
      >
        {size === null ? tiles.unknownFee : <VirtualSize vbytes={size} />}
      </StatTile>
    </StatTiles>
  );
}

/** What decides the turn of one that is mined together with others. */
function chunkDetail(standing: MempoolStanding | null | undefined): string | undefined {
  if (standing == null || standing.chunk_feerate_sat_per_kvb === standing.feerate_sat_per_kvb) return undefined;
  return tiles.chunk(formatFeerate(standing.chunk_feerate_sat_per_kvb / 1000));
}

/** The smaller print. Of one that is not signed yet the hash with witness is none. */
export function DetailsCard({
  transaction,
  isSigned = true,
}: {
  readonly transaction: Transaction;
  readonly isSigned?: boolean;
}): ReactElement {
  const features = featuresOf(transaction);
  return (
    <Card title={details.title}>
      <dl className={classes.details}>
        <Detail term={details.features}>
          {features.length === 0 ? transactionTexts.features.plain : features.join(" · ")}
        </Detail>
        <Detail term={details.lockTime} help={details.lockTimeHelp}>
          {lockText(transaction)}
        </Detail>
        <Detail term={details.version}>{transaction.version}</Detail>
        {isSigned && (
          <Detail term={details.wtxid} help={details.wtxidHelp}>
            <Hash value={transaction.wtxid} label="wtxid" edgeCount={10} />
          </Detail>
        )}
      </dl>
    </Card>
  );
}

function Detail({
  term,
  help,
  children,
}: {
  readonly term: string;
  readonly help?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div>
      <dt>{help === undefined ? term : <Explained term={term}>{help}</Explained>}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function lockText(transaction: Transaction): string {
  const { lock_time: lockTime } = transaction;
  if (lockTime === 0) return details.noLock;
  if (!isLocked(transaction)) return details.lockOff;
  if (lockTime < LOCK_TIME_MOMENT_MIN) return details.lockHeight(formatCount(lockTime + 1));
  return details.lockMoment(formatDateTime(lockTime));
}
