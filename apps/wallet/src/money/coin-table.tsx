import { Amount } from "@bitfleet/ui/amount.tsx";
import { Badge } from "@bitfleet/ui/badge.tsx";
import { formatCount, shortHash } from "@bitfleet/ui/format.ts";
import { SnowflakeIcon } from "@bitfleet/ui/icons.tsx";
import coinClasses from "@bitfleet/ui/payment/coins.module.css";
import type { Column } from "@bitfleet/ui/table/column.ts";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { plural, textsOf } from "@bitfleet/ui/texts.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Link } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useMemo } from "react";
import type { Account, CoinView } from "../session/account.ts";
import { useAccount } from "../session-provider.tsx";
import classes from "./coin-table.module.css";
import { LabelEditor } from "./label-editor.tsx";
import { moneyTexts } from "./texts.ts";

const texts = textsOf({
  en: {
    label: "coins",
    none: "There are no coins yet: what is paid to you shows here.",
    columns: { spend: "Spend", amount: "Amount", label: "Label", state: "State", coin: "Coin", freeze: "Freeze" },
    spend: (name: string) => `Spend ${name}`,
    freeze: (name: string) => `Freeze ${name}`,
    thaw: (name: string) => `Unfreeze ${name}`,
    freezeGo: "Freeze",
    thawGo: "Unfreeze",
    freezeHint: "Set it aside: no payment uses it until you unfreeze it",
    thawHint: "Let payments use it again",
    frozen: "The coin is frozen",
    thawed: "Payments may use the coin again",
    failed: "The coin was not changed",
    isFrozen: "frozen",
    waits: "waits",
    confirmations: (count: string, number: number) =>
      `${count} ${plural(number, { one: "confirmation", other: "confirmations" })}`,
  },
});

interface CoinTableProps {
  readonly coins: readonly CoinView[];
  /** By "txid:index". */
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
  readonly tools?: ReactNode;
}

interface CoinActions {
  readonly account: Account;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (coin: CoinView, isChosen: boolean) => void;
  readonly freeze: (coin: CoinView) => void;
}

/** Whether a payment may use a coin. */
export function canSpend({ isFrozen, obstacle }: Pick<CoinView, "isFrozen" | "obstacle">): boolean {
  return !isFrozen && obstacle === undefined;
}

/** The coins of an account, to be chosen or set aside. */
export function CoinTable({ coins, chosen, onChoose, tools }: CoinTableProps): ReactElement {
  const account = useAccount();
  const actions = useMemo((): CoinActions => {
    const choose = ({ outPoint }: CoinView, isChosen: boolean) => {
      const next = new Set(chosen);
      if (isChosen) next.add(outPoint);
      else next.delete(outPoint);
      onChoose(next);
    };
    const freeze = (coin: CoinView) => {
      if (!coin.isFrozen) choose(coin, false);
      account.freezeCoin(coin.outPoint, !coin.isFrozen).then(
        () => toast.good(coin.isFrozen ? texts.thawed : texts.frozen),
        (error: unknown) => toast.failure(texts.failed, error),
      );
    };
    return { account, chosen, choose, freeze };
  }, [account, chosen, onChoose]);
  const columns = useMemo(() => columnsOf(actions), [actions]);
  return (
    <DataTable
      label={texts.label}
      rows={coins}
      columns={columns}
      rowKey={({ outPoint }) => outPoint}
      empty={texts.none}
      card={(coin) => <CoinCard coin={coin} actions={actions} />}
      tools={tools}
    />
  );
}

function columnsOf(actions: CoinActions): readonly Column<CoinView>[] {
  return [
    { id: "spend", title: texts.columns.spend, width: 68, cell: (coin) => <Box coin={coin} actions={actions} /> },
    {
      id: "amount",
      title: texts.columns.amount,
      width: 184,
      align: "end",
      cell: ({ value }) => <Amount sats={value} />,
      sortBy: ({ value }) => Number(value),
    },
    {
      id: "label",
      title: texts.columns.label,
      cell: (coin) => <Name coin={coin} actions={actions} />,
      sortBy: ({ label, address }) => label || address || "",
    },
    {
      id: "state",
      title: texts.columns.state,
      width: 216,
      cell: (coin) => <State coin={coin} />,
      sortBy: ({ confirmations }) => confirmations,
    },
    { id: "coin", title: texts.columns.coin, width: 130, cell: ({ outPoint }) => <Origin outPoint={outPoint} /> },
    {
      id: "freeze",
      title: texts.columns.freeze,
      width: 124,
      cell: (coin) => <FreezeToggle coin={coin} actions={actions} />,
    },
  ];
}

interface CoinProps {
  readonly coin: CoinView;
  readonly actions: CoinActions;
}

function Box({ coin, actions: { chosen, choose } }: CoinProps): ReactElement {
  return (
    <input
      type="checkbox"
      className={coinClasses.box}
      aria-label={texts.spend(coin.outPoint)}
      disabled={!canSpend(coin)}
      checked={chosen.has(coin.outPoint)}
      onChange={(event) => choose(coin, event.target.checked)}
    />
  );
}

function Name({ coin: { label, address }, actions: { account } }: CoinProps): ReactElement {
  if (address === undefined) return <span className={coinClasses.name}>{label || moneyTexts.what.noAddress}</span>;
  return (
    <span className={coinClasses.name} title={address}>
      <LabelEditor label={label} of={address} onSave={(next) => account.labelAddress(address, next)} />
    </span>
  );
}

/** Why it cannot be spent, else how deep it is. */
function State({ coin: { isFrozen, obstacle, confirmations } }: Pick<CoinProps, "coin">): ReactElement {
  if (isFrozen) return <Badge tone="warn">{texts.isFrozen}</Badge>;
  if (obstacle !== undefined)
    return (
      <span className={coinClasses.name}>
        <Badge hint={obstacle}>{obstacle}</Badge>
      </span>
    );
  if (confirmations === 0) return <Badge tone="warn">{texts.waits}</Badge>;
  return <>{texts.confirmations(formatCount(confirmations), confirmations)}</>;
}

function Origin({ outPoint }: { readonly outPoint: string }): ReactElement {
  const [txid = "", index = ""] = outPoint.split(":");
  return (
    <Link to="/tx/$txid" params={{ txid }} className={classes.origin ?? ""} title={outPoint}>
      {shortHash(txid, 4)}:{index}
    </Link>
  );
}

function FreezeToggle({ coin, actions: { freeze } }: CoinProps): ReactElement {
  const { isFrozen, outPoint } = coin;
  return (
    <button
      type="button"
      className={coinClasses.freeze}
      data-frozen={isFrozen}
      aria-label={isFrozen ? texts.thaw(outPoint) : texts.freeze(outPoint)}
      title={isFrozen ? texts.thawHint : texts.freezeHint}
      onClick={() => freeze(coin)}
    >
      <SnowflakeIcon size={14} /> {isFrozen ? texts.thawGo : texts.freezeGo}
    </button>
  );
}

/** A coin on a phone. */
function CoinCard({ coin, actions }: CoinProps): ReactElement {
  return (
    <div className={coinClasses.coin}>
      <Box coin={coin} actions={actions} />
      <span className={coinClasses.what}>
        <Amount sats={coin.value} />
        <Name coin={coin} actions={actions} />
      </span>
      <span className={coinClasses.how}>
        <State coin={coin} />
        <FreezeToggle coin={coin} actions={actions} />
      </span>
    </div>
  );
}
