import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { findPlaintext } from "../../apps/desktop/src/vault/plaintext-test-kit.ts";
import { whyNoChromium } from "./chromium.ts";
import { AdminDesk, begins, isLive, KEY_A, PASSPHRASE, shows, textOf, unlock } from "./desktop-admin-kit.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { eventually } from "./page-kit.ts";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the vault of the administration in the desktop, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("what the administration in a window of the desktop keeps", () => {
  let desk: AdminDesk;

  beforeAll(async () => {
    desk = await AdminDesk.start();
  });
  afterEach(() => desk.tidy());
  afterAll(() => desk?.stop());

  test("is locked by its button, and when another window locks the program; wrong passphrases open nothing", async () => {
    const { page } = await desk.withBoth();
    await page.getByText(begins(desk.tipOfAlpha)).first().waitFor();
    await eventually(() => page.title()).toBe("Dashboard · Alpha");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("heading", { name: "Your networks are locked" }).waitFor();
    expect(await textOf(page)).not.toContain(begins(desk.tipOfAlpha));
    await eventually(() => page.title()).toBe("Your networks are locked · Bitfleet");
    for (let tries = 0; tries < 4; tries++) {
      await unlock(page, `guess ${tries}`);
      await page.getByRole("alert").waitFor();
    }
    await page.getByText(/^Wait \d+ second/).waitFor();
    await eventually(() => page.getByRole("button", { name: "Unlock" }).isEnabled()).toBe(true);
    await unlock(page);
    await shows(page, "Alpha");
    await desk.host.lockAll();
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await page.getByRole("heading", { name: "Your networks are locked" }).waitFor();
  });

  test("locks itself when nobody has been there for as long as was chosen", async () => {
    const { page } = await desk.withBoth({}, { page: "/settings" });
    const choice = page.getByRole("radio", { name: "5 min", exact: true });
    await choice.click();
    await eventually(() => choice.isChecked()).toBe(true);
    await page.clock.install();
    // The clock of the next load is the one that is moved.
    await page.reload();
    await unlock(page);
    await shows(page, "Alpha");
    await page.clock.fastForward("04:00");
    await page.mouse.move(200, 200);
    await page.clock.fastForward("04:00");
    await shows(page, "Alpha");
    await page.clock.fastForward("02:00");
    await page.getByRole("heading", { name: "Your networks are locked" }).waitFor();
  });

  test("remembers nothing where that is wanted, and can begin anew where the passphrase is forgotten", async () => {
    const { page } = await desk.withBoth();
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("button", { name: "I have forgotten it" }).click();
    await page.getByRole("button", { name: "Go on without remembering anything" }).click();
    const form = page.getByRole("form", { name: "Add a network" });
    await form.getByLabel("Name").fill("For now");
    await form.getByLabel("Address").fill(desk.alpha.url);
    await form.getByRole("button", { name: "Add and open" }).click();
    await shows(page, "For now");
    expect(await page.getByRole("button", { name: "Lock", exact: true }).count()).toBe(0);
    await page.reload();
    await page.getByRole("button", { name: "I have forgotten it" }).click();
    await page.getByRole("button", { name: "Remove everything" }).click();
    await page.getByLabel("Type remove to confirm").fill("remove");
    await page.getByTestId("confirm").click();
    await page.getByRole("heading", { name: "Your networks, kept encrypted" }).waitFor();
  });

  test("saves a backup after the passphrase, which brings everything back on another device", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-backup-"));
    try {
      const view = await desk.withBoth({}, { page: "/settings" });
      await view.page.getByRole("button", { name: "Save a backup" }).click();
      const dialog = view.page.getByRole("dialog", { name: "Save a backup" });
      await dialog.getByLabel("Passphrase of this device", { exact: true }).fill("a guess at it");
      await dialog.getByRole("button", { name: "Save it" }).click();
      await dialog.getByRole("alert").getByText("not the right one").waitFor();
      await dialog.getByLabel("Passphrase of this device", { exact: true }).fill(PASSPHRASE);
      const saving = view.page.waitForEvent("download");
      await dialog.getByRole("button", { name: "Save it" }).click();
      const file = path.join(folder, (await saving).suggestedFilename());
      await (await saving).saveAs(file);
      expect(file).toMatch(/bitfleet-\d{4}-\d\d-\d\d\.bitfleet-backup$/);
      expect(findPlaintext(folder, { KEY_A })).toEqual([]);
      await view.close();
      await desk.host.remove();

      const host = desk.newHost();
      await host.start();
      const later = await desk.open();
      await later.page.getByRole("button", { name: "Restore a backup" }).click();
      const form = later.page.getByRole("form", { name: "Restore a backup" });
      await form.getByLabel("Choose the backup file").setInputFiles(file);
      await form.getByLabel("Passphrase of the backup", { exact: true }).fill("another one");
      await form.getByRole("button", { name: "Restore it" }).click();
      await form.getByRole("alert").waitFor();
      await later.picture("desktop-restore-dark");
      await form.getByLabel("Passphrase of the backup", { exact: true }).fill(PASSPHRASE);
      await form.getByRole("button", { name: "Restore it" }).click();
      await shows(later.page, "Alpha");
      await later.page.getByText(begins(desk.tipOfAlpha)).first().waitFor();

      // In the place of what is there, where the passphrase of that is forgotten.
      await later.page.getByRole("button", { name: "Lock", exact: true }).click();
      await later.page.getByRole("button", { name: "I have forgotten it" }).click();
      await later.page.getByRole("button", { name: "Restore a backup in its place" }).click();
      const replacing = later.page.getByRole("form", { name: "Restore a backup in its place" });
      await replacing.getByLabel("Choose the backup file").setInputFiles(file);
      await replacing.getByLabel("Passphrase of the backup", { exact: true }).fill("another one");
      await replacing.getByRole("button", { name: "Restore it" }).click();
      await replacing.getByRole("alert").waitFor();
      await later.picture("desktop-replace-dark", true);
      await replacing.getByLabel("Passphrase of the backup", { exact: true }).fill(PASSPHRASE);
      await replacing.getByRole("button", { name: "Restore it" }).click();
      await later.page.getByLabel("Type replace to confirm").fill("replace");
      await later.page.getByTestId("confirm").click();
      await shows(later.page, "Alpha");
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  });

  test("leaves no key, no passphrase and no address of a network in the browser's profile or in clear on the disk", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-profile-"));
    try {
      const host = desk.newHost();
      await host.start();
      const view = await desk.openWithProfile(folder);
      const { page } = view;
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByLabel("The same once more", { exact: true }).fill(PASSPHRASE);
      await page.getByRole("button", { name: "Encrypt this device" }).click();
      const form = page.getByRole("form", { name: "Add a network" });
      await form.getByLabel("Name").fill("Alpha");
      await form.getByLabel("Address").fill(desk.alpha.url);
      await form.getByLabel("Admin key", { exact: true }).fill(KEY_A);
      await form.getByRole("button", { name: "Add and open" }).click();
      await shows(page, "Alpha");
      await isLive(page);
      await page.getByRole("link", { name: "Network", exact: true }).click();
      await page.getByRole("tab", { name: "Bans" }).click();
      await page.getByText("Nobody is banned").waitFor();
      // What was looked up, by the palette and by a command.
      await page.keyboard.press("Control+k");
      await page.keyboard.type(desk.tipOfAlpha);
      await page.getByRole("option", { name: "Block" }).first().waitFor();
      await page.keyboard.press("Enter");
      await eventually(() => new URL(page.url()).pathname).toBe(`/block/${desk.tipOfAlpha}`);
      expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("bitfleet");
      // That the search finds what is there: the theme is no secret.
      await page.getByRole("button", { name: "Switch to the light theme" }).click();
      await view.close();
      await host.stop();
      const found = (secrets: Readonly<Record<string, string>>) =>
        [folder, host.folder].flatMap((place) => findPlaintext(place, secrets));
      expect(found({ look: "mantine-color-scheme" })).not.toEqual([]);
      expect(found({ KEY_A, PASSPHRASE, host: new URL(desk.alpha.url).host })).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  });
});
