import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codePicture } from "../../apps/wallet/src/scan/code-picture.test-kit.ts";
import { freePort } from "../../packages/node/src/network/free-port.ts";
import { pngOf } from "../browser/code-files.ts";
import { ADDRESS, BITFLEET, eventually, run, TestProcess } from "../functional/test-node.ts";
import { DesktopProcess, PATIENT, STEP_MAX_MS, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { PageDriver } from "./page-driver.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const why = whatIsNotBuilt() ?? whyNoWebkit();
const PASSPHRASE = "a long way from anywhere";

/**
 * The wallet as a person has it: the real program, its real page in a real WebKitGTK window, a real network. The window is at the pipe of the test, which
 * so sees the page and acts in it; in all else it is what the program opens by itself (desktop-windows.test.ts). The tests run in order and as a whole.
 */
describe("the wallet in a WebKitGTK window", { timeout: STEP_MAX_MS }, () => {
  if (why !== undefined) {
    test.skip(`is not tested: ${why}`, () => {});
    console.warn(`NO WALLET IN A WINDOW WAS TESTED: ${why}`);
    return;
  }

  let screen: Screen;
  let networkUrl: string;
  let data: string;
  let networkData: string;
  let home: string;
  let program: DesktopProcess;
  let window: HostWindow;
  let page: PageDriver;
  let words: readonly string[] = [];
  let address = "";

  beforeAll(async () => {
    networkData = mkdtempSync(path.join(tmpdir(), "bitfleet-network-"));
    data = mkdtempSync(path.join(tmpdir(), "bitfleet-desktop-"));
    home = mkdtempSync(path.join(tmpdir(), "bitfleet-home-"));
    const [port, rpcPort] = [await freePort(), await freePort()];
    networkUrl = `http://127.0.0.1:${port}`;
    const options = [`--data=${networkData}`, `--port=${port}`, `--rpc-port=${rpcPort}`, "--no-mining"];
    const up = new TestProcess(BITFLEET, ["up", ...options]);
    [screen] = await Promise.all([
      Screen.start(),
      eventually(async () => {
        if (up.child.exitCode !== null) throw new Error(`bitfleet up ended: ${up.stderr}`);
        const ready = await fetch(`${networkUrl}/health/ready`).catch(() => undefined);
        return ready?.ok ? true : undefined;
      }),
    ]);
    await start();
  }, 120_000);
  afterAll(async () => {
    await window?.close();
    await program?.stop();
    await run(BITFLEET, ["down", `--data=${networkData}`]);
    await screen?.stop();
    for (const folder of [data, home, networkData]) rmSync(folder, { recursive: true, force: true });
  });

  const start = async () => {
    program = new DesktopProcess(["wallet", "--data", data, "--network", networkUrl, "--window", "none"]);
    const output = await program.says(/^http:.*\n/m);
    // The dialog for a file opens where the user's folders are.
    window = await HostWindow.open(screen, output.split("\n", 1)[0]!, { HOME: home });
    page = new PageDriver(window);
  };
  const ofNetwork = async (command: string, ...more: string[]) => {
    const { code, stdout, stderr } = await run(BITFLEET, [command, `--data=${networkData}`, ...more]);
    if (code !== 0) throw new Error(`bitfleet ${command}: ${stderr || stdout}`);
    return stdout.trim();
  };

  test("is made: a passphrase, a network, words that are checked", async () => {
    await page.click("Begin");
    await page.fill("Passphrase", PASSPHRASE);
    await page.fill("The same once more", PASSPHRASE);
    await page.click("Encrypt this device");
    await page.fill("Address of the server", networkUrl);
    await page.click("Look what answers there");
    await page.click("Use this network");
    await page.click("Create a new wallet");
    await page.click("Show the words");
    await expect.poll(() => page.textOf('[data-testid="words"] [translate=no]'), PATIENT).toHaveLength(12);
    words = await page.textOf('[data-testid="words"] [translate=no]');
    await page.click("I have written them down");
    await page.sees("Check what you wrote");
    for (const label of await page.textOf("label")) {
      const place = /^Word (\d+)$/.exec(label)?.[1];
      if (place !== undefined) await page.fill(label, words[Number(place) - 1]!);
    }
    await page.click("Create the wallet");
    await page.sees("Nothing has been paid here yet");
  });

  test("receives", async () => {
    await page.click("Receive");
    await expect.poll(() => page.textOf('[data-testid="address"]'), PATIENT).toHaveLength(1);
    [address] = (await page.textOf('[data-testid="address"]')) as [string];
    address = address.replaceAll(/\s/g, "");
    expect(address).toMatch(/^bcrt1p/);
    await ofNetwork("faucet", address, "2.5");
    await page.sees("+2.50000000");
    await ofNetwork("mine", "1");
    await page.sees("1 confirmation");
  });

  test("sends", async () => {
    await page.click("Send");
    await page.fill("Pay to", ADDRESS);
    await page.fill("Amount in BTC", "0.75");
    await page.click("Review the payment");
    await page.sees("Leaves the wallet");
    await page.clickTestId("send");
    await page.sees("Waits in the mempool for a block");
  });

  test("reads a QR code from a picture", async () => {
    await page.click("Send");
    await page.click("Scan");
    await page.sees("Choose a picture");
    const link = `bitcoin:${ADDRESS.toUpperCase()}?amount=0.25`;
    await page.choosePicture("dialog[open] input[type=file]", pngOf(codePicture(link, { turn: 20 })));
    const entered = () => window.look<readonly string[]>("return [...document.forms[0]].map((one) => one.value ?? '')");
    await expect.poll(entered, PATIENT).toEqual(expect.arrayContaining([ADDRESS, "0.25"]));
    await page.click("Clear");
  });

  test("pays more for what waits, and sees that confirmed", async () => {
    await page.click("Home");
    await page.click("To bcrt1");
    await page.sees("Get it confirmed sooner");
    await page.fill("New feerate in sat/vB", "7");
    await page.click("Look at it");
    await page.sees("Pay more for it?");
    await page.click("Speed it up");
    await page.sees("Takes the place of");
    await ofNetwork("mine", "1");
    await expect.poll(() => page.textOf('[data-testid="steps"]'), PATIENT).toEqual([expect.stringContaining("1")]);
    await page.click("Home");
    await page.sees("0.75");
  });

  /** What is saved by a button, at the place that the dialog offers. */
  const savedBy = async (button: string): Promise<Buffer> => {
    window.told.length = 0;
    await page.click(button);
    await expect.poll(() => screen.stack(), PATIENT).toContain('"Save"');
    const dialog = /(0x[0-9a-f]+) "Save"/.exec(screen.stack())![1]!;
    screen.key({ ...window.onScreen, id: dialog }, "Return");
    const { path: file } = await window.tells("saved");
    expect([path.dirname(file), statSync(file).mode & 0o777]).toEqual([home, 0o600]);
    return readFileSync(file);
  };

  test("saves its history as a table, and a payment for others to sign", async () => {
    await page.click("History");
    await page.sees("Payments: 3");
    const lines = (await savedBy("Save as CSV")).toString().trim().split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines.filter((line) => line.includes(address))).toHaveLength(1);

    const outputs = JSON.stringify([{ [ADDRESS]: 0.25 }]);
    const { psbt } = JSON.parse(await ofNetwork("rpc", "walletcreatefundedpsbt", "[]", outputs)) as { psbt: string };
    await page.click("PSBT");
    await page.fill("PSBT in base64", psbt);
    await page.click("Open");
    await page.sees("0 of 1 inputs signed");
    expect((await savedBy("Save as file")).toString("base64")).toBe(psbt);
    await page.click("Home");
  });

  test("keeps nothing of it in clear, and nothing that others may read", () => {
    const names = readdirSync(data, { recursive: true, encoding: "utf8" });
    expect(names).toContain("vault.db");
    const files = names.map((name) => path.join(data, name)).filter((file) => statSync(file).isFile());
    const secrets = [PASSPHRASE, words.join(" "), words.slice(0, 3).join(" "), address];
    const forms = secrets.flatMap((one) => [
      Buffer.from(one),
      Buffer.from(one, "utf16le"),
      Buffer.from(Buffer.from(one).toString("hex")),
    ]);
    for (const file of files) {
      const bytes = readFileSync(file);
      expect([file, forms.filter((form) => bytes.includes(form)).length]).toEqual([file, 0]);
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
    }
  });

  test("has everything again after a restart, for who has the passphrase", async () => {
    await window.close();
    expect(await program.stop()).toBe(0);
    await start();
    await page.sees("Unlock your wallet");
    expect(await page.text()).not.toContain("0.75");
    await page.fill("Passphrase", "another one that is wrong");
    await page.click("Unlock");
    await page.sees("1 wrong try so far");
    await page.fill("Passphrase", PASSPHRASE);
    await page.click("Unlock");
    const shown = await page.sees("Balance");
    expect(shown).toContain("1.74");
    await page.sees("0.75");
    await page.sees("2.5");
  });

  test("shows a payment link that is opened elsewhere", async () => {
    const link = `bitcoin:${address}?amount=0.125&label=Tea`;
    const second = new DesktopProcess(["wallet", "--data", data, "--window", "none", link]);
    expect(await second.ended()).toBe(0);
    expect(second.output).toContain("the link is shown there");
    await expect.poll(() => window.look<string>("return location.pathname"), PATIENT).toBe("/wallet-app/send");
    const amount = "return [...document.querySelectorAll('input')].map((one) => one.value).join(' ')";
    await expect.poll(() => window.look<string>(amount), PATIENT).toContain("0.125");
  });
});
