import { Amount } from "@bitfleet/ui/amount.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import paymentClasses from "@bitfleet/ui/payment/payment-form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo, useState } from "react";
import { CoinTable, canSpend } from "../../money/coin-table.tsx";
import { Notice } from "../../notice.tsx";
import { useAccount } from "../../session-provider.tsx";
import { type Draft, neededOf } from "./draft.ts";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.coins;

interface CoinsPartProps {
  readonly draft: Draft;
  readonly onChoose: (coins: readonly string[]) => void;
}

/** Coins that are chosen by hand; the wallet does where none is. Opened by itself where some were chosen elsewhere. */
export function CoinsPart({ draft, onChoose }: CoinsPartProps): ReactElement {
  const [wish, setWish] = useState<boolean>();
  const isOpen = wish ?? draft.coins.length > 0;
  const choose = (coins: readonly string[]) => {
    // It stays open where the last one is left out.
    setWish(true);
    onChoose(coins);
  };
  return (
    <details
      className={paymentClasses.coins}
      open={isOpen}
      onToggle={({ currentTarget }) => currentTarget.open !== isOpen && setWish(currentTarget.open)}
    >
      <summary>
        {texts.title} {draft.coins.length === 0 && <small className={paymentClasses.coinsHint}>{texts.hint}</small>}
      </summary>
      {isOpen && <Coins draft={draft} onChoose={choose} />}
    </details>
  );
}

function Coins({ draft, onChoose }: CoinsPartProps): ReactElement {
  const account = useAccount();
  const coins = useMemo(() => account.coins(), [account]);
  const chosen = useMemo(() => new Set(draft.coins), [draft.coins]);
  const lost = draft.coins.filter((name) => !coins.some((coin) => coin.outPoint === name && canSpend(coin)));
  const worth = coins.filter(({ outPoint }) => chosen.has(outPoint)).reduce((sum, { value }) => sum + value, 0n);
  const needed = neededOf(draft);
  const sendsAll = draft.restTo !== undefined;
  const isShort = worth < needed;
  return (
    <div className={paymentClasses.coinsPlace}>
      {chosen.size === 0 ? (
        <p className={formClasses.note}>{texts.byWallet}</p>
      ) : (
        <div className={paymentClasses.sum} role="status" data-short={isShort}>
          <span>
            {texts.chosen(chosen.size)} <Amount sats={worth} />
          </span>
          {sendsAll && !isShort ? (
            <span>{texts.allOfThem}</span>
          ) : (
            <span hidden={needed === 0n}>
              {isShort ? texts.short : texts.needed} <Amount sats={isShort ? needed - worth : needed} /> {texts.andFee}
            </span>
          )}
          <Button size="xs" variant="default" onClick={() => onChoose([])}>
            {texts.clear}
          </Button>
        </div>
      )}
      {lost.length > 0 && (
        <Notice
          tone="warn"
          role="status"
          actions={
            <Button
              size="xs"
              variant="default"
              onClick={() => onChoose(draft.coins.filter((name) => !lost.includes(name)))}
            >
              {texts.leaveOut}
            </Button>
          }
        >
          {texts.gone(lost.length)}
        </Notice>
      )}
      <CoinTable coins={coins} chosen={chosen} onChoose={(next) => onChoose([...next])} />
    </div>
  );
}
