import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function SendScreen(): ReactElement {
  return <PageHead title="Send" />;
}
