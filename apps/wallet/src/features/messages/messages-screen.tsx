import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function MessagesScreen(): ReactElement {
  return <PageHead title="Messages" />;
}
