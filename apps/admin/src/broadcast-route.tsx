import { Skeleton } from "@mantine/core";
import { lazy, type ReactElement, Suspense } from "react";
import { BroadcastScreen } from "./features/broadcast/broadcast-screen.tsx";
import { TransactionPreview } from "./features/transaction/transaction-preview.tsx";

/** Loaded when it is opened. */
const PastedDebugger = lazy(async () => ({
  default: (await import("./features/transaction/debugger/pasted-debugger.tsx")).PastedDebugger,
}));

/** Where transactions are handed in: preview and debugger are the other feature's. */
export function BroadcastRoute(): ReactElement {
  return (
    <BroadcastScreen
      preview={(transaction, signedSize) => <TransactionPreview transaction={transaction} signedSize={signedSize} />}
      stepThrough={(props) => (
        <Suspense fallback={<Skeleton height={640} radius="md" />}>
          <PastedDebugger {...props} />
        </Suspense>
      )}
    />
  );
}
