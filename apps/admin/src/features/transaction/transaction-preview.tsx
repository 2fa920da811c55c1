import type { DecodedTransaction } from "@bitfleet/api/rest/transactions.ts";
import { Card } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";
import { DetailsCard, FigureTiles } from "./facts.tsx";
import { FlowPicture } from "./flow-picture.tsx";
import { transactionTexts } from "./texts.ts";

interface TransactionPreviewProps {
  readonly transaction: DecodedTransaction;
  /** In vbytes, of one that is not signed yet: what it will be; `null` where that cannot be told. */
  readonly signedSize?: number | null | undefined;
}

/** A transaction that is nowhere yet, as its page will show it. */
export function TransactionPreview({ transaction, signedSize }: TransactionPreviewProps): ReactElement {
  return (
    <>
      <FigureTiles transaction={transaction} signedSize={signedSize} />
      <Card title={transactionTexts.flow.title}>
        <FlowPicture transaction={transaction} />
      </Card>
      <DetailsCard transaction={transaction} isSigned={signedSize === undefined} />
    </>
  );
}
