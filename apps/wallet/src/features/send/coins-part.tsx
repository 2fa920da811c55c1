import { Amount } from "@bitfleet/ui/amount.tsx";
import formClasses from "@bitfleet/ui/form.module.css";
import paymentClasses from "@bitfleet/ui/payment/payment-form.module.css";
import { Button } from "@mantine/core";
import { type ReactElement, useMemo, useState } from "react";
import { CoinTable } from "../../money/coin-table.tsx";
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
  const [isOpen, setIsOpen] = useState(draft.coins.length > 0);
  return (
    <details className={paymentClasses.coins} open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>
        {texts.title} {draft.coins.length === 0 && <small className={paymentClasses.coinsHint}>{texts.hint}</small>}
      </summary>
      {isOpen && <Coins draft={draft} onChoose={onChoose} />}
    </details>
  );
}

function Coins({ draft, onChoose }: CoinsPartProps): ReactElement {
  const account = useAccount();
  const coins = useMemo(() => account.coins(), [account]);
  const chosen = useMemo(() => new Set(draft.coins), [draft.coins]);
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
      <CoinTable coins={coins} chosen={chosen} onChoose={(next) => onChoose([...next])} />
    </div>
  );
}
