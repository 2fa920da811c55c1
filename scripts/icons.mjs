/**
 * `node scripts/icons.mjs`: draws the icons of each web app from its public/favicon.svg into its public/icons, and those of the programs into
 * apps/desktop/icons (`-- desktop`: these alone). Needs Chromium (CHROMIUM_PATH,
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

/** Of programs: the first has no size in its name. */
const PROGRAM_SIZES = [192, 16, 24, 32, 48, 64, 128, 256, 512];
const isDesktopOnly = process.argv.includes("desktop");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? CHROMIUMS.find((file) => existsSync(file)) ?? "chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
for (const app of APPS) {
  const folder = path.join(ROOT, "apps", app, "public");
  const drawing = readFileSync(path.join(folder, "favicon.svg"), "utf8");
  mkdirSync(path.join(folder, "icons"), { recursive: true });
  for (const size of PROGRAM_SIZES) {
    const name = `bitfleet-${app}${size === PROGRAM_SIZES[0] ? "" : `-${size}`}.png`;
    const file = path.join(ROOT, "apps/desktop/icons", name);
    await draw(drawing, file, { size, share: 0.92, background: "transparent" });
  }
  if (isDesktopOnly) continue;
  for (const { name, ...looks } of ICONS) await draw(drawing, path.join(folder, "icons", `${name}.png`), looks);
}
await browser.close();

/** @param {string} drawing @param {string} file @param {{ size: number, share: number, background: string }} looks */
async function draw(drawing, file, { size, share, background }) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(
    `<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${background}}svg{width:${side}px;height:${side}px}</style>${drawing}`,
  );
  writeFileSync(file, await page.screenshot({ omitBackground: true }));
  await page.close();
}
