import type { WalletInfo } from "@bitfleet/api/rest/wallets.ts";
import { formatCount } from "@bitfleet/ui/format.ts";
import type { ReactElement } from "react";
import { texts as allTexts } from "./texts.ts";
import classes from "./wallet.module.css";

const texts = allTexts.head;

/** What a wallet is and how it stands, in words. */
export function WalletBadges({ info }: { readonly info: WalletInfo }): ReactElement {
  return (
    <span className={classes.badges}>
      {info.is_own && <span className={classes.badge}>{texts.kinds.own}</span>}
      {!info.has_private_keys ? (
        <span className={classes.badge}>{texts.kinds.watching}</span>
      ) : !info.is_encrypted ? (
        <span className={classes.badge}>{texts.kinds.plain}</span>
      ) : info.is_locked ? (
        <span className={classes.badge} data-tone="good">
          {texts.kinds.locked}
        </span>
      ) : (
        <span className={classes.badge} data-tone="warn">
          {texts.kinds.unlocked}
        </span>
      )}
      {info.is_scanning && (
        <span className={classes.badge} data-tone="warn">
          {texts.kinds.scanning}
        </span>
      )}
      <span>{texts.height(formatCount(info.block_height))}</span>
    </span>
  );
}
