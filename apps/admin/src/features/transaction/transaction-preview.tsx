import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";
import { DetailsCard, FigureTiles } from "./facts.tsx";
import { FlowPicture } from "./flow-picture.tsx";
import { transactionTexts } from "./texts.ts";

/** A transaction that is nowhere yet, as its page will show it. */
export function TransactionPreview({ transaction }: { readonly transaction: DecodedTransaction }): ReactElement {
  return (
    <>
      <FigureTiles transaction={transaction} />
      <Card title={transactionTexts.flow.title}>
        <FlowPicture transaction={transaction} />
      </Card>
      <DetailsCard transaction={transaction} />
    </>
  );
}
