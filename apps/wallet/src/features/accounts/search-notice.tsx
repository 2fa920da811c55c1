import { formatAmount, formatCount } from "@bitfleet/ui/format.ts";
import { useUnit } from "@bitfleet/ui/units.tsx";
import type { ReactElement } from "react";
import { Notice } from "../../notice.tsx";
import type { FoundFurther, NetworkConnection } from "../../session/session.ts";
import { useOpenState } from "../../session-provider.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.search;

/** How the search of a wallet behind longer gaps goes, and what it has found. Nothing where none was asked for. */
export function SearchNotice({ walletId }: { readonly walletId: string }): ReactElement | null {
  const { furtherSearch } = useOpenState();
  if (furtherSearch?.walletId !== walletId) return null;
  const { gapLimit, found } = furtherSearch;
  return found === undefined ? (
    <UnderWay walletId={walletId} gapLimit={gapLimit} />
  ) : (
    <Found gapLimit={gapLimit} found={found} />
  );
}

interface UnderWayProps {
  readonly walletId: string;
  readonly gapLimit: number;
}

function UnderWay({ walletId, gapLimit }: UnderWayProps): ReactElement {
  const { connection, account } = useOpenState();
  return (
    <Notice tone="plain" title={texts.underWay(formatCount(gapLimit))} role="status">
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

function Found({ gapLimit, found }: { readonly gapLimit: number; readonly found: FoundFurther }): ReactElement {
  const unit = useUnit();
  const { transactions, accounts, sats } = found;
  const isNothing = transactions === 0 && accounts === 0;
  return (
    <Notice tone={isNothing ? "plain" : "good"} title={texts.done(formatCount(gapLimit))} role="status">
      {isNothing ? texts.nothing : texts.found(transactions, accounts, `${formatAmount(sats, unit)} ${unit}`)}
    </Notice>
  );
}
