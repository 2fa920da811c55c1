import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { NO_KEYS } from "../../apps/admin/src/desktop/profile.ts";
import { expectAccessible } from "./accessibility.ts";
import { pressInTurn, whyNoChromium } from "./chromium.ts";
import {
  ADDRESS,
  ADDRESS_B,
  AdminDesk,
  begins,
  isLive,
  KEY_A,
  KEY_B,
  PASSPHRASE,
  shows,
  switchTo,
  textOf,
  unlock,
} from "./desktop-admin-kit.ts";
import { whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the administration in the desktop, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the administration in a window of the desktop", () => {
  let desk: AdminDesk;

  beforeAll(async () => {
    desk = await AdminDesk.start();
  });
  afterEach(() => desk.tidy());
  afterAll(() => desk?.stop());

  test("begins with a passphrase, takes networks in once it has asked what they are, and has all of them after a restart", async () => {
    const host = desk.newHost();
    await host.start(desk.alpha.url);
    const view = await desk.open();
    const { page, complaints } = view;
    await page.getByRole("heading", { name: "Your networks, kept encrypted" }).waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Encrypt this device" }).click();
    await page.getByRole("alert").getByText("At least 8 characters").waitFor();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByLabel("The same once more", { exact: true }).fill(PASSPHRASE);
    await page.getByRole("button", { name: "Encrypt this device" }).click();

    // The address is the one that the program was started with.
    const first = page.getByRole("form", { name: "Add a network" });
    await first.getByLabel("Name").fill("Alpha");
    await eventually(() => first.getByLabel("Address").inputValue()).toBe(desk.alpha.url);
    await first.getByLabel("Admin key", { exact: true }).fill("a guess");
    await first.getByText("A key is one word").waitFor();
    await first.getByLabel("Admin key", { exact: true }).fill("a-guess");
    await first.getByRole("button", { name: "Test" }).click();
    await first.getByText("The server does not take this key").waitFor();
    await view.picture("desktop-first-wrong-key-dark", true);
    await first.getByLabel("Admin key", { exact: true }).fill(KEY_A);
    await first.getByRole("button", { name: "Add and open" }).click();
    await shows(page, "Alpha");
    await isLive(page);
    await page
      .getByTitle(desk.tipOfAlpha)
      .or(page.getByText(begins(desk.tipOfAlpha)))
      .first()
      .waitFor();

    await page.getByRole("link", { name: "Networks" }).click();
    await page.getByRole("button", { name: "Add a network" }).click();
    const form = page.getByRole("dialog", { name: "Add a network" });
    await form.getByLabel("Name").fill("Beta");
    await form.getByLabel("Address").fill(desk.beta.url);
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText("shows nothing without a key").waitFor();
    await form.getByLabel("Admin key", { exact: true }).fill(KEY_B);
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText("A Bitfleet network answers there").waitFor();
    await eventually(() => form.getByText("regtest").count()).toBe(1);
    await eventually(() => form.getByText("0.1.0").count()).toBe(1);
    await form.getByRole("button", { name: "Add and open" }).click();
    await shows(page, "Beta");
    await isLive(page);
    const standing = page.getByRole("listitem", { name: "Alpha" }).getByTestId("standing");
    await eventually(() => standing.textContent()).toMatch(/regtest · height 12\d+ ms/);
    await view.picture("desktop-networks-dark");
    expect(complaints).toEqual([]);
    await view.close();

    await host.stop();
    await host.start();
    const later = await desk.open();
    await unlock(later.page, "not the passphrase");
    await later.page.getByRole("alert").waitFor();
    await later.picture("desktop-locked-wrong-dark");
    await unlock(later.page);
    await shows(later.page, "Beta");
    await later.page.getByText(begins(desk.tipOfBeta)).first().waitFor();
  });

  test("goes from one network to the other, and nothing of the first is left: no answer, no address, no key", async () => {
    const { page, complaints } = await desk.withBoth({}, { page: `/block/${desk.tipOfAlpha}` });
    await page.getByText(begins(desk.tipOfAlpha)).first().waitFor();
    // Answers of the first are still to come, and the second is silent.
    desk.alpha.hold();
    await page.getByRole("link", { name: "Mempool" }).click();
    await page.goBack();
    desk.beta.hold();
    await page.getByRole("button", { name: /^Network: / }).click();
    await page.getByRole("dialog", { name: "Networks" }).getByRole("button", { name: "Beta" }).click();
    await shows(page, "Beta");
    desk.alpha.release();
    await eventually(() => new URL(page.url()).pathname).toBe("/");
    expect(await textOf(page)).not.toContain(begins(desk.tipOfAlpha));
    expect(await page.getByTestId("tip-height").count()).toBe(0);
    desk.beta.release();
    await page.getByText(begins(desk.tipOfBeta)).first().waitFor();
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe("5");
    expect(await textOf(page)).not.toContain(begins(desk.tipOfAlpha));

    // A list stays what it is.
    await page.getByRole("link", { name: "Blocks" }).click();
    await page.getByRole("heading", { name: "Blocks", level: 1 }).waitFor();
    await switchTo(page, "Alpha");
    await eventually(() => new URL(page.url()).pathname).toBe("/blocks");
    await page.getByText(begins(desk.tipOfAlpha)).first().waitFor();
    expect(await textOf(page)).not.toContain(begins(desk.tipOfBeta));

    expect([...desk.alpha.keys].filter((key) => key !== KEY_A)).toEqual([]);
    expect([...desk.beta.keys].filter((key) => key !== KEY_B)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("follows the blocks of the network that is shown, and of no other", async () => {
    const { page } = await desk.withBoth();
    await isLive(page);
    const before = await desk.nodes[0].rpc<number>("getblockcount");
    await switchTo(page, "Beta");
    await isLive(page);
    const height = await desk.nodes[1].rpc<number>("getblockcount");
    await desk.nodes[0].rpc("generatetoaddress", 1, ADDRESS);
    await desk.nodes[1].rpc("generatetoaddress", 1, ADDRESS_B);
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe(String(height + 1));
    await switchTo(page, "Alpha");
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe(String(before + 1));
    await desk.noteTips();
  });

  test("is switched by the palette, by keys and by a further call of the program, which may name one that is new", async () => {
    const view = await desk.withBoth();
    const { page } = view;
    await page.keyboard.press("Control+k");
    await page.keyboard.type("beta");
    await page.getByRole("option", { name: "Switch to Beta" }).waitFor();
    await view.picture("desktop-palette-dark");
    await page.keyboard.press("Enter");
    await shows(page, "Beta");
    await pressInTurn(page, "g", "1");
    await shows(page, "Alpha");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).getByText("Go to a network").waitFor();
    desk.host.name(desk.beta.url);
    await shows(page, "Beta");
    desk.host.name("http://127.0.0.1:9");
    const offer = page.getByRole("dialog", { name: "Add a network" });
    await eventually(() => offer.getByLabel("Address").inputValue()).toBe("http://127.0.0.1:9");
  });

  test("uses a network's key, asks anew for one that is refused, and remembers the next with the network", async () => {
    const wrong = { ...desk.profileOf("Alpha"), keys: { ...NO_KEYS, admin: "revoked-since" } };
    const { page } = await desk.withBoth({}, { profiles: [wrong, desk.profileOf("Beta")], page: "/network?tab=bans" });
    const entry = page.getByRole("form", { name: "Entry of a key" });
    await entry.getByLabel("Admin key").fill(KEY_A);
    await entry.getByRole("checkbox", { name: /Remember it with this network/ }).check();
    await entry.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Nobody is banned").waitFor();

    await page.reload();
    await unlock(page);
    await page.getByText("Nobody is banned").waitFor();
    expect(await entry.count()).toBe(0);
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain(
      KEY_A,
    );
    // The other network has its own.
    await switchTo(page, "Beta");
    await page.getByRole("tab", { name: "Bans" }).click();
    await page.getByText("Nobody is banned").waitFor();
    expect([...desk.beta.keys]).toEqual([KEY_B]);
  });

  test("says when a network is away, shows the other meanwhile, and goes on by itself", async () => {
    const view = await desk.withBoth();
    const { page } = view;
    await isLive(page);
    await desk.alpha.cut();
    await page.getByTestId("connection").getByText("Offline").waitFor();
    await page.getByText("The node does not answer").first().waitFor();
    await page.getByRole("button", { name: /^Network: / }).click();
    const choices = page.getByRole("dialog", { name: "Networks" });
    await choices.getByRole("button", { name: "Alpha" }).getByText("does not answer").waitFor();
    await choices.getByRole("button", { name: "Beta" }).getByText("regtest").waitFor();
    await view.picture("desktop-switcher-away-dark");
    await choices.getByRole("button", { name: "Beta" }).click();
    await shows(page, "Beta");
    await page.getByText(begins(desk.tipOfBeta)).first().waitFor();
    await switchTo(page, "Alpha");
    await page.getByText("nothing listens there").first().waitFor();
    await view.picture("desktop-away-dark");
    await desk.alpha.restore();
    await isLive(page);
    await page.getByText(begins(desk.tipOfAlpha)).first().waitFor();
  });

  test("changes, duplicates, moves and removes what it remembers", async () => {
    const { page } = await desk.withBoth({}, { page: "/networks" });
    const names = () => page.getByRole("main").getByRole("heading", { level: 2 }).allTextContents();
    await page.getByRole("button", { name: "Edit Beta" }).click();
    const form = page.getByRole("dialog", { name: "Edit Beta" });
    await form.getByLabel("Name").fill("Alpha");
    await form.getByRole("button", { name: "Save" }).click();
    await form.getByText("Another network has that name").waitFor();
    await form.getByLabel("Name").fill("Staging");
    await form.getByRole("radio", { name: "Violet" }).check();
    await form.getByRole("button", { name: "Save" }).click();
    await page.getByText("Staging saved").waitFor();
    await page.getByRole("button", { name: "Duplicate Staging" }).click();
    await page.getByRole("heading", { name: "Staging 2" }).waitFor();
    await page.getByRole("button", { name: "Move Staging 2 up" }).click();
    await eventually(names).toEqual(["Alphashown now", "Staging 2", "Staging"]);
    await page.getByRole("button", { name: "Remove Alpha" }).click();
    await page.getByTestId("confirm").click();
    // Nothing is shown then: one of the others is chosen.
    await page.getByRole("button", { name: "Open Staging 2" }).click();
    await shows(page, "Staging 2");
    await page.reload();
    await unlock(page);
    await shows(page, "Staging 2");
    await page.goto(`${desk.host.origin}/networks`);
    await unlock(page);
    await eventually(names).toEqual(["Staging 2shown now", "Staging"]);
  });

  test("writes networks into a file without their keys, and takes in what is new in one", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-export-"));
    try {
      const { page } = await desk.withBoth({}, { page: "/networks" });
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export" }).click();
      const file = path.join(folder, "networks.json");
      await (await saving).saveAs(file);
      const written = readFileSync(file, "utf8");
      expect(JSON.parse(written)).toMatchObject({
        networks: [{ name: "Alpha", url: desk.alpha.url }, { name: "Beta" }],
      });
      expect(written).not.toContain(KEY_A);

      const more = JSON.parse(written) as { networks: object[] };
      more.networks.push({ name: "Gamma", url: "http://gamma.example:8080" });
      writeFileSync(file, JSON.stringify(more));
      await page.getByLabel("Import", { exact: true }).setInputFiles(file);
      await page.getByText("1 network added").waitFor();
      await page.getByRole("listitem", { name: "Gamma" }).getByText("no keys").waitFor();
      writeFileSync(file, "no networks");
      await page.getByLabel("Import", { exact: true }).setInputFiles(file);
      await page.getByText("This is no file of networks").waitFor();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("shows one network in all tabs: another tab begins anew when one goes elsewhere", async () => {
    const { page } = await desk.withBoth();
    const other = await page.context().newPage();
    await other.goto(`${desk.host.origin}/`);
    await unlock(other);
    await other.getByText(begins(desk.tipOfAlpha)).first().waitFor();
    // The look is one for all windows, at once.
    const looks = () =>
      Promise.all(
        [page, other].map(async (one) => [
          await one.locator("html").getAttribute("data-mantine-color-scheme"),
          await one.getByRole("button", { name: "sats", exact: true }).getAttribute("aria-pressed"),
        ]),
      );
    const [[theme]] = (await looks()) as [[string, string], unknown];
    await page.getByRole("button", { name: /^Switch to the / }).click();
    await other.getByRole("button", { name: "sats", exact: true }).click();
    const chosen = [theme === "dark" ? "light" : "dark", "true"];
    await eventually(looks).toEqual([chosen, chosen]);
    await switchTo(page, "Beta");
    await other.getByRole("heading", { name: "Your networks are locked" }).waitFor();
    await shows(page, "Beta");
    await unlock(other);
    await other.getByText(begins(desk.tipOfBeta)).first().waitFor();
  });

  test("passes metrics and health on, and says when the program behind the window has ended", async () => {
    const { page } = await desk.withBoth({}, { page: "/status" });
    await eventually(() => page.getByText("bitfleet_").count()).toBeGreaterThan(10);
    await page.getByText("0.1.0").first().waitFor();
    await desk.host.stop();
    await page.getByRole("heading", { name: "The program does not answer" }).waitFor();
    await page.getByText("start Bitfleet again").waitFor();
    expect(await page.getByText("bitfleet_").count()).toBe(0);
  });

  test("shows what a page is made of as JSON, and saves it", async () => {
    const view = await desk.withBoth();
    const { page } = view;
    await page.getByText(begins(desk.tipOfAlpha)).first().waitFor();
    await page.getByRole("button", { name: "Page as JSON" }).click();
    const dialog = page.getByRole("dialog", { name: "Dashboard as JSON" });
    await dialog.getByRole("button", { name: "blockchain", exact: true }).click();
    await dialog.getByRole("treeitem").filter({ hasText: desk.tipOfAlpha }).first().waitFor();
    await view.picture("desktop-json-dark");
    const saving = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save all of them" }).click();
    const saved = JSON.parse(readFileSync(await (await saving).path(), "utf8")) as Record<string, unknown>;
    expect(saved.blockchain).toMatchObject({ last_block_hash: desk.tipOfAlpha });
    expect((await saving).suggestedFilename()).toBe("bitfleet-dashboard.json");
  });

  describe.each(["dark", "light"] as const)("in the %s", (colorScheme) => {
    test("nothing serious is in anybody's way on its screens, and they fit a phone", async () => {
      const view = await desk.withBoth({ colorScheme });
      const { page } = view;
      const look = async (name: string) => {
        await expectAccessible(page, name);
        await view.picture(`desktop-${name}-${colorScheme}`);
        await page.setViewportSize(PHONE);
        await expectFits(page, name);
        await view.picture(`desktop-${name}-phone-${colorScheme}`);
        await page.setViewportSize(DESK);
      };
      await isLive(page);
      await look("dashboard");
      await page.getByRole("button", { name: /^Network: / }).click();
      await page.getByRole("dialog", { name: "Networks" }).getByText("height").first().waitFor();
      await look("switcher");
      await page.getByRole("button", { name: "Manage networks" }).click();
      await page.getByRole("listitem", { name: "Beta" }).getByText("height").waitFor();
      await look("networks");
      await page.getByRole("button", { name: "Edit Beta" }).click();
      const form = page.getByRole("dialog", { name: "Edit Beta" });
      await form.getByRole("button", { name: "Test" }).click();
      await form.getByText("A Bitfleet network answers there").waitFor();
      await look("form");
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Settings" }).click();
      await page.getByRole("button", { name: "Change the passphrase" }).waitFor();
      await look("settings");
      await page.getByRole("button", { name: "Change the passphrase" }).click();
      await look("passphrase");
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Mempool" }).click();
      await page.getByRole("heading", { name: "Mempool", level: 1 }).waitFor();
      await page.getByRole("button", { name: "Page as JSON" }).click();
      await page.getByRole("tree").first().waitFor();
      await look("json");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Lock", exact: true }).click();
      await page.getByRole("button", { name: "I have forgotten it" }).click();
      await look("locked");
      await page.getByRole("button", { name: "Go on without remembering anything" }).click();
      await page.getByRole("form", { name: "Add a network" }).waitFor();
      await look("first");
    });
  });
});
