import type { RestData } from "@bitfleet/api/rest-routes.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import classes from "./faucet-panel.module.css";
import { usePlace } from "./queries.ts";

/** What was sent, and how far it has come since. */
export function Receipt({ paid }: { readonly paid: RestData<"faucet"> }): ReactElement {
  return (
    <dl className={classes.receipt}>
      <div>
        <dt>Sent</dt>
        <dd>
          <Amount sats={BigInt(paid.sats)} />
        </dd>
      </div>
      <div>
        <dt>Fee</dt>
        <dd>
          <Amount sats={BigInt(paid.fee_sats)} />
        </dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>
          <Place txid={paid.txid} blockHash={paid.blocks[0]} />
        </dd>
      </div>
      <div className={classes.wide}>
        <dt>To</dt>
        <dd>
          <Hash value={paid.address} label="address" isWhole />
        </dd>
      </div>
      <div className={classes.wide}>
        <dt>Transaction</dt>
        <dd>
          <Hash value={paid.txid} label="transaction id" isWhole />
        </dd>
      </div>
    </dl>
  );
}

/** `blockHash` is of the block that was mined on it at once. */
function Place({ txid, blockHash }: { readonly txid: string; readonly blockHash: string | undefined }): ReactElement {
  const { data: place } = usePlace(txid);
  const id = place === undefined || place === null ? blockHash : place.block_hash;
  if (id === null || id === undefined) return <>{place === null ? "On its way to this node" : "Waits for a block"}</>;
  return (
    <>
      Confirmed in{" "}
      <Link to="/block/$id" params={{ id }}>
        {typeof place?.height === "number" ? `block ${formatCount(place.height)}` : "its block"}
      </Link>
    </>
  );
}
