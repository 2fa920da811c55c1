import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** Fails where axe finds something serious or critical on the page as it stands, and says what and where. */
export async function expectAccessible(page: Page, name = page.url()): Promise<void> {
  await standStill(page);
  // Evaluated from outside, so that the page's policy has nothing to forbid.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: readonly Violation[] }> } };
    return (await axe.run()).violations;
  });
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = grave.map(({ id, impact, help, nodes }) => {
    const places = nodes
      .slice(0, 3)
      .map(({ target, failureSummary }) => `\n    ${target.join(" ")}: ${failureSummary}`);
    return `${impact} ${id}: ${help}${places.join("")}`;
  });
  expect(told, name).toEqual([]);
}

/** Colours of what is still being faded in are not those that are read, nor are places those where it stays. */
export async function standStill(page: Page): Promise<void> {
  await page.evaluate(endOfMotion);
}

/** What comes again and again, to be noticed, is not waited for. Runs in the page. */
async function endOfMotion(): Promise<void> {
  const moving = () => document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations === 1);
  // What moves may set off what moves next.
  for (let round = 0; round < 5 && moving().some(({ playState }) => playState === "running"); round++) {
    await Promise.all(moving().map(({ finished }) => finished.catch(() => undefined)));
  }
}
