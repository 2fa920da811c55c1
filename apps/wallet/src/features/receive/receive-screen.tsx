import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function ReceiveScreen(): ReactElement {
  return <PageHead title="Receive" />;
}
