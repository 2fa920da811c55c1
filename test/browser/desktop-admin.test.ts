import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { NO_KEYS, type ProfileDraft } from "../../apps/admin/src/desktop/profile.ts";
import { expectAccessible } from "./accessibility.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { DesktopHost } from "./desktop-host.ts";
import { NodeGate } from "./node-gate.ts";
import { NodeProcess, whatIsNotBuilt } from "./node-process.ts";
import { DESK, eventually, excessWidth, PHONE } from "./page-kit.ts";

const PASSPHRASE = "turtle harvest piano gravel";
const KEY_A = "key-of-the-first-operator";
const KEY_B = "key-of-the-other-operator";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Blocks of the same second to the same address would be the same on both. */
const ADDRESS_B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";

const missing = whyNoChromium() ?? whatIsNotBuilt();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the administration in the desktop, since ${missing}\n\n`);

/** Two networks, each behind a gate that sees what it is asked and with which keys; the desktop's process; and a browser for its window. */
describe.skipIf(missing !== undefined)("the administration in a window of the desktop", () => {
  let browser: Browser;
  let nodes: readonly NodeProcess[];
  let alpha: NodeGate;
  let beta: NodeGate;
  let tipOfAlpha: string;
  let tipOfBeta: string;
  let host: DesktopHost | undefined;
  let opened: WatchedPage | undefined;

  beforeAll(async () => {
    const start = (key: string, ...more: string[]) => NodeProcess.start([`-webadminkey=${key}`, ...more]);
    const [first, second, launched] = await Promise.all([
      start(KEY_A),
      start(KEY_B, "-webrequirekey"),
      launchChromium(),
    ]);
    browser = launched;
    nodes = [first, second];
    await first.rpc("generatetoaddress", 12, ADDRESS);
    await second.rpc("generatetoaddress", 5, ADDRESS_B);
    [tipOfAlpha, tipOfBeta] = await Promise.all([
      first.rpc<string>("getbestblockhash"),
      second.rpc<string>("getbestblockhash"),
    ]);
    [alpha, beta] = await Promise.all([NodeGate.open(first.url), NodeGate.open(second.url)]);
  });

  afterEach(async () => {
    await opened?.close();
    await host?.remove();
    opened = undefined;
    host = undefined;
    for (const gate of [alpha, beta]) {
      gate.release();
      await gate.restore();
      gate.forget();
    }
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([alpha?.close(), beta?.close()]);
    await Promise.all(nodes?.map((node) => node.remove()) ?? []);
  });

  const open = async (options: Parameters<typeof WatchedPage.open>[2] = {}, page?: string) => {
    opened = await WatchedPage.open(browser, host!.address(page), options);
    return opened;
  };
  const profileOf = (name: "Alpha" | "Beta"): ProfileDraft =>
    name === "Alpha"
      ? { name, url: alpha.url, colour: "orange", keys: { ...NO_KEYS, admin: KEY_A } }
      : { name, url: beta.url, colour: "blue", keys: { ...NO_KEYS, admin: KEY_B, reading: KEY_B } };
  /** A window that remembers both networks, unlocked, with the first one shown. */
  const withBoth = async (
    options: Parameters<typeof WatchedPage.open>[2] = {},
    { page, profiles = [profileOf("Alpha"), profileOf("Beta")] }: { page?: string; profiles?: ProfileDraft[] } = {},
  ) => {
    host = new DesktopHost();
    await host.remember(PASSPHRASE, profiles);
    await host.start();
    const view = await open(options, page);
    await unlock(view.page);
    await shows(view.page, profiles[0]!.name);
    return view;
  };
  const unlock = async (page: Page, passphrase = PASSPHRASE) => {
    await page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await page.getByRole("button", { name: "Unlock" }).click();
  };
  const shows = (page: Page, name: string) => page.getByRole("button", { name: `Network: ${name}.` }).waitFor();
  const isLive = (page: Page) => page.getByTestId("connection").getByText("Live").waitFor();
  const switchTo = async (page: Page, name: string) => {
    await page.getByRole("button", { name: /^Network: / }).click();
    await page.getByRole("dialog", { name: "Networks" }).getByRole("button", { name }).click();
    await shows(page, name);
  };
  const text = (page: Page) => page.evaluate(() => document.body.textContent ?? "");
  const begins = (hash: string) => hash.slice(0, 8);

  test("begins with a passphrase, takes networks in once it has asked what they are, and has all of them after a restart", async () => {
    host = new DesktopHost();
    await host.start(alpha.url);
    const view = await open();
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
    expect(await first.getByLabel("Address").inputValue()).toBe(alpha.url);
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
      .getByTitle(tipOfAlpha)
      .or(page.getByText(begins(tipOfAlpha)))
      .first()
      .waitFor();

    await page.getByRole("link", { name: "Networks" }).click();
    await page.getByRole("button", { name: "Add a network" }).click();
    const form = page.getByRole("dialog", { name: "Add a network" });
    await form.getByLabel("Name").fill("Beta");
    await form.getByLabel("Address").fill(beta.url);
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText("shows nothing without a key").waitFor();
    await form.getByLabel("Admin key", { exact: true }).fill(KEY_B);
    await form.getByRole("button", { name: "Test" }).click();
    await form.getByText("A Bitfleet network answers there").waitFor();
    expect(await form.getByText("regtest").count()).toBe(1);
    expect(await form.getByText("0.1.0").count()).toBe(1);
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
    const later = await open();
    await unlock(later.page, "not the passphrase");
    await later.page.getByRole("alert").waitFor();
    await later.picture("desktop-locked-wrong-dark");
    await unlock(later.page);
    await shows(later.page, "Beta");
    await later.page.getByText(begins(tipOfBeta)).first().waitFor();
  });

  test("goes from one network to the other, and nothing of the first is left: no answer, no address, no key", async () => {
    const { page, complaints } = await withBoth({}, { page: `/block/${tipOfAlpha}` });
    await page.getByText(begins(tipOfAlpha)).first().waitFor();
    // Answers of the first are still to come, and the second is silent.
    alpha.hold();
    await page.getByRole("link", { name: "Mempool" }).click();
    await page.goBack();
    beta.hold();
    await page.getByRole("button", { name: /^Network: / }).click();
    await page.getByRole("dialog", { name: "Networks" }).getByRole("button", { name: "Beta" }).click();
    await shows(page, "Beta");
    alpha.release();
    await eventually(() => new URL(page.url()).pathname).toBe("/");
    expect(await text(page)).not.toContain(begins(tipOfAlpha));
    expect(await page.getByTestId("tip-height").count()).toBe(0);
    beta.release();
    await page.getByText(begins(tipOfBeta)).first().waitFor();
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe("5");
    expect(await text(page)).not.toContain(begins(tipOfAlpha));

    // A list stays what it is.
    await page.getByRole("link", { name: "Blocks" }).click();
    await page.getByRole("heading", { name: "Blocks", level: 1 }).waitFor();
    await switchTo(page, "Alpha");
    expect(new URL(page.url()).pathname).toBe("/blocks");
    await page.getByText(begins(tipOfAlpha)).first().waitFor();
    expect(await text(page)).not.toContain(begins(tipOfBeta));

    expect([...alpha.keys].filter((key) => key !== KEY_A)).toEqual([]);
    expect([...beta.keys].filter((key) => key !== KEY_B)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("follows the blocks of the network that is shown, and of no other", async () => {
    const { page } = await withBoth();
    await isLive(page);
    const before = await nodes[0]!.rpc<number>("getblockcount");
    await switchTo(page, "Beta");
    await isLive(page);
    const height = await nodes[1]!.rpc<number>("getblockcount");
    await nodes[0]!.rpc("generatetoaddress", 1, ADDRESS);
    await nodes[1]!.rpc("generatetoaddress", 1, ADDRESS_B);
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe(String(height + 1));
    await switchTo(page, "Alpha");
    await eventually(() => page.getByTestId("tip-height").textContent()).toBe(String(before + 1));
    [tipOfAlpha, tipOfBeta] = await Promise.all([
      nodes[0]!.rpc<string>("getbestblockhash"),
      nodes[1]!.rpc<string>("getbestblockhash"),
    ]);
  });

  test("is switched by the palette, by keys and by a further call of the program, which may name one that is new", async () => {
    const view = await withBoth();
    const { page } = view;
    await page.keyboard.press("Control+k");
    await page.keyboard.type("beta");
    await page.getByRole("option", { name: "Switch to Beta" }).waitFor();
    await view.picture("desktop-palette-dark");
    await page.keyboard.press("Enter");
    await shows(page, "Beta");
    await page.keyboard.press("g");
    await page.keyboard.press("1");
    await shows(page, "Alpha");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Shortcuts" }).getByText("Go to a network").waitFor();
    host!.name(beta.url);
    await shows(page, "Beta");
    host!.name("http://127.0.0.1:9");
    const offer = page.getByRole("dialog", { name: "Add a network" });
    await eventually(() => offer.getByLabel("Address").inputValue()).toBe("http://127.0.0.1:9");
  });

  test("uses a network's key, asks anew for one that is refused, and remembers the next with the network", async () => {
    const wrong = { ...profileOf("Alpha"), keys: { ...NO_KEYS, admin: "revoked-since" } };
    const { page } = await withBoth({}, { profiles: [wrong, profileOf("Beta")], page: "/network?tab=bans" });
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
    expect([...beta.keys]).toEqual([KEY_B]);
  });

  test("says when a network is away, shows the other meanwhile, and goes on by itself", async () => {
    const view = await withBoth();
    const { page } = view;
    await isLive(page);
    await alpha.cut();
    await page.getByTestId("connection").getByText("Offline").waitFor();
    await page.getByText("The node does not answer").first().waitFor();
    await page.getByRole("button", { name: /^Network: / }).click();
    const choices = page.getByRole("dialog", { name: "Networks" });
    await choices.getByRole("button", { name: "Alpha" }).getByText("does not answer").waitFor();
    await choices.getByRole("button", { name: "Beta" }).getByText("regtest").waitFor();
    await view.picture("desktop-switcher-away-dark");
    await choices.getByRole("button", { name: "Beta" }).click();
    await shows(page, "Beta");
    await page.getByText(begins(tipOfBeta)).first().waitFor();
    await switchTo(page, "Alpha");
    await page.getByText("nothing listens there").first().waitFor();
    await view.picture("desktop-away-dark");
    await alpha.restore();
    await isLive(page);
    await page.getByText(begins(tipOfAlpha)).first().waitFor();
  });

  test("changes, duplicates, moves and removes what it remembers", async () => {
    const { page } = await withBoth({}, { page: "/networks" });
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
    await page.goto(`${host!.origin}/networks`);
    await unlock(page);
    await eventually(names).toEqual(["Staging 2shown now", "Staging"]);
  });

  test("writes networks into a file without their keys, and takes in what is new in one", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-export-"));
    try {
      const { page } = await withBoth({}, { page: "/networks" });
      const saving = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export" }).click();
      const file = path.join(folder, "networks.json");
      await (await saving).saveAs(file);
      const written = readFileSync(file, "utf8");
      expect(JSON.parse(written)).toMatchObject({ networks: [{ name: "Alpha", url: alpha.url }, { name: "Beta" }] });
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

  test("is locked by its button, and when another window locks the program; wrong passphrases open nothing", async () => {
    const { page } = await withBoth();
    await page.getByText(begins(tipOfAlpha)).first().waitFor();
    await eventually(() => page.title()).toBe("Dashboard · Alpha");
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("heading", { name: "Your networks are locked" }).waitFor();
    expect(await text(page)).not.toContain(begins(tipOfAlpha));
    expect(await page.title()).toBe("Your networks are locked · Bitfleet");
    for (let tries = 0; tries < 4; tries++) {
      await unlock(page, `guess ${tries}`);
      await page.getByRole("alert").waitFor();
    }
    await page.getByText(/^Wait \d+ second/).waitFor();
    await eventually(() => page.getByRole("button", { name: "Unlock" }).isEnabled()).toBe(true);
    await unlock(page);
    await shows(page, "Alpha");
    await host!.lockAll();
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await page.getByRole("heading", { name: "Your networks are locked" }).waitFor();
  });

  test("locks itself when nobody has been there for as long as was chosen", async () => {
    const { page } = await withBoth({}, { page: "/settings" });
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

  test("shows one network in all tabs: another tab begins anew when one goes elsewhere", async () => {
    const { page } = await withBoth();
    const other = await page.context().newPage();
    await other.goto(`${host!.origin}/`);
    await unlock(other);
    await other.getByText(begins(tipOfAlpha)).first().waitFor();
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
    await other.getByText(begins(tipOfBeta)).first().waitFor();
  });

  test("passes metrics and health on, and says when the program behind the window has ended", async () => {
    const { page } = await withBoth({}, { page: "/status" });
    await eventually(() => page.getByText("bitfleet_").count()).toBeGreaterThan(10);
    await page.getByText("0.1.0").first().waitFor();
    await host!.stop();
    await page.getByRole("heading", { name: "The program does not answer" }).waitFor();
    await page.getByText("start Bitfleet again").waitFor();
    expect(await page.getByText("bitfleet_").count()).toBe(0);
  });

  test("remembers nothing where that is wanted, and can begin anew where the passphrase is forgotten", async () => {
    const { page } = await withBoth();
    await page.getByRole("button", { name: "Lock", exact: true }).click();
    await page.getByRole("button", { name: "I have forgotten it" }).click();
    await page.getByRole("button", { name: "Go on without remembering anything" }).click();
    const form = page.getByRole("form", { name: "Add a network" });
    await form.getByLabel("Name").fill("For now");
    await form.getByLabel("Address").fill(alpha.url);
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
      const view = await withBoth({}, { page: "/settings" });
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
      expect(holds(file, KEY_A)).toBe(false);
      await view.close();
      await host!.remove();

      host = new DesktopHost();
      await host.start();
      const later = await open();
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
      await later.page.getByText(begins(tipOfAlpha)).first().waitFor();

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
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("shows what a page is made of as JSON, and saves it", async () => {
    const view = await withBoth();
    const { page } = view;
    await page.getByText(begins(tipOfAlpha)).first().waitFor();
    await page.getByRole("button", { name: "Page as JSON" }).click();
    const dialog = page.getByRole("dialog", { name: "Dashboard as JSON" });
    await dialog.getByRole("button", { name: "blockchain", exact: true }).click();
    await dialog.getByRole("treeitem").filter({ hasText: tipOfAlpha }).first().waitFor();
    await view.picture("desktop-json-dark");
    const saving = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save all of them" }).click();
    const saved = JSON.parse(readFileSync(await (await saving).path(), "utf8")) as Record<string, unknown>;
    expect(saved.blockchain).toMatchObject({ last_block_hash: tipOfAlpha });
    expect((await saving).suggestedFilename()).toBe("bitfleet-dashboard.json");
  });

  test("leaves no key, no passphrase and no address of a network in the browser's profile or in clear on the disk", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-profile-"));
    try {
      host = new DesktopHost();
      await host.start();
      opened = await WatchedPage.openWithProfile(folder, host.address());
      const { page } = opened;
      await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
      await page.getByLabel("The same once more", { exact: true }).fill(PASSPHRASE);
      await page.getByRole("button", { name: "Encrypt this device" }).click();
      const form = page.getByRole("form", { name: "Add a network" });
      await form.getByLabel("Name").fill("Alpha");
      await form.getByLabel("Address").fill(alpha.url);
      await form.getByLabel("Admin key", { exact: true }).fill(KEY_A);
      await form.getByRole("button", { name: "Add and open" }).click();
      await shows(page, "Alpha");
      await isLive(page);
      await page.getByRole("link", { name: "Network", exact: true }).click();
      await page.getByRole("tab", { name: "Bans" }).click();
      await page.getByText("Nobody is banned").waitFor();
      // What was looked up, by the palette and by a command.
      await page.keyboard.press("Control+k");
      await page.keyboard.type(tipOfAlpha);
      await page.getByRole("option", { name: "Block" }).first().waitFor();
      await page.keyboard.press("Enter");
      await eventually(() => new URL(page.url()).pathname).toBe(`/block/${tipOfAlpha}`);
      expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("bitfleet");
      // That the search finds what is there: the theme is no secret.
      await page.getByRole("button", { name: "Switch to the light theme" }).click();
      await opened.close();
      opened = undefined;
      await host.stop();
      const places = [folder, host.folder];
      const found = (secret: string) => places.flatMap(filesBelow).filter((file) => holds(file, secret));
      expect(found("mantine-color-scheme")).not.toEqual([]);
      for (const secret of [KEY_A, PASSPHRASE, new URL(alpha.url).host]) expect(found(secret), secret).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe.each(["dark", "light"] as const)("in the %s", (colorScheme) => {
    test("nothing serious is in anybody's way on its screens, and they fit a phone", async () => {
      const view = await withBoth({ colorScheme });
      const { page } = view;
      const look = async (name: string) => {
        await expectAccessible(page, name);
        await view.picture(`desktop-${name}-${colorScheme}`);
        await page.setViewportSize(PHONE);
        expect(await excessWidth(page), name).toBeLessThanOrEqual(0);
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

/** Every file in the folder and below. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Whether a file has the text in it, as bytes or in the two-byte form that browsers use in places. */
function holds(file: string, secret: string): boolean {
  const bytes = readFileSync(file);
  return bytes.includes(secret) || bytes.includes(Buffer.from(secret, "utf16le"));
}
