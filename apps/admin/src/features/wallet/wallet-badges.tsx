import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { texts as allTexts } from "./texts.ts";
import classes from "./wallet.module.css";

const texts = allTexts.head;

/** What a wallet is and how it stands, in words. */
export function WalletBadges({ info }: { readonly info: WalletInfo }): ReactElement {
  return (
    <span className={classes.badges}>
      {info.is_own && <Badge>{texts.kinds.own}</Badge>}
      {!info.has_private_keys ? (
        <Badge>{texts.kinds.watching}</Badge>
      ) : !info.is_encrypted ? (
        <Badge>{texts.kinds.plain}</Badge>
      ) : info.is_locked ? (
        <Badge tone="good">{texts.kinds.locked}</Badge>
      ) : (
        <Badge tone="warn">{texts.kinds.unlocked}</Badge>
      )}
      {info.is_scanning && <Badge tone="warn">{texts.kinds.scanning}</Badge>}
      <span>{texts.height(formatCount(info.block_height))}</span>
    </span>
  );
}
