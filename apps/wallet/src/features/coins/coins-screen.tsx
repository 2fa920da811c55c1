import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function CoinsScreen(): ReactElement {
  return <PageHead title="Coins" />;
}
