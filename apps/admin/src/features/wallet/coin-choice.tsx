import type { WalletUtxo } from "@bitfleet/api/rest/wallet-payments.ts";
import { Amount } from "@bitfleet/ui/amount.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import { formatCount } from "@bitfleet/ui/format.ts";
import formStyles from "@bitfleet/ui/payment/payment-form.module.css";
import { DataTable } from "@bitfleet/ui/table/data-table.tsx";
import { useNextPage } from "@bitfleet/ui/table/use-next-page.ts";
import { toast } from "@bitfleet/ui/toasts/toast-store.ts";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo } from "react";
import { type ChosenCoins, coinName, worthOf } from "./chosen-coins.ts";
import { type CoinActions, CoinCard, coinColumns } from "./coin-cells.tsx";
import { useCoins, useLockCoin } from "./queries.ts";
import { texts as allTexts } from "./texts.ts";
import { WalletError } from "./wallet-error.tsx";

const texts = allTexts.coins;

interface CoinChoiceProps {
  readonly wallet: string;
  readonly chosen: ChosenCoins;
  readonly onChoose: (chosen: ChosenCoins) => void;
  /** Satoshis that recipients get, without the fee. */
  readonly needed: number;
  /** All that is chosen is sent. */
  readonly sendsAll: boolean;
}

/** The coins of a wallet, to be spent by hand or set aside. */
export function CoinChoice({ wallet, chosen, onChoose, needed, sendsAll }: CoinChoiceProps): ReactElement {
  const coins = useCoins(wallet);
  const onEnd = useNextPage(coins);
  const lock = useLockCoin();
  const rows = useMemo(() => coins.data?.pages.flatMap(({ items }) => items), [coins.data]);
  const total = coins.data?.pages[0]?.total;
  const actions = useMemo((): CoinActions => {
    const choose = (coin: WalletUtxo, isChosen: boolean) => {
      const next = new Map(chosen);
      if (isChosen) next.set(coinName(coin), coin);
      else next.delete(coinName(coin));
      onChoose(next);
    };
    const setLock = (coin: WalletUtxo) => {
      const { txid, vout, is_locked } = coin;
      if (!is_locked) choose(coin, false);
      lock.mutate(
        { wallet, txid, vout, is_locked: !is_locked },
        {
          onSuccess: () => toast.good(is_locked ? texts.unlocked : texts.locked),
          onError: (error) => toast.failure(texts.lockFailed, error),
        },
      );
    };
    return { chosen, choose, setLock };
  }, [chosen, onChoose, wallet, lock.mutate]);
  const columns = useMemo(() => coinColumns(actions), [actions]);
  if (rows === undefined && coins.error !== null) {
    return <WalletError error={coins.error} onRetry={() => void coins.refetch()} />;
  }
  return (
    <div className={formStyles.coinsPlace}>
      <Sum chosen={chosen} needed={needed} sendsAll={sendsAll} onClear={() => onChoose(new Map())} />
      <DataTable
        label={texts.label}
        rows={rows}
        columns={columns}
        rowKey={coinName}
        empty={texts.none}
        card={(coin) => <CoinCard coin={coin} actions={actions} />}
        onEnd={onEnd}
      />
      {coins.hasNextPage && (
        <p className={formClasses.note}>
          {texts.more(formatCount(rows?.length ?? 0), formatCount(total ?? 0))}{" "}
          <Button
            size="xs"
            variant="default"
            loading={coins.isFetchingNextPage}
            onClick={() => void coins.fetchNextPage()}
          >
            {texts.moreGo}
          </Button>
        </p>
      )}
    </div>
  );
}

/** What is chosen against what is to be paid. */
function Sum({
  chosen,
  needed,
  sendsAll,
  onClear,
}: Pick<CoinChoiceProps, "chosen" | "needed" | "sendsAll"> & { readonly onClear: () => void }): ReactElement {
  const worth = worthOf(chosen);
  if (chosen.size === 0) return <p className={formClasses.note}>{texts.byWallet}</p>;
  const isShort = !sendsAll && worth < needed;
  return (
    <div className={formStyles.sum} role="status" data-short={isShort}>
      <span>
        {texts.chosen(chosen.size)} <Amount sats={BigInt(worth)} />
      </span>
      {sendsAll ? (
        <span>{texts.allOfThem}</span>
      ) : (
        <span hidden={needed === 0}>
          {isShort ? texts.short : texts.needed} <Amount sats={BigInt(isShort ? needed - worth : needed)} />
          {!isShort && ` ${texts.andFee}`}
        </span>
      )}
      <Button size="xs" variant="default" onClick={onClear}>
        {texts.clear}
      </Button>
    </div>
  );
}
