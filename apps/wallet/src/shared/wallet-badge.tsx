import { Badge } from "@bitfleet/ui/badge.tsx";
import type { ReactElement } from "react";
import type { WalletSummary } from "../session/records.ts";
import { WatchBadge } from "../watch-badge.tsx";
import { sharedTexts } from "./texts.ts";

/** Marks a wallet whose payments ask for more than a phrase of its own: one that several sign for, or that has no keys. */
export function WalletBadge({
  wallet,
}: {
  readonly wallet: Pick<WalletSummary, "kind" | "shared">;
}): ReactElement | null {
  const { kind, shared } = wallet;
  if (shared === undefined) return kind === "watch" ? <WatchBadge /> : null;
  const { required, cosigners } = shared;
  return (
    <Badge hint={sharedTexts.badgeHint(required, cosigners.length)}>
      {sharedTexts.badge(required, cosigners.length)}
    </Badge>
  );
}
