import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_KEYS } from "../../apps/admin/src/desktop/profile.ts";
import { DesktopHost } from "../browser/desktop-host.ts";
import { NodeProcess } from "../browser/node-process.ts";
import { PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { PageDriver } from "./page-driver.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const PASSPHRASE = "turtle harvest piano gravel";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Blocks of the same second to the same address would be the same on both. */
const ADDRESS_B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
const why = whatIsNotBuilt() ?? whyNoWebkit();

/** In Chromium its screens are tested one by one (test/browser/desktop-admin*.test.ts); here that they work in this engine too. */
describe("the administration in a WebKitGTK window", () => {
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

  beforeAll(async () => {
    [screen, alpha, beta] = await Promise.all([
      Screen.start(),
      NodeProcess.start(["-webadminkey=key-a"]),
      NodeProcess.start(["-webadminkey=key-b", "-webrequirekey"]),
    ]);
    await Promise.all([alpha.rpc("generatetoaddress", 12, ADDRESS), beta.rpc("generatetoaddress", 5, ADDRESS_B)]);
    host = new DesktopHost();
    await host.remember(PASSPHRASE, [
      { name: "Alpha", url: alpha.url, colour: "orange", keys: { ...NO_KEYS, admin: "key-a" } },
      { name: "Beta", url: beta.url, colour: "blue", keys: { ...NO_KEYS, admin: "key-b", reading: "key-b" } },
    ]);
    await host.start();
    window = await HostWindow.open(screen, host.address());
    page = new PageDriver(window);
  }, 120_000);
  afterAll(async () => {
    await window?.close();
    await host?.remove();
    await Promise.all([alpha?.remove(), beta?.remove()]);
    await screen?.stop();
  });

  const hasText = (wanted: string) => window.look<boolean>(`return document.body.textContent.includes("${wanted}")`);
  const waitsForText = (wanted: string) => expect.poll(() => hasText(wanted), PATIENT).toBe(true);
  /** Until what is typed goes into a field there. */
  const waitsForFocusIn = (selector: string) =>
    expect
      .poll(() => window.look<boolean>(`return document.activeElement.closest("${selector}") !== null`), PATIENT)
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
