import type { WalletUtxo } from "@bitfleet/api/rest/wallet-payments.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { formatCount, shortHash } from "@bitfleet/ui/format.ts";
import { LockIcon } from "@bitfleet/ui/icons.tsx";
import coinClasses from "@bitfleet/ui/payment/coins.module.css";
import { TransactionLink } from "@bitfleet/ui/places.tsx";
import type { Column } from "@bitfleet/ui/table/column.ts";
import type { ReactElement } from "react";
import { type ChosenCoins, coinName } from "./chosen-coins.ts";
import classes from "./coin-choice.module.css";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.coins;

/** What can be done with a coin of the list. */
export interface CoinActions {
  readonly chosen: ChosenCoins;
  readonly choose: (coin: WalletUtxo, isChosen: boolean) => void;
  readonly setLock: (coin: WalletUtxo) => void;
}

export function coinColumns(actions: CoinActions): readonly Column<WalletUtxo>[] {
  return [
    {
      id: "chosen",
      title: texts.columns.spend,
      width: 72,
      cell: (coin) => <Box coin={coin} actions={actions} />,
    },
    {
      id: "amount",
      title: texts.columns.amount,
      width: 180,
      align: "end",
      cell: ({ value }) => <Amount sats={BigInt(value)} />,
      sortBy: ({ value }) => value,
    },
    {
      id: "label",
      title: texts.columns.label,
      cell: (coin) => <Name coin={coin} />,
      sortBy: ({ label, address }) => label || address || "",
    },
    {
      id: "confirmations",
      title: texts.columns.confirmations,
      width: 152,
      align: "end",
      cell: (coin) => <State coin={coin} />,
      sortBy: ({ confirmations }) => confirmations,
    },
    {
      id: "coin",
      title: texts.columns.coin,
      width: 168,
      cell: ({ txid, vout }) => <TransactionLink txid={txid} vout={vout} edgeCount={5} />,
    },
    {
      id: "lock",
      title: texts.columns.lock,
      width: 112,
      cell: (coin) => <LockToggle coin={coin} actions={actions} />,
    },
  ];
}

interface StateProps {
  readonly coin: WalletUtxo;
  /** Where no column says what the number is. */
  readonly isNamed?: boolean;
}

function State({ coin, isNamed = false }: StateProps): ReactElement {
  const { confirmations, is_safe, is_locked, is_used } = coin;
  if (is_locked) return <Badge tone="warn">{texts.isLocked}</Badge>;
  if (!is_safe)
    return (
      <Badge tone="bad" hint={texts.unsafeHint}>
        {texts.isUnsafe}
      </Badge>
    );
  if (confirmations === 0) return <Badge tone="warn">{texts.isOwnChange}</Badge>;
  return (
    <span className={classes.confirmations} title={is_used ? texts.usedHint : undefined}>
      {isNamed
        ? allTexts.standing.confirmations(formatCount(confirmations), confirmations)
        : formatCount(confirmations)}
      {is_used && ` · ${texts.isUsed}`}
    </span>
  );
}

interface CoinProps {
  readonly coin: WalletUtxo;
  readonly actions: CoinActions;
}

function Box({ coin, actions: { chosen, choose } }: CoinProps): ReactElement {
  const name = coinName(coin);
  return (
    <input
      type="checkbox"
      className={coinClasses.box}
      aria-label={texts.spend(name)}
      disabled={coin.is_locked}
      checked={chosen.has(name)}
      onChange={(event) => choose(coin, event.target.checked)}
    />
  );
}

function Name({ coin: { label, address } }: Pick<CoinProps, "coin">): ReactElement {
  return (
    <span className={coinClasses.name} title={address ?? undefined}>
      {label || (address === null ? allTexts.history.noAddress : shortHash(address, 9))}
    </span>
  );
}

function LockToggle({ coin, actions: { setLock } }: CoinProps): ReactElement {
  const name = coinName(coin);
  return (
    <button
      type="button"
      className={coinClasses.freeze}
      data-frozen={coin.is_locked}
      aria-label={coin.is_locked ? texts.unlock(name) : texts.lock(name)}
      title={coin.is_locked ? texts.unlockHint : texts.lockHint}
      onClick={() => setLock(coin)}
    >
      <LockIcon /> {coin.is_locked ? texts.unlockGo : texts.lockGo}
    </button>
  );
}

/** A coin on a phone. */
export function CoinCard({ coin, actions }: CoinProps): ReactElement {
  return (
    <div className={coinClasses.coin}>
      <Box coin={coin} actions={actions} />
      <span className={`${coinClasses.what} ${classes.what}`}>
        <Amount sats={BigInt(coin.value)} />
        <Name coin={coin} />
      </span>
      <span className={coinClasses.how}>
        <State coin={coin} isNamed />
        <LockToggle coin={coin} actions={actions} />
      </span>
    </div>
  );
}
