import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function AccountsScreen(): ReactElement {
  return <PageHead title="Accounts" />;
}
