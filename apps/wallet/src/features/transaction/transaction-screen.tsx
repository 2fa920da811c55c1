import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function TransactionScreen(): ReactElement {
  return <PageHead title="Transaction" />;
}
