import { Card } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";
import type { TransactionDetail } from "../../session/account.ts";
import { FeerateForm, type FeerateWish } from "./feerate-form.tsx";
import { texts as allTexts } from "./texts.ts";

const texts = allTexts.takeBack;

const TAKE_BACK: FeerateWish = {
  form: texts.title,
  about: texts.about,
  rate: texts.rate,
  look: texts.look,
  title: texts.question,
  go: texts.go,
  made: texts.made,
  replaces: true,
  prepare: (account, txid, feerate) => account.prepareTakeBack(txid, feerate),
};

/** Takes a payment back while it waits: another one, which pays nobody and a higher fee, takes its place. */
export function TakeBackCard({ transaction }: { readonly transaction: TransactionDetail }): ReactElement {
  return (
    <Card title={texts.title}>
      <FeerateForm transaction={transaction} wish={TAKE_BACK} />
    </Card>
  );
}
