import { isRefused, type ModelResult } from "./reference-results.ts";

/** What is counted of an answer: the reason, and what kind of reason where one stands for several rules. */
export function coverageOf(result: ModelResult): string[] {
  if (isRefused(result)) return [`${result.reason}${variantOf(result.reason, result.detail)}`];
  const { replaced, paidBy, evictsSibling } = result;
  const outcomes = ["accepted"];
  if (replaced.length > 0)
    outcomes.push(paidBy.length > 1 ? "accepted, replacing as a package" : "accepted, replacing");
  else if (paidBy.length > 1) outcomes.push("accepted, paid for together");
  if (evictsSibling) outcomes.push("accepted, evicting a sibling");
  return outcomes;
}

const VARIANTS: readonly (readonly [reason: RegExp, detail: RegExp])[] = [
  [/^insufficient fee/, /less fees than conflicting txs|not enough additional fees/],
  [/^TRUC-violation/, /too many ancestors|is too big: \d+ > 10000|is too big: \d+ > 1000 |descendant count limit/],
  [/^TRUC-violation/, /^non-version=3 .* cannot spend from version=3/],
  [/^TRUC-violation/, /^version=3 .* cannot spend from non-version=3/],
];

function variantOf(reason: string, detail: string): string {
  for (const [of, pattern] of VARIANTS) {
    const match = of.test(reason) && pattern.exec(detail)?.[0];
    if (match) return ` [${match.replace(/[0-9a-f]{64}/g, "…").replace(/\d{2,} >/, "…  >")}]`;
  }
  return "";
}
