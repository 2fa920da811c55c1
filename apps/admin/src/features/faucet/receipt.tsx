import type { RestData } from "@bitfleet/api/rest-routes.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { useTransactionPlace } from "@bitfleet/ui/node-queries.ts";
import { AddressLink, BlockLink, TransactionLink } from "@bitfleet/ui/places.tsx";
import type { ReactElement } from "react";
import classes from "./faucet-panel.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.receipt;

/** What was sent, and how far it has come since. */
export function Receipt({ paid }: { readonly paid: RestData<"faucet"> }): ReactElement {
  return (
    <dl className={classes.receipt}>
      <div>
        <dt>{texts.sent}</dt>
        <dd>
          <Amount sats={BigInt(paid.sats)} />
        </dd>
      </div>
      <div>
        <dt>{texts.fee}</dt>
        <dd>
          <Amount sats={BigInt(paid.fee_sats)} />
        </dd>
      </div>
      <div>
        <dt>{texts.state}</dt>
        <dd>
          <Place txid={paid.txid} blockHash={paid.blocks[0]} />
        </dd>
      </div>
      <div className={classes.wide}>
        <dt>{texts.to}</dt>
        <dd>
          <AddressLink address={paid.address} isWhole />
        </dd>
      </div>
      <div className={classes.wide}>
        <dt>{texts.transaction}</dt>
        <dd>
          <TransactionLink txid={paid.txid} isWhole />
        </dd>
      </div>
    </dl>
  );
}

/** `blockHash` is of the block that was mined on it at once. */
function Place({ txid, blockHash }: { readonly txid: string; readonly blockHash: string | undefined }): ReactElement {
  const place = useTransactionPlace(txid);
  const id = place === undefined || place === null ? blockHash : place.block_hash;
  if (id === null || id === undefined) return <>{place === null ? texts.underWay : texts.waits}</>;
  return (
    <>
      {texts.confirmed}{" "}
      <BlockLink id={id}>
        {typeof place?.height === "number" ? texts.block(formatCount(place.height)) : texts.itsBlock}
      </BlockLink>
    </>
  );
}
