import { Card } from "@bitfleet/ui/card.tsx";
import { Choice } from "@bitfleet/ui/choice.tsx";
import { RocketIcon } from "@bitfleet/ui/icons.tsx";
import { type ReactElement, useState } from "react";
import type { TransactionDetail } from "../../session/account.ts";
import { useAccount } from "../../session-provider.tsx";
import { FeerateForm, type FeerateWish } from "./feerate-form.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.speed;

const WAYS = ["bump", "child"] as const;
type Way = (typeof WAYS)[number];

/** How a transaction that waits is brought into a block: by paying more for it, or by a child that pays for it. Nothing where neither is possible. */
export function SpeedCard({ transaction }: { readonly transaction: TransactionDetail }): ReactElement | null {
  const { signs } = useAccount();
  const { canBump, canPullUp } = transaction;
  // To replace costs less than to add another one, where both are possible.
  const [way, setWay] = useState<Way>("bump");
  if (!canBump && !canPullUp) return null;
  const shown = !canBump ? "child" : canPullUp ? way : "bump";
  return (
    <Card title={texts.title}>
      {canBump && canPullUp && (
        <Choice
          label={texts.way}
          options={WAYS.map((value) => ({ value, title: texts.ways[value] }))}
          value={way}
          onChoose={setWay}
        />
      )}
      <FeerateForm key={shown} transaction={transaction} wish={shown === "child" ? CHILD : signs ? BUMP : BUMP_WATCH} />
    </Card>
  );
}

const SPEED = { form: texts.title, look: texts.look, icon: <RocketIcon /> };

const BUMP: FeerateWish = {
  ...SPEED,
  about: texts.bump,
  rate: texts.rate,
  title: texts.bumpTitle,
  go: texts.bumpGo,
  made: texts.bumped,
  replaces: true,
  prepare: (account, txid, feerate) => account.prepareBump(txid, feerate),
};

const BUMP_WATCH: FeerateWish = { ...BUMP, about: texts.bumpWatch };

const CHILD: FeerateWish = {
  ...SPEED,
  about: texts.child,
  rate: texts.rateForBoth,
  title: texts.childTitle,
  go: texts.childGo,
  made: texts.childMade,
  replaces: false,
  prepare: (account, txid, feerate) => account.prepareChild(txid, feerate),
};
