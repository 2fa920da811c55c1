/**
 * `node scripts/icons.mjs`: draws the application's icons from apps/admin/public/favicon.svg into apps/admin/public/icons. Needs Chromium
 * (CHROMIUM_PATH, else /usr/bin/chromium); what it makes is committed.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { ROOT } from "./steps.mjs";

const PUBLIC = path.join(ROOT, "apps/admin/public");
const PAGE_COLOR = "#0a0d13";
/** Of a maskable icon, what is farther out than 40 % from the middle may be cut off. */
const ICONS = [
  { name: "icon-192", size: 192, share: 0.92, background: "transparent" },
  { name: "icon-512", size: 512, share: 0.92, background: "transparent" },
  { name: "maskable-512", size: 512, share: 0.6, background: PAGE_COLOR },
  { name: "apple-touch-180", size: 180, share: 0.68, background: PAGE_COLOR },
];

const drawing = readFileSync(path.join(PUBLIC, "favicon.svg"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
mkdirSync(path.join(PUBLIC, "icons"), { recursive: true });
for (const { name, size, share, background } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(
    `<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${background}}svg{width:${side}px;height:${side}px}</style>${drawing}`,
  );
  writeFileSync(path.join(PUBLIC, "icons", `${name}.png`), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
