import { PageHead } from "@bitfleet/ui/card.tsx";
import type { ReactElement } from "react";

export function OnboardingScreen(): ReactElement {
  return <PageHead title="Onboarding" />;
}
