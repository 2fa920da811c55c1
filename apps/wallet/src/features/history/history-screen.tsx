import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function HistoryScreen(): ReactElement {
  return <PageHead title="History" />;
}
