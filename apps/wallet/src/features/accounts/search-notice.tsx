import { formatAmount, formatCount } from "@bitfleet/ui/format.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import { GAP_LIMIT } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useState } from "react";
import { Notice } from "../../notice.tsx";
import type { FoundFurther, FurtherSearch, NetworkConnection } from "../../session/session.ts";
import { useOpenState, useSession } from "../../session-provider.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.search;

/** How the search of a wallet behind longer gaps goes, and what it has found. Nothing where none was asked for, here or when the wallet was restored. */
export function SearchNotice({ walletId }: { readonly walletId: string }): ReactElement | null {
  const { account, connection, furtherSearch } = useOpenState();
  const wallet = account?.wallet.id === walletId ? account.wallet : undefined;
  const isFirst = connection.kind === "scanning" && wallet !== undefined && wallet.gapLimit > GAP_LIMIT;
  if (furtherSearch?.walletId === walletId) {
    const { gapLimit, found } = furtherSearch;
    if (found === undefined) return <UnderWay walletId={walletId} gapLimit={gapLimit} />;
    if (!isFirst) return <Found search={furtherSearch} found={found} />;
  }
  return isFirst ? <UnderWay walletId={walletId} gapLimit={wallet.gapLimit} /> : null;
}

interface UnderWayProps {
  readonly walletId: string;
  readonly gapLimit: number;
}

function UnderWay({ walletId, gapLimit }: UnderWayProps): ReactElement {
  const { connection, account } = useOpenState();
  const session = useSession();
  const [isStopping, setIsStopping] = useState(false);
  const stop = async () => {
    setIsStopping(true);
    try {
      await session.stopSearch(walletId);
    } catch (error) {
      toast.failure(texts.stopFailed, error);
      setIsStopping(false);
    }
  };
  return (
    <Notice
      tone="plain"
      title={texts.underWay(formatCount(gapLimit))}
      role="status"
      actions={
        <Button size="xs" variant="default" loading={isStopping} onClick={() => void stop()}>
          {texts.stop}
        </Button>
      }
    >
      {account?.wallet.id === walletId ? progressOf(connection) : texts.away}
    </Notice>
  );
}

function progressOf(connection: NetworkConnection): string {
  switch (connection.kind) {
    case "scanning": {
      const { looked, found } = connection;
      return looked === 0 ? texts.beginning : texts.looked(formatCount(looked), formatCount(found));
    }
    case "live":
      return texts.others;
    case "offline":
    case "refused":
      return texts.later;
    case "none":
    case "connecting":
      return texts.beginning;
  }
}

function Found({ search, found }: { readonly search: FurtherSearch; readonly found: FoundFurther }): ReactElement {
  const unit = useUnit();
  const { gapLimit, isStopped } = search;
  const { transactions, accounts, sats } = found;
  const isNothing = transactions === 0 && accounts === 0;
  return (
    <Notice
      tone={isNothing ? "plain" : "good"}
      title={(isStopped ? texts.stopped : texts.done)(formatCount(gapLimit))}
      role="status"
    >
      {isNothing
        ? isStopped
          ? texts.nothingYet
          : texts.nothing
        : texts.found(transactions, accounts, `${formatAmount(sats, unit)} ${unit}`)}
    </Notice>
  );
}
