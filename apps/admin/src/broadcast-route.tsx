import type { ReactElement } from "react";
import { BroadcastScreen } from "./features/broadcast/broadcast-screen.tsx";
import { TransactionPreview } from "./features/transaction/transaction-preview.tsx";

/** Where transactions are handed in: the preview is the other feature's. */
export function BroadcastRoute(): ReactElement {
  return <BroadcastScreen preview={(transaction) => <TransactionPreview transaction={transaction} />} />;
}
