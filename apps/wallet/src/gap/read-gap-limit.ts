import { formatCount } from "@bitfleet/ui/format.ts";
import { GAP_LIMIT, GAP_LIMIT_MAX, isGapLimit } from "@bitfleet/wallet/self-custody/account-descriptors.ts";
import { gapTexts } from "./texts.ts";

/** What somebody enters as the gap limit of a wallet, which is at least `least`; or what is wrong with it, in a sentence. */
export function readGapLimit(
  entry: string,
  least: number = GAP_LIMIT,
): { readonly gapLimit: number } | { readonly problem: string } {
  const text = entry.trim().replace(/^(\d),(\d{3})$/u, "$1$2");
  const gapLimit = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (isGapLimit(gapLimit) && gapLimit >= least) return { gapLimit };
  return { problem: gapTexts.problem(formatCount(least), formatCount(GAP_LIMIT_MAX)) };
}
