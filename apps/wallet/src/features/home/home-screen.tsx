import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function HomeScreen(): ReactElement {
  return <PageHead title="Home" />;
}
