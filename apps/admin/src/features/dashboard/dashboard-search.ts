/** Blocks that the charts of the dashboard may look back on: the first is what the address does not name. */
export const CHART_SPANS = [60, 144, 1008] as const;
export type ChartSpan = (typeof CHART_SPANS)[number];

/** What the address of the dashboard says: `?blocks=144`. */
export function dashboardSearch(search: Readonly<Record<string, unknown>>): { readonly blocks?: ChartSpan } {
  const blocks = CHART_SPANS.slice(1).find((span) => span === Number(search.blocks));
  return blocks === undefined ? {} : { blocks };
}
