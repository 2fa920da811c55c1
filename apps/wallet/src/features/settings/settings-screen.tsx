import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function SettingsScreen(): ReactElement {
  return <PageHead title="Settings" />;
}
