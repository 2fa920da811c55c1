/**
 * `node scripts/icons.mjs`: draws the icons of each web app from its public/favicon.svg into its public/icons. Needs Chromium (CHROMIUM_PATH,
 * else /usr/bin/chromium-headless-shell or /usr/bin/chromium); what it makes is committed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { ROOT } from "./steps.mjs";

const APPS = ["admin", "wallet"];
const CHROMIUMS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const PAGE_COLOR = "#0a0d13";
/** Of a maskable icon, what is farther out than 40 % from the middle may be cut off. */
const ICONS = [
  { name: "icon-192", size: 192, share: 0.92, background: "transparent" },
  { name: "icon-512", size: 512, share: 0.92, background: "transparent" },
  { name: "maskable-512", size: 512, share: 0.6, background: PAGE_COLOR },
  { name: "apple-touch-180", size: 180, share: 0.68, background: PAGE_COLOR },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? CHROMIUMS.find((file) => existsSync(file)) ?? "chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
for (const app of APPS) {
  const folder = path.join(ROOT, "apps", app, "public");
  const drawing = readFileSync(path.join(folder, "favicon.svg"), "utf8");
  mkdirSync(path.join(folder, "icons"), { recursive: true });
  for (const { name, size, share, background } of ICONS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const side = Math.round(size * share);
    await page.setContent(
      `<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${background}}svg{width:${side}px;height:${side}px}</style>${drawing}`,
    );
    writeFileSync(path.join(folder, "icons", `${name}.png`), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
}
await browser.close();
