import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { regtestNetwork } from "../../packages/protocol/src/consensus/networks.ts";
import { phraseDescriptors } from "../../packages/wallet/src/self-custody/account-descriptors.ts";
import { someWords, WalletNetwork } from "../browser/wallet-app-kit.ts";
import { BITCOIND, TestProcess, temporaryFolder } from "../functional/test-node.ts";
import { DesktopProcess, PATIENT, STEP_MAX_MS, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { PageDriver } from "./page-driver.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const why = whatIsNotBuilt() ?? whyNoWebkit();
const PASSPHRASE = "a long way from anywhere";
const BACKUP_PASSPHRASE = "and a longer way back";
/** Nineteen unused addresses before one that was paid are looked through (BIP44). */
const GAP = 19;
const PAGE_SIZE = 4096;

/**
 * What a person meets beside plain payments, in the real program's WebKitGTK window as wallet-in-window.test.ts has it. The tests run in order and as
 * a whole.
 */
describe("the wallet in a WebKitGTK window, in trouble,", { timeout: STEP_MAX_MS }, () => {
  if (why !== undefined) {
    test.skip(`is not tested: ${why}`, () => {});
    console.warn(`NO WALLET IN A WINDOW WAS TESTED IN TROUBLE: ${why}`);
    return;
  }

  const words = someWords();
  const folders: string[] = [];
  let screen: Screen;
  let network: WalletNetwork;
  let data: string;
  let program: DesktopProcess;
  let window: HostWindow;
  let page: PageDriver;

  beforeAll(async () => {
    [screen, network] = await Promise.all([Screen.start(), WalletNetwork.start()]);
    data = newFolder();
    await start();
  }, 120_000);
  afterAll(async () => {
    await stop();
    await network?.stop();
    await screen?.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  const newFolder = () => {
    const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-desktop-"));
    folders.push(folder);
    return folder;
  };
  const start = async () => {
    program = new DesktopProcess(["wallet", "--data", data, "--network", network.url, "--window", "none"]);
    const output = await program.says(/^http:.*\n/m);
    // The dialog for a file opens where the user's folders are.
    window = await HostWindow.open(screen, output.split("\n", 1)[0]!, { HOME: data });
    page = new PageDriver(window);
  };
  const stop = async () => {
    await window?.close();
    await program?.stop();
  };
  const unlock = async (passphrase: string) => {
    await page.fill("Passphrase", passphrase);
    await page.click("Unlock");
  };
  const connectionIs = (state: string) =>
    expect.poll(() => page.textOf('[data-testid="connection"]'), PATIENT).toEqual([state]);
  const addressAt = async (index: number) => {
    const all = phraseDescriptors({ words, passphrase: "" }, 0, regtestNetwork().addressPrefixes);
    const { text } = all.find((one) => one.text.includes("/86h/") && !one.isInternal)!;
    const [address] = await network.rpc<readonly string[]>("deriveaddresses", text, [index, index]);
    return address!;
  };

  test("finds what its words own, behind as many unused addresses as may be", async () => {
    await network.faucet(await addressAt(GAP), "1.5");
    await network.mine(1);
    await page.click("Begin");
    await page.fill("Passphrase", PASSPHRASE);
    await page.fill("The same once more", PASSPHRASE);
    await page.click("Encrypt this device");
    await page.fill("Address of the server", network.url);
    await page.click("Look what answers there");
    await page.click("Use this network");
    await page.click("Restore from words");
    for (const [index, word] of words.split(" ").entries()) await page.fill(`Word ${index + 1}`, word);
    await page.click("Restore");
    await page.sees("Balance 1.50000000");
    await connectionIs("Live");
  });

  test("tells of a reorganization that undoes what was mined", async () => {
    await network.rpc("generatetoaddress", 1, await addressAt(GAP + 1));
    await page.sees("immature");
    await network.reorg(1);
    await page.sees("left the chain");
  });

  test("is opened by no wrong passphrase, and waits after the third", async () => {
    await stop();
    // What is left of a program that was killed while it put a backup in the place of the wallet.
    const unfinished = path.join(data, "vault.db.next");
    writeFileSync(unfinished, "half of a backup");
    await start();
    await page.sees("Unlock your wallet");
    await page.sees("Nothing has changed: it opens with its passphrase as before");
    expect(existsSync(unfinished)).toBe(false);
    // The page comes again, to who has its cookie alone, where its process ended and where a person loads it anew.
    await page.click("I forgot the passphrase");
    await page.sees("Nobody can reset the passphrase");
    await window.endPage();
    await page.sees("Unlock your wallet");
    await page.click("I forgot the passphrase");
    await page.sees("Nobody can reset the passphrase");
    screen.key(window.onScreen, "ctrl+r");
    await page.sees("Unlock your wallet");
    await unlock("wrong at first");
    await page.sees("1 wrong try so far");
    await unlock("wrong again");
    await page.sees("2 wrong tries so far");
    await unlock("wrong once more");
    await page.sees("3 wrong tries so far");
    await page.sees("before the next try");
    expect(await page.text()).not.toContain("1.5");
    await expect.poll(() => page.textOf("button:disabled"), PATIENT).toEqual([]);
    await unlock(PASSPHRASE);
    await page.sees("Balance 1.50000000");
  });

  test("saves a backup, which another user's profile restores", async () => {
    await page.click("Settings");
    await page.click("Save a backup");
    await page.fill("Passphrase of this device", PASSPHRASE);
    await page.click("The backup opens with the same passphrase");
    await page.fill("Passphrase of the backup", BACKUP_PASSPHRASE);
    await page.fill("The same once more", BACKUP_PASSPHRASE);
    await page.click("Save the file");
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Save"');
    const dialog = /(0x[0-9a-f]+) "Save"/.exec(screen.stack())![1]!;
    screen.key({ ...window.onScreen, id: dialog }, "Return");
    const { path: file } = await window.tells("saved");
    const backup = readFileSync(file);
    expect(backup.includes(words)).toBe(false);

    const first = data;
    await stop();
    data = newFolder();
    await start();
    await page.click("Restore a backup file");
    await page.fill("Passphrase of the backup", "not this one");
    await window.look(`const bytes = Uint8Array.from(atob(${JSON.stringify(backup.toString("base64"))}), (one) => one.charCodeAt(0));
      const chosen = new DataTransfer(); chosen.items.add(new File([bytes], "mine.bitfleet-backup"));
      const input = document.querySelector('input[type="file"]'); input.files = chosen.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));`);
    await page.sees("mine.bitfleet-backup");
    await page.click("Restore");
    await page.sees("The passphrase is not the backup's.");
    await page.fill("Passphrase of the backup", BACKUP_PASSPHRASE);
    await page.click("Restore");
    await page.sees("Balance 1.50000000");
    await stop();
    data = first;
  });

  test("opens without its server, shows what it knew, and takes nothing of a server of another network", async () => {
    await network.stop();
    await start();
    await unlock(PASSPHRASE);
    expect(await page.sees("Offline: what is shown is of")).toContain("1.5");
    await connectionIs("Offline");
    // In the place of the first server, as where a port is given anew.
    const { port } = new URL(network.url);
    const own = [`-datadir=${temporaryFolder()}`, `-rpcport=${await freePort()}`, `-webport=${port}`];
    const other = new TestProcess(BITCOIND, ["-testnet4", ...own, "-listen=0", "-connect=0", "-printtoconsole=0"]);
    try {
      await connectionIs("Refused");
      expect(await page.sees("Nothing is taken from this server")).toContain("1.5");
      await page.click("Refused");
      await page.sees("This server is on testnet4");
    } finally {
      other.child.kill();
      await other.exit();
    }
  });

  test("says what is damaged, in which file, and which ways lead out", async () => {
    await stop();
    const file = path.join(data, "vault.db");
    breakPages(file);
    await start();
    await unlock(PASSPHRASE);
    const shown = await page.sees("What is kept on this device cannot be read");
    expect(shown).toContain(file);
    expect(shown).toContain("Restore a backup in its place");
    expect(shown).toContain("Save what can still be read");
  });
});

/** Changes a byte of each page of a database but the first, where it is: not every byte stands for something. */
function breakPages(file: string): void {
  const bytes = readFileSync(file);
  for (let page = PAGE_SIZE; page < bytes.length; page += PAGE_SIZE) bytes[page + 3]! ^= 1;
  writeFileSync(file, bytes);
}
