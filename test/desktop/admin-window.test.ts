import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_KEYS } from "../../apps/admin/src/desktop/profile.ts";
import { DesktopHost } from "../browser/desktop-host.ts";
import { NodeProcess } from "../browser/node-process.ts";
import { PATIENT, STEP_MAX_MS, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { PageDriver } from "./page-driver.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const PASSPHRASE = "turtle harvest piano gravel";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Blocks of the same second to the same address would be the same on both. */
const ADDRESS_B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
const why = whatIsNotBuilt() ?? whyNoWebkit();

/** In Chromium its screens are tested one by one (test/browser/desktop-admin*.test.ts); here that they work in this engine too. */
describe("the administration in a WebKitGTK window", { timeout: STEP_MAX_MS }, () => {
  if (why !== undefined) {
    test.skip(`is not tested: ${why}`, () => {});
    console.warn(`NO WEBKITGTK WINDOW OF THE ADMINISTRATION WAS TESTED: ${why}`);
    return;
  }

  let screen: Screen;
  let alpha: NodeProcess;
  let beta: NodeProcess;
  let host: DesktopHost;
  let window: HostWindow;
  let page: PageDriver;
  let home: string;

  beforeAll(async () => {
    [screen, alpha, beta] = await Promise.all([
      Screen.start(),
      NodeProcess.start(["-webadminkey=key-a"]),
      NodeProcess.start(["-webadminkey=key-b", "-webrequirekey"]),
    ]);
    await Promise.all([alpha.rpc("generatetoaddress", 12, ADDRESS), beta.rpc("generatetoaddress", 5, ADDRESS_B)]);
    home = mkdtempSync(path.join(tmpdir(), "bitfleet-home-"));
    host = new DesktopHost();
    await host.remember(PASSPHRASE, [
      { name: "Alpha", url: alpha.url, colour: "orange", keys: { ...NO_KEYS, admin: "key-a" } },
      { name: "Beta", url: beta.url, colour: "blue", keys: { ...NO_KEYS, admin: "key-b", reading: "key-b" } },
    ]);
    await host.start();
    window = await HostWindow.open(screen, host.address(), { HOME: home });
    page = new PageDriver(window);
  }, 120_000);
  afterAll(async () => {
    await window?.close();
    await host?.remove();
    await Promise.all([alpha?.remove(), beta?.remove()]);
    await screen?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const hasText = (wanted: string) => window.look<boolean>(`return document.body.textContent.includes("${wanted}")`);
  const waitsForText = (wanted: string) => expect.poll(() => hasText(wanted), PATIENT).toBe(true);
  /** Until what is typed goes into a field there. */
  const waitsForFocusIn = (selector: string) =>
    expect
      .poll(
        () => window.look<boolean>(`return document.activeElement.closest(${JSON.stringify(selector)}) !== null`),
        PATIENT,
      )
      .toBe(true);
  const tipOf = async (node: NodeProcess) => (await node.rpc<string>("getbestblockhash")).slice(0, 8);

  test("is unlocked by the keyboard, follows the last network live, and leaves nothing of it for the next", async () => {
    await waitsForText("Your networks are locked");
    await window.look("document.querySelector('input[type=password]').focus()");
    await waitsForFocusIn("input[type=password]");
    screen.type(window.onScreen, PASSPHRASE);
    screen.key(window.onScreen, "Return");
    await waitsForText(await tipOf(alpha));
    await waitsForText("Live");
    await alpha.rpc("generatetoaddress", 1, ADDRESS);
    await waitsForText(await tipOf(alpha));

    // The second key is to follow the first one soon, which a busy machine may not manage.
    const goToBeta = async () => {
      for (const key of ["g", "2"]) screen.key(window.onScreen, key);
      return hasText(await tipOf(beta));
    };
    await expect.poll(goToBeta, { ...PATIENT, interval: 2_000 }).toBe(true);
    expect(await hasText(await tipOf(alpha))).toBe(false);
    const keptKeys = "return [localStorage, sessionStorage].some((one) => /key-[ab]/.test(JSON.stringify(one)))";
    expect(await window.look(keptKeys)).toBe(false);
  });

  test("calls the node from its console by the keyboard, and saves what a page was made of", async () => {
    await page.click("Console");
    await waitsForText("getblockhash");
    await window.look(`document.querySelector('input[placeholder^="getblock "]').focus()`);
    await waitsForFocusIn('input[placeholder^="getblock "]');
    screen.type(window.onScreen, "getblockhash 4");
    screen.key(window.onScreen, "Return");
    await waitsForText(await beta.rpc<string>("getblockhash", 4));
    // What mines is asked about.
    screen.type(window.onScreen, `generatetoaddress 1 ${ADDRESS_B}`);
    screen.key(window.onScreen, "Return");
    await waitsForText("Call generatetoaddress?");
    await page.clickTestId("confirm");
    await expect.poll(() => beta.rpc("getblockcount"), PATIENT).toBe(6);
    await waitsForText(await beta.rpc<string>("getbestblockhash"));

    await page.click("Blocks");
    // The console has the same hash on it.
    const isLeft = `return document.querySelector('input[placeholder^="getblock "]') === null`;
    await expect.poll(() => window.look(isLeft), PATIENT).toBe(true);
    await waitsForText(await tipOf(beta));
    await page.click("Page as JSON");
    await page.click("Save ");
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Save"');
    const dialog = /(0x[0-9a-f]+) "Save"/.exec(screen.stack())![1]!;
    screen.key({ ...window.onScreen, id: dialog }, "Return");
    const { path: file } = await window.tells("saved");
    expect([path.dirname(file), statSync(file).mode & 0o777]).toEqual([home, 0o600]);
    const saved = JSON.parse(readFileSync(file, "utf8")) as object;
    expect(JSON.stringify(saved)).toContain(await beta.rpc<string>("getbestblockhash"));
    screen.key(window.onScreen, "Escape");
    await expect.poll(() => page.textOf("dialog[open]"), PATIENT).toEqual([]);
  });

  test("adds a network after a trial, and is locked by a button", async () => {
    await page.click("Networks");
    await waitsForText("2 networks");
    await page.click("Add a network");
    await waitsForText("All may be left out");
    await waitsForFocusIn("dialog input");
    screen.type(window.onScreen, "Gamma");
    screen.key(window.onScreen, "Tab");
    screen.type(window.onScreen, alpha.url);
    screen.key(window.onScreen, "Return");
    await waitsForText("3 networks");
    const isShown = `return document.querySelector('button[aria-label^="Network: Gamma"]') !== null`;
    await expect.poll(() => window.look(isShown), PATIENT).toBe(true);
    await page.click("Lock");
    await waitsForText("Your networks are locked");
    expect(await hasText("Gamma")).toBe(false);
  });
});
