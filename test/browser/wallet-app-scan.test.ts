import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { psbtParts } from "../../apps/wallet/src/parts/shown-parts.ts";
import { codePicture, emptyPicture } from "../../apps/wallet/src/scan/code-picture.test-kit.ts";
import { temporaryFolder } from "../functional/test-node.ts";
import { someKey } from "../functional/wallet-app-sweeps.ts";
import { expectAccessible } from "./accessibility.ts";
import { ANYONE_CAN_SPEND } from "./anyone-can-spend.ts";
import { launchChromium, WatchedPage } from "./chromium.ts";
import { filmOf, pngHead, pngOf } from "./code-files.ts";
import { freePsbt } from "./free-coins.ts";
import { DESK, eventually, expectFits, PHONE } from "./page-kit.ts";
import { ADDRESS, button, go, heading, WalletDevices, whyNoWalletApp } from "./wallet-app-devices.ts";
import { openInApp, setUpWallet, someWords } from "./wallet-app-kit.ts";
import { shownAddress, txidOf } from "./wallet-app-money/screens.ts";

const missing = whyNoWalletApp();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of the wallet app's scanner, since ${missing}\n\n`);

const LINK = `bitcoin:${ADDRESS.toUpperCase()}?amount=0.0123&label=Tea%20house`;

/** Which of its pictures a page gets to see is chance, and a busy machine reads one a second. */
const WHOLE_FILM = { timeout: 120_000 };

describe.skipIf(missing !== undefined)("the wallet app reads QR codes", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny");
  });
  /** A payment in which nothing is missing, to an address, of coins that are anybody's. */
  async function paymentTo(address: string) {
    const { node } = devices;
    // A coinbase is spent from 100 blocks on.
    const [block] = await node.rpc<string[]>("generatetoaddress", 101, ANYONE_CAN_SPEND);
    const { tx } = await node.rpc<{ tx: { txid: string }[] }>("getblock", block, 2);
    const psbt = freePsbt({ txid: tx[0]!.txid, index: 0, value: 50_0000_0000n }, 12, address, 10_000n);
    const { tx: unsigned } = await node.rpc<{ tx: { txid: string } }>(
      "decodepsbt",
      Buffer.from(psbt).toString("base64"),
    );
    return { psbt, txid: unsigned.txid };
  }

  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  test("a camera's payment link fills in the payment as a pasted one does, and the camera goes out", async () => {
    const film = path.join(temporaryFolder(), "camera.y4m");
    writeFileSync(film, filmOf([codePicture(LINK, { width: 640, height: 480, turn: 12, tilt: 0.1, noise: 0.03 })]));
    const browser = await launchChromium(
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-video-capture=${film}`,
    );
    onTestFinished(() => browser.close());
    const view = await WatchedPage.open(browser, `${devices.node.url}/wallet-app/`);
    const { page } = view;
    await setUpWallet(page, someWords());
    await watchCameras(page);
    await go(page, "Send");
    const told = page.getByRole("status").filter({ hasText: "The code is read" }).waitFor();
    await scan(page);
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(ADDRESS);
    await eventually(() => page.getByLabel("Amount in BTC").inputValue()).toBe("0.0123");
    await eventually(() => page.getByLabel("What it is for").inputValue()).toBe("Tea house");
    await told;
    await eventually(() => camerasOn(page)).toEqual([false]);
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "Scan a QR code",
    );
    // Nothing of it is in the address bar, whose history the browser keeps.
    expect(new URL(page.url()).search).toBe("");

    // Where the code is another one than is wanted, the camera goes on.
    await go(page, "PSBT");
    const dialog = await scan(page);
    await dialog
      .getByText("This code is a payment link. Wanted here: a PSBT or a signed transaction, in one code or in parts.")
      .waitFor();
    await dialog.getByText("Hold the code in front of the camera.").waitFor();
    await view.picture("wallet-app-scan-dark");
    await expectAccessible(page);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "light" });
    await view.picture("wallet-app-scan-phone-light");
    await expectAccessible(page);
    await expectFits(page);

    // Hidden, it is off, and on again when it is seen; closed, it is off.
    await show(page, "hidden");
    await eventually(() => camerasOn(page)).toEqual([false, false]);
    await dialog.getByText("The camera is off while nobody sees this page.").waitFor();
    await show(page, "visible");
    await eventually(() => camerasOn(page)).toEqual([false, false, true]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await eventually(() => camerasOn(page)).toEqual([false, false, false]);

    await scan(page);
    await eventually(() => camerasOn(page)).toEqual([false, false, false, true]);
    await openInApp(page, "receive");
    await heading(page, "Receive");
    await eventually(() => camerasOn(page)).toEqual([false, false, false, false]);

    // In parts: some from the camera, the others from pictures.
    const { psbt, txid } = await paymentTo(await shownAddress(page));
    const parts = psbtParts("ur", psbt, 330)!;
    expect(parts.count).toBeGreaterThan(3);
    writeFileSync(
      film,
      filmOf(
        [1, 2].map((number) => partPicture(parts.part(number))),
        4,
      ),
    );
    await openInApp(page, "psbt");
    await scan(page);
    await dialog.getByTestId("parts").getByText(`2 of ${parts.count} parts`).waitFor(WHOLE_FILM);
    const choose = (texts: readonly string[]) =>
      dialog.locator("input[type=file]").setInputFiles(
        texts.map((text, place) => ({
          name: `part-${place}.png`,
          mimeType: "image/png",
          buffer: pngOf(codePicture(text, { ecc: "L" })),
        })),
      );
    await expectAccessible(page);
    await view.picture("wallet-app-scan-parts-phone-light");
    await expectFits(page);
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: "dark" });
    await view.picture("wallet-app-scan-parts-dark");
    const others = Array.from({ length: parts.count - 2 }, (_, place) => parts.part(parts.count - place));
    await choose(others);
    await page.getByText("complete", { exact: true }).waitFor();
    await button(page, "Close it").click();

    // All from the camera, which sees some of them, plain and mixed ones, in any order.
    const seen = Array.from({ length: 2 * parts.count }, (_, place) =>
      parts.part(1 + ((place * 7) % (2 * parts.count))),
    );
    writeFileSync(film, filmOf(seen.map(partPicture), 8));
    await scan(page);
    await page.getByText("complete", { exact: true }).waitFor(WHOLE_FILM);
    await eventually(async () => (await camerasOn(page)).at(-1)).toBe(false);
    await button(page, "Send").click();
    await page.getByTestId("confirm").click();
    await eventually(() => txidOf(page)).toBe(txid);
    expect(await devices.node.rpc<string[]>("getrawmempool")).toContain(txid);

    await openInApp(page, "psbt");
    await scan(page);
    await eventually(async () => (await camerasOn(page)).at(-1)).toBe(true);
    // As the wallet locks by itself: nobody can press it below a dialog.
    await page.getByTitle("Lock this wallet now").dispatchEvent("click");
    await page.getByRole("button", { name: "Unlock" }).waitFor();
    await eventually(async () => (await camerasOn(page)).at(-1)).toBe(false);
    expect(view.complaints).toEqual([]);
  });

  test("without a camera's permission it says so, and reads pictures: chosen, dropped and pasted", async () => {
    const { view, page, words } = await devices.openWallet();
    await go(page, "Contacts");
    await button(page, "New contact").click();
    const form = page.getByRole("dialog", { name: "New contact" });
    await form.getByLabel("Name").fill("Tea house");
    await form.getByRole("button", { name: "Scan a QR code" }).click();
    const dialog = page.getByRole("dialog", { name: "Scan a QR code" });
    await dialog.getByText("This page may not use the camera.").waitFor();
    await view.picture("wallet-app-scan-refused-dark");
    await expectAccessible(page);
    const choose = (name: string, buffer: Buffer) =>
      dialog.locator("input[type=file]").setInputFiles({ name, mimeType: "image/png", buffer });
    await choose("notes.png", Buffer.from("no picture"));
    await dialog.getByText("This is no picture that the browser can read.").waitFor();
    // A browser would make four bytes of each of its pixels.
    await choose("wall.png", pngHead(20_000, 20_000));
    await dialog.getByText("A picture has at most 120 megapixels here").waitFor();
    await choose("cat.png", pngOf(emptyPicture({ noise: 0.2 })));
    await dialog.getByText("No QR code was found in this picture.").waitFor();
    await choose("phrase.png", pngOf(codePicture(words)));
    await dialog.getByText("This code holds a recovery phrase").waitFor();
    const text = await page.evaluate(() => document.documentElement.outerHTML);
    expect(text).not.toContain(words);
    expect(text).not.toContain(words.split(" ").slice(0, 3).join(" "));
    // Parts of something that is of no use here are refused with the first; what a part of this is would be gathered.
    await choose("part.png", pngOf(codePicture("UR:CRYPTO-PSBT/1-9/LPADAXCFAOCYTPBZLFFDHDKB")));
    await dialog.getByText("This code is a PSBT, which is opened on the page PSBT.").waitFor();
    await choose("elsewhere.png", pngOf(codePicture("bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")));
    await dialog.getByText("This payment link is for the main network, and this wallet is on regtest.").waitFor();
    await give(page, "drop", undefined);
    await dialog.getByText("No picture arrived here.").waitFor();
    // The link's address is the contact's.
    await give(page, "drop", pngOf(codePicture(LINK, { turn: 30 })));
    await eventually(() => form.getByLabel("Address").inputValue()).toBe(ADDRESS);
    await view.picture("wallet-app-scan-contact-dark");
    await button(page, "Save").click();
    await page.getByRole("row").filter({ hasText: "Tea house" }).waitFor();

    // The whole of it by the keyboard, to the picture that is pasted.
    await go(page, "Send");
    await page.getByRole("button", { name: "Scan a QR code" }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByText("This page may not use the camera.").waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Choose a picture");
    await give(page, "paste", pngOf(codePicture(ADDRESS.toUpperCase(), { isInverted: true })));
    await eventually(() => page.getByLabel("Pay to").inputValue()).toBe(ADDRESS);
    await page.getByText("Contact: Tea house").waitFor();

    // A private key is handed to the page that sweeps it, and to no other.
    const privateKey = someKey().wif;
    await scan(page);
    await choose("private.png", pngOf(codePicture(privateKey)));
    await dialog.getByText("This code holds a private key.").waitFor();
    await page.keyboard.press("Escape");
    await go(page, "Receive");
    await page.getByRole("link", { name: "Sweep a key" }).click();
    await scan(page);
    await choose("address.png", pngOf(codePicture(ADDRESS)));
    await dialog.getByText("This code is an address. Wanted here: a private key").waitFor();
    await choose("private.png", pngOf(codePicture(privateKey)));
    await page.getByText("This key has nothing: 5 kinds of addresses were looked at").waitFor();
    expect(await page.getByLabel("Private key in wallet import format").inputValue()).toBe(privateKey);
    expect(new URL(page.url()).search).toBe("");

    // A wallet that watches, by the code of its key.
    await go(page, "Wallets");
    await page.getByRole("link", { name: /Add a wallet/ }).click();
    await page.getByRole("button", { name: /^Watch without keys/ }).click();
    await scan(page);
    await choose("key.png", pngOf(codePicture(TPUB)));
    await page.getByText("An extended public key.").waitFor();
    await page.getByTestId("first-address").waitFor();
    await view.picture("wallet-app-scan-watched-dark", true);

    // And by what a device exports: several kinds of addresses, of which one is chosen.
    await scan(page);
    const account = (deriv: string) => ({ deriv, xpub: TPUB });
    const exported = { xfp: "73C5DA0A", bip84: account("m/84h/1h/0h"), bip44: account("m/44h/1h/0h") };
    const file = { name: "coldcard-export.json", mimeType: "application/json" };
    await dialog.locator("input[type=file]").setInputFiles({ ...file, buffer: Buffer.from(JSON.stringify(exported)) });
    await dialog.getByText("The device has several kinds of addresses.").waitFor();
    await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Both kinds");
    await view.picture("wallet-app-scan-choice-dark");
    await expectAccessible(page);
    await dialog.getByRole("button", { name: "Segwit (BIP84)" }).click();
    await eventually(() => page.getByLabel(/^Descriptor, extended public key/).inputValue()).toBe(
      `wpkh([73c5da0a/84h/1h/0h]${TPUB}/<0;1>/*)`,
    );
    await page.getByText("A descriptor.").waitFor();
    expect(view.complaints).toEqual([]);
  });
});

/** BIP84's account, as test networks write it. */
const TPUB =
  "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M";

/** A code as it stands on a screen, before the camera. */
const partPicture = (text: string) => codePicture(text, { width: 640, height: 480, turn: 4, ecc: "L", noise: 0.02 });

/** Presses the button beside the field. */
async function scan(page: Page) {
  await page.getByRole("button", { name: "Scan a QR code" }).click();
  return page.getByRole("dialog", { name: "Scan a QR code" });
}

/** Notes which cameras the page opens. */
function watchCameras(page: Page): Promise<void> {
  return page.evaluate(() => {
    const opened: MediaStream[] = [];
    Object.assign(globalThis, { opened });
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      opened.push(stream);
      return stream;
    };
  });
}

/** Of each that was opened whether it is on. */
function camerasOn(page: Page): Promise<boolean[]> {
  return page.evaluate(() => {
    const { opened } = globalThis as unknown as { opened: MediaStream[] };
    return opened.map((stream) => stream.getTracks().some(({ readyState }) => readyState === "live"));
  });
}

/** Tells the page that it is seen, or not, as the browser does for a tab. */
function show(page: Page, state: "hidden" | "visible"): Promise<void> {
  return page.evaluate((visibility) => {
    Object.defineProperty(document, "visibilityState", { value: visibility, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/** Drops or pastes a picture, or nothing, onto what has the focus in the dialog. */
function give(page: Page, how: "drop" | "paste", picture: Buffer | undefined): Promise<void> {
  return page.evaluate(
    ([event, base64]) => {
      const transfer = new DataTransfer();
      if (base64 !== undefined) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], "code.png", { type: "image/png" }));
      }
      const place = document.querySelector("dialog[open] [data-over]")!;
      place.dispatchEvent(
        event === "drop"
          ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
          : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }),
      );
    },
    [how, picture?.toString("base64")] as const,
  );
}
