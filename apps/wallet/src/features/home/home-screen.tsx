import { Amount } from "@bitfleet/ui/amount.tsx";
import { Card, StatTile, StatTiles } from "@bitfleet/ui/card.tsx";
import { InboxIcon, SendIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import { EntryLine } from "../../money/entry-line.tsx";
import moneyClasses from "../../money/money.module.css";
import { Reachability } from "../../money/reachability.tsx";
import { isWaiting } from "../../money/standing.ts";
import { useAccount } from "../../session-provider.tsx";
import { WalletBadge } from "../../shared/wallet-badge.tsx";
import { BackupNotice } from "./backup-notice.tsx";
import { EmptyWallet } from "./empty-wallet.tsx";
import classes from "./home.module.css";
import { texts } from "./texts.ts";
import { WaitingCard } from "./waiting-card.tsx";

/** Shown of what is no longer waiting. */
const RECENT_COUNT = 6;

/** What there is, what comes and goes, and the way to more of it. */
export function HomeScreen(): ReactElement {
  const account = useAccount();
  const history = useMemo(() => account.history(), [account]);
  const waiting = useMemo(() => history.filter(({ standing }) => isWaiting(standing)), [history]);
  const recent = useMemo(
    () => history.filter(({ standing }) => !isWaiting(standing)).slice(0, RECENT_COUNT),
    [history],
  );
  return (
    <div className={moneyClasses.parts}>
      <BalanceHead />
      <Reachability />
      <BackupNotice />
      <BalanceTiles />
      {waiting.length > 0 && <WaitingCard entries={waiting} />}
      {history.length === 0 ? (
        <EmptyWallet />
      ) : (
        recent.length > 0 && (
          <Card
            title={texts.recentTitle}
            aside={
              <Link to="/history" className={classes.more ?? ""}>
                {texts.all}
              </Link>
            }
          >
            <ul className={classes.list}>
              {recent.map((entry) => (
                <li key={entry.txid}>
                  <EntryLine entry={entry} />
                </li>
              ))}
            </ul>
          </Card>
        )
      )}
    </div>
  );
}

function BalanceHead(): ReactElement {
  const { balance, name, wallet, signs } = useAccount();
  return (
    <header className={classes.head}>
      <div>
        <p className={classes.account}>
          {wallet.name === name ? name : `${wallet.name} · ${name}`} <WalletBadge wallet={wallet} />
        </p>
        <h1 className={classes.balance}>
          <span className={classes.heard}>{texts.balance} </span>
          <Amount sats={balance.total} />
        </h1>
      </div>
      <div className={classes.actions}>
        <Button component={Link} to="/receive" size="md" variant="default" leftSection={<InboxIcon />}>
          {texts.receive}
        </Button>
        <Button component={Link} to="/send" size="md" leftSection={<SendIcon />}>
          {signs ? texts.send : texts.makePsbt}
        </Button>
      </div>
    </header>
  );
}

/** What the balance is made of; what is none is not named but for the two that are always asked for. */
function BalanceTiles(): ReactElement {
  const { spendable, pending, immature, frozen } = useAccount().balance;
  return (
    <StatTiles>
      <StatTile label={texts.spendable} explanation={texts.spendableHint}>
        <Amount sats={spendable} />
      </StatTile>
      <StatTile label={texts.pending} explanation={texts.pendingHint}>
        <Amount sats={pending} />
      </StatTile>
      {immature > 0n && (
        <StatTile label={texts.immature} explanation={texts.immatureHint}>
          <Amount sats={immature} />
        </StatTile>
      )}
      {frozen > 0n && (
        <StatTile label={texts.frozen} explanation={texts.frozenHint}>
          <Amount sats={frozen} />
        </StatTile>
      )}
    </StatTiles>
  );
}
