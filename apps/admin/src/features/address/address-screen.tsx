import { PageHead, StatTile } from "@bitfleet/ui/card.tsx";
import { useDetailTitle } from "@bitfleet/ui/document-title.ts";
import { formatAmount, formatCount, shortHash } from "@bitfleet/ui/format.ts";
import { Hash } from "@bitfleet/ui/hash.tsx";
import { Count } from "@bitfleet/ui/quantities.tsx";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import classes from "./address.module.css";
import { AddressCard } from "./address-card.tsx";
import { BalanceTiles } from "./balance-tiles.tsx";
import { LookupError } from "./lookup-error.tsx";
import { useAddress, useBalance } from "./queries.ts";
import { texts } from "./texts.ts";
import { WatchedParts } from "./watched-parts.tsx";

const route = getRouteApi("/address/$id");
const SCRIPT_HASH = /^[0-9a-f]{64}$/i;
const words = texts.figures;

/** The page of one address. */
export function AddressScreen(): ReactElement {
  const { id } = route.useParams();
  return <Address key={id} address={id} />;
}

function Address({ address }: { readonly address: string }): ReactElement {
  const watched = useMemo(() => ({ addresses: [address] }), [address]);
  const info = useAddress(address);
  const balance = useBalance(watched);
  const unit = useUnit();
  const own = info.data?.balance;
  const stamp =
    own === undefined
      ? ""
      : [own.transaction_count, own.unconfirmed_transaction_count, own.unconfirmed, own.block_hash].join();
  useDetailTitle(`${texts.address} ${shortHash(address, 6)}`);
  const head = (
    <PageHead title={SCRIPT_HASH.test(address) ? texts.script : texts.address}>
      <Hash value={address} label="address" isWhole />
    </PageHead>
  );
  const error = info.data === undefined ? info.error : balance.data === undefined ? balance.error : null;
  if (error !== null) {
    return (
      <>
        {head}
        <LookupError error={error} onRetry={() => void Promise.all([info.refetch(), balance.refetch()])} />
      </>
    );
  }
  return (
    <>
      {head}
      <div className={classes.parts}>
        <BalanceTiles
          balance={balance.data}
          pendingDetail={
            own && words.waiting(own.unconfirmed_transaction_count, formatCount(own.unconfirmed_transaction_count))
          }
        >
          <StatTile
            label={words.transactions}
            detail={own && words.received(`${formatAmount(BigInt(own.received), unit)} ${unit}`)}
          >
            {own && <Count count={own.transaction_count + own.unconfirmed_transaction_count} />}
          </StatTile>
        </BalanceTiles>
        <WatchedParts
          watched={watched}
          total={balance.data?.total}
          tipHeight={balance.data?.block_height}
          stamp={stamp}
          address={address}
          beside={(history) => <AddressCard address={address} info={info.data} history={history} />}
        />
      </div>
    </>
  );
}
