import type { Page } from "playwright-core";

/** How much moved on a page by itself since it was opened: the browser's own score (CLS), 0 where nothing did. */
export function layoutShiftOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const observer = new PerformanceObserver(() => {});
    observer.observe({ type: "layout-shift", buffered: true });
    const shifts = observer.takeRecords() as unknown as { readonly value: number; readonly hadRecentInput: boolean }[];
    observer.disconnect();
    return shifts.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0);
  });
}
