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
  await page.evaluate(standStill);
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

/** Colours of what is still being faded in are not those that are read. What comes again and again, to be noticed, is not waited for. */
async function standStill(): Promise<void> {
  const fading = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations === 1);
  await Promise.all(fading.map(({ finished }) => finished.catch(() => undefined)));
}
