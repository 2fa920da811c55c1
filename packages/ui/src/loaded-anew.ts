/** Whether the page came by a reload, as the browser says: what was in its memory alone is gone then. */
export function wasLoadedAnew(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload";
}
