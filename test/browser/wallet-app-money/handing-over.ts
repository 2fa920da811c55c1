import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import { DESK, eventually, expectFits, PHONE } from "../page-kit.ts";
import { go } from "../wallet-app-devices.ts";
import { balanceOf, openedTxid, shownAddress, steps } from "./screens.ts";
import { freshAddress, type TwoWallets } from "./two-wallets.ts";

/** What leaves the wallet other than as a payment: signed messages, the history as a file, and PSBTs. */
export function handsOver(life: TwoWallets): void {
  test("a message is signed by one and verified by the other", async () => {
    const { page } = life.alice;
    await go(page, "Messages");
    const address = await page.getByLabel("Address of this account").inputValue();
    await page.getByLabel("Message", { exact: true }).fill("Alice owes Bob a tea, May 2026");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    const signature = (await page.getByTestId("signature").textContent())!;

    // With a segwit address in a form that older programs verify, too.
    await go(page, "Receive");
    await page.getByRole("radio", { name: "Segwit" }).check();
    await eventually(() => shownAddress(page)).toMatch(/^bcrt1q/);
    const segwit = await shownAddress(page);
    await go(page, "Messages");
    await page.getByLabel("Address of this account").fill(segwit);
    await page.getByLabel("Message", { exact: true }).fill("Alice owes Bob a tea, May 2026");
    await page.getByRole("radio", { name: "BIP137" }).check();
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    const older = (await page.getByTestId("signature").textContent())!;
    await life.alice.picture("wallet-app-messages-dark", true);
    await expectAccessible(page);

    const other = life.bob.page;
    await go(other, "Messages");
    await other.getByRole("tab", { name: "Verify" }).click();
    await other.getByLabel("Address of whoever signed").fill(address);
    await other.getByLabel("Message, exactly as it was signed").fill("Alice owes Bob a tea, May 2026");
    await other.getByLabel("Signature in base64").fill(signature);
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("signed this message, as BIP322 has it.").waitFor();
    await life.bob.picture("wallet-app-messages-verify-light", true);
    await expectAccessible(other);
    await other.getByLabel("Signature in base64").fill(older);
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("By its first byte this signature is for a segwit address (P2WPKH)").waitFor();
    await other.getByLabel("Address of whoever signed").fill(segwit);
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("signed this message, as BIP137 has it.").waitFor();
    await other.getByLabel("Message, exactly as it was signed").fill("Alice owes Bob a cake, May 2026");
    await other.getByRole("button", { name: "Verify" }).click();
    await other.getByText("The signature is not right").waitFor();
  });

  test("the history is saved as CSV, with what it shows", async () => {
    const { page } = life.alice;
    await go(page, "History");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/-history-\d{4}-\d\d-\d\d\.csv$/);
    const csv = readFileSync(await download.path(), "utf8");
    const lines = csv.trim().split(/\r\n/);
    expect(lines.length - 1).toBe(
      await page
        .getByText(/^Payments: /)
        .textContent()
        .then((text) => Number(/\d+/.exec(text!)![0])),
    );
    expect(csv).toContain("Wage of May");
  });

  test("a wallet that watches makes a PSBT, which the one with the keys signs and sends", async () => {
    const { page } = life.alice;
    await go(page, "Wallets");
    const descriptor = await publicDescriptor(page);
    await watch(page, descriptor);
    await eventually(async () => (await balanceOf(page, "Can be spent")).textContent()).not.toBe("0.00000000BTC");
    await page.getByRole("link", { name: "Make a payment" }).click();
    await page.getByLabel("Pay to").fill(await freshAddress(life.bob.page));
    await page.getByLabel("Amount in BTC").fill("0.02");
    await page.getByRole("button", { name: "Review the payment" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make a PSBT" }).click();
    await page.getByText("0 of 1 inputs signed").waitFor();
    const psbt = (await page.getByTestId("psbt").textContent())!;
    await page.getByRole("button", { name: "Show QR codes" }).click();
    const code = await page.getByRole("img", { name: "QR code of the PSBT" }).screenshot();
    await life.alice.picture("wallet-app-psbt-watch-dark", true);
    await expectAccessible(page);

    await switchTo(page, "My wallet");
    await go(page, "PSBT");
    const entry = page.getByLabel("PSBT in base64");
    // As WebKitGTK hands on a file that is dropped: without the file.
    await entry.dispatchEvent("drop", { dataTransfer: await page.evaluateHandle(() => new DataTransfer()) });
    await page.getByText("No file arrived here. Choose it with the button.").waitFor();
    const dropped = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.setData("text/plain", text);
      return transfer;
    }, psbt);
    await entry.dispatchEvent("drop", { dataTransfer: dropped });
    await eventually(() => entry.inputValue()).toBe(psbt);
    await entry.fill("nonsense");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("alert").waitFor();
    // By the picture of the code that it was passed on as.
    await page.getByRole("button", { name: "Scan a QR code" }).click();
    const picture = { name: "psbt.png", mimeType: "image/png", buffer: code };
    await page.getByRole("dialog", { name: "Scan a QR code" }).locator("input[type=file]").setInputFiles(picture);
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    await page.getByTestId("confirm").click();
    await page.getByText("complete", { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as file" }).click(),
    ]);
    expect([...readFileSync(await download.path()).subarray(0, 5)]).toEqual([0x70, 0x73, 0x62, 0x74, 0xff]);
    await life.alice.picture("wallet-app-psbt-complete-dark", true);

    // Handed on in parts, and read back by pictures of them. Where less motion is asked for each is gone to by hand.
    await page.emulateMedia({ reducedMotion: "reduce" });
    const parts = await shownInParts(page, "UR");
    await life.alice.picture("wallet-app-psbt-parts-dark", true);
    await expectAccessible(page);
    await readBack(page, parts);
    await page.emulateMedia({ reducedMotion: "no-preference" });
    await page.getByRole("button", { name: "Show QR codes" }).click();
    await page.getByText("UR", { exact: true }).click();
    await eventually(() => page.getByTestId("part").textContent()).not.toMatch(/^Part 1 of/);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "light" });
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Play" }).waitFor();
    await life.alice.picture("wallet-app-psbt-parts-phone-light", true);
    await expectAccessible(page);
    await expectFits(page);
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByTestId("confirm").click();
    await steps(page).waitFor();
    await life.network.mineWith(await openedTxid(page));
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
  });
}

/** Pictures of all parts of the PSBT on screen, in small codes. */
async function shownInParts(page: Page, form: string): Promise<Buffer[]> {
  await page.getByRole("button", { name: "Show QR codes" }).click();
  await page.getByText(form, { exact: true }).click();
  await page.getByText("Small", { exact: true }).click();
  const told = page.getByTestId("part");
  await eventually(() => told.textContent()).toMatch(/^Part 1 of/);
  const count = Number(/\d+$/.exec((await told.textContent())!)![0]);
  expect(count).toBeGreaterThan(1);
  const pictures: Buffer[] = [];
  for (let number = 1; number <= count; number++) {
    await eventually(() => told.textContent()).toBe(`Part ${number} of ${count}`);
    pictures.push(await page.getByRole("img", { name: "QR code of a part of the PSBT" }).screenshot());
    await page.getByRole("button", { name: "Next", exact: true }).click();
  }
  return pictures;
}

/** Opens it again, from pictures of its parts. */
async function readBack(page: Page, parts: readonly Buffer[]): Promise<void> {
  await page.getByRole("button", { name: "Close it" }).click();
  await page.getByRole("button", { name: "Scan a QR code" }).click();
  const pictures = parts.map((buffer, place) => ({ name: `${place}.png`, mimeType: "image/png", buffer }));
  await page.getByRole("dialog", { name: "Scan a QR code" }).locator("input[type=file]").setInputFiles(pictures);
  await page.getByText("complete", { exact: true }).waitFor();
}

async function publicDescriptor(page: Page): Promise<string> {
  await page
    .getByRole("button", { name: /descriptor|public key/i })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  const text = (await dialog.getByText(/^tr\(/).first().textContent())!;
  await page.keyboard.press("Escape");
  // Of both kinds in one: to receive by, and for change.
  return text.trim().replace(/\/0\/\*\)#.*$/, "/<0;1>/*)");
}

async function watch(page: Page, descriptor: string): Promise<void> {
  await page.getByRole("link", { name: /Add a wallet/ }).click();
  await page.getByRole("button", { name: /^Watch without keys/ }).click();
  await page.getByLabel(/^Descriptor, extended public key/).fill(descriptor);
  await page.getByRole("button", { name: "Watch it" }).click();
  await page.getByRole("heading", { level: 1, name: /^Balance/ }).waitFor();
}

async function switchTo(page: Page, wallet: string): Promise<void> {
  await page.getByRole("button", { name: /^Switch account/ }).click();
  const one = page.getByRole("dialog").locator("section", { has: page.getByRole("heading", { name: wallet }) });
  await one.getByRole("button").first().click();
  await page.getByRole("button", { name: new RegExp(`^Switch account, now ${wallet}`) }).waitFor();
}
