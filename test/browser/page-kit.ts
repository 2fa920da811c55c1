import type { Page } from "playwright-core";
import { expect } from "vitest";

/** What a page is given to show what it is to, on a machine that has much else to do. */
export const PATIENCE_MS = 30_000;
const POLL_MS = 50;

export const DESK = { width: 1280, height: 860 } as const;
export const PHONE = { width: 390, height: 844 } as const;

/** Asks again and again, until what is expected is so. */
export const eventually = <Value>(probe: () => Value | Promise<Value>) =>
  expect.poll(probe, { timeout: PATIENCE_MS, interval: POLL_MS });

/** Nothing is wider than the screen; what a window's width decides is laid out behind its change. */
export async function expectFits(page: Page, name = page.url()): Promise<void> {
  const excess = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const message = `pixels that ${name} is wider than the screen`;
  await expect.poll(excess, { message, timeout: PATIENCE_MS, interval: POLL_MS }).toBeLessThanOrEqual(0);
}
