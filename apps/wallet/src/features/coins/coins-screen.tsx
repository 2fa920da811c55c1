import { Amount } from "@bitfleet/ui/amount.tsx";
import { PageHead } from "@bitfleet/ui/card.tsx";
import { SendIcon } from "@bitfleet/ui/icons.tsx";
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import { CoinTable, canSpend } from "../../money/coin-table.tsx";
import moneyClasses from "../../money/money.module.css";
import { Reachability } from "../../money/reachability.tsx";
import { useAccount } from "../../session-provider.tsx";
import classes from "./coins.module.css";
import { texts } from "./texts.ts";

/** The coins of the account: labelled, set aside, chosen for a payment. */
export function CoinsScreen(): ReactElement {
  const { id } = useAccount();
  return (
    <>
      <PageHead title={texts.title}>{texts.about}</PageHead>
      <div className={moneyClasses.parts}>
        <Reachability />
        <Coins key={id} />
      </div>
    </>
  );
}

function Coins(): ReactElement {
  const account = useAccount();
  const navigate = useNavigate();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const coins = useMemo(() => account.coins(), [account]);
  // One that was spent meanwhile is no longer chosen.
  const chosen = coins.filter((coin) => ticked.has(coin.outPoint) && canSpend(coin));
  const worth = chosen.reduce((sum, { value }) => sum + value, 0n);
  const names = useMemo(() => new Set(chosen.map(({ outPoint }) => outPoint)), [chosen]);
  return (
    <CoinTable
      coins={coins}
      chosen={names}
      onChoose={setTicked}
      tools={
        chosen.length === 0 ? (
          coins.some(canSpend) && <p className={classes.note}>{texts.none}</p>
        ) : (
          <div className={classes.sum} role="status">
            <span>
              {texts.chosen(chosen.length)} <Amount sats={worth} />
            </span>
            <Button
              size="xs"
              leftSection={<SendIcon size={14} />}
              onClick={() => void navigate({ to: "/send", search: { coins: [...names].join(",") } })}
            >
              {texts.send}
            </Button>
            <Button size="xs" variant="default" onClick={() => setTicked(new Set())}>
              {texts.clear}
            </Button>
          </div>
        )
      }
    />
  );
}
