import type { RawSearch } from "@bitfleet/ui/page-search.ts";

/** The steps from nothing to a wallet. Each is a place in the browser's history, so that its Back leads to the step before. */
export const SETUP_STEPS = [
  "passphrase",
  "backup",
  "network",
  "kind",
  "words",
  "check",
  "restore",
  "watch",
  "share",
  "compare",
  "keep",
] as const;
export type SetupStep = (typeof SETUP_STEPS)[number];

/** At which step; absent for the first that there is something to do at. */
export function setupSearch({ step }: RawSearch): { readonly step?: SetupStep } {
  const known = SETUP_STEPS.find((one) => one === step);
  return known === undefined ? {} : { step: known };
}
