import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function ContactsScreen(): ReactElement {
  return <PageHead title="Contacts" />;
}
