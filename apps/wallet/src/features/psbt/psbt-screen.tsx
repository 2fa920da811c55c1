import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function PsbtScreen(): ReactElement {
  return <PageHead title="PSBT" />;
}
