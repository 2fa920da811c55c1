import { readFileSync } from "node:fs";
import { regtestNetwork } from "@bitfleet/protocol/consensus/networks.ts";
import { cosignerText, phraseCosigner } from "@bitfleet/wallet/self-custody/shared-wallet.ts";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "../accessibility.ts";
import type { WatchedPage } from "../chromium.ts";
import { DESK, eventually, expectFits, PHONE } from "../page-kit.ts";
import { button, go, heading, tabTo } from "../wallet-app-devices.ts";
import { openInApp, someWords } from "../wallet-app-kit.ts";
import { openedTxid, shownAddress, steps, tile } from "./screens.ts";
import type { TwoWallets } from "./two-wallets.ts";

/** A wallet that the two share with a third key, which stays in a safe: two of three sign. */
export function isShared(life: TwoWallets): void {
  let descriptor = "";

  test("each hands out a key, and one of them makes the wallet by the keyboard, which the other compares and watches", async () => {
    const { page } = life.alice;
    const bob = life.bob.page;
    await go(bob, "Wallets");
    await button(bob, "Key to share, of My wallet").click();
    const bobsKey = (await bob.getByTestId("handed-out-key").textContent())!;
    expect(bobsKey).toMatch(/^\[[0-9a-f]{8}\/48h\/1h\/0h\/2h\]tpub\w+$/);
    await button(bob, "Show a QR code").click();
    await bob.getByRole("img", { name: "QR code of the key" }).waitFor();
    await looksRight(life.bob, "wallet-app-share-key-light");
    await bob.keyboard.press("Escape");

    await go(page, "Wallets");
    await page.getByRole("link", { name: "Add a wallet" }).click();
    await heading(page, "Add a wallet");
    await tabTo(page, /^Share with others/);
    await page.keyboard.press("Enter");
    await heading(page, "Share with others");
    const keys = page.getByRole("list", { name: "The keys" }).getByRole("listitem");
    const [first, second, third] = [keys.nth(0), keys.nth(1), keys.nth(2)];
    // Of this device's words, made by itself.
    await first.getByText("Give this key to the others").waitFor();
    await tabTo(page, "Name of the signer");
    await page.keyboard.type("Alice");
    await button(page, "Compare before it is made").click();
    await page.getByText("Enter each of the keys first").waitFor();
    await eventually(() => second.getByRole("alert").textContent()).toMatch(/^Paste the key of this signer/);
    // A private key is shown no more, and said to be one.
    const field = second.getByLabel("Public key with its origin");
    await field.fill(PRIVATE_KEY);
    await second.getByText("This holds a private key.").waitFor();
    expect(await field.inputValue()).toBe("");
    expect(await page.content()).not.toContain(PRIVATE_KEY.slice(0, 20));
    await field.fill(bobsKey.replace("/48h/1h/0h/2h", "/84h/1h/0h"));
    await second.getByText(/keys of a wallet that one signs alone/).waitFor();
    await field.fill(bobsKey);
    await second.getByText("The key is right").waitFor();
    await second.getByLabel("Name of the signer").fill("Bob");
    // As a signing device exports it.
    const safe = phraseCosigner({ words: someWords(), passphrase: "" }, 0, regtestNetwork().addressPrefixes);
    const file = { xfp: safe.fingerprint, p2wsh_deriv: `m${safe.path}`, p2wsh: safe.key };
    const buffer = Buffer.from(JSON.stringify(file));
    await third.locator("input[type=file]").setInputFiles({ name: "ccxp.json", mimeType: "application/json", buffer });
    await eventually(() => third.getByLabel("Public key with its origin").inputValue()).toBe(cosignerText(safe));
    await third.getByLabel("Name of the signer").fill("Safe");
    await looksRight(life.alice, "wallet-app-share-dark");
    await third.getByLabel("Name of the signer").press("Enter");

    await heading(page, "Compare before it is made");
    await page.getByText("2 of these 3 keys must sign.").waitFor();
    const address = (await page.getByTestId("first-address").textContent())!;
    await looksRight(life.alice, "wallet-app-share-compare-dark");
    await page.getByLabel("Name of the wallet").fill("Together");
    await page.getByLabel("Name of the wallet").press("Enter");
    await heading(page, "The wallet is made");
    await page.getByText("Keep the descriptor with the words").waitFor();
    descriptor = (await page.getByTestId("handed-out-descriptor").textContent())!;
    await looksRight(life.alice, "wallet-app-share-keep-dark");
    expect(await saved(page, "Save as file")).toBe(`${descriptor}\n`);
    expect(await saved(page, "Save for signing devices")).toMatch(/^Name: Together\nPolicy: 2 of 3\nFormat: P2WSH\n/);
    await button(page, "To the wallet").click();
    await heading(page, /^Balance/);
    await page.getByText("2 of 3 sign").first().waitFor();

    await go(bob, "Wallets");
    await bob.getByRole("link", { name: "Add a wallet" }).click();
    await bob.getByRole("button", { name: /^Watch without keys/ }).click();
    const sent = { name: "shared-wallet-together.txt", mimeType: "text/plain", buffer: Buffer.from(`${descriptor}\n`) };
    await bob.getByLabel("File with what is to be watched").setInputFiles(sent);
    await eventually(() => bob.getByTestId("first-address").textContent()).toBe(address);
    await bob.getByLabel("Name of the wallet").fill("Ours");
    await button(bob, "Watch it").click();
    await heading(bob, /^Balance/);
    await go(bob, "Receive");
    await eventually(() => shownAddress(bob)).toBe(address);
  });

  test("one pays and passes it on, the other signs and sends: the second signature is enough", async () => {
    const { page } = life.alice;
    const bob = life.bob.page;
    await life.network.faucet(await shownAddress(bob), "0.5");
    await life.network.mine(1);
    await eventually(() => tile(page, "Can be spent").textContent()).toBe("0.50000000BTC");
    await page.getByRole("link", { name: "Make a payment" }).click();
    await page.getByLabel("Pay to").fill(await life.minerAddress());
    await page.getByLabel("Amount in BTC").fill("0.2");
    await button(page, "Review the payment").click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign and pass on" }).click();
    await page.getByText("1 of 2 signatures").waitFor();
    await page.getByText(/^One more is missing, of (Bob or Safe|Safe or Bob)\. Pass it on below\.$/).waitFor();
    await page.getByText("What this device can sign is signed.").waitFor();
    const psbt = (await page.getByTestId("psbt").textContent())!;
    await looksRight(life.alice, "wallet-app-share-psbt-dark");

    await go(bob, "Wallets");
    await button(bob, "Signers of Ours").click();
    const dialog = bob.getByRole("dialog");
    const names = dialog.getByLabel(/^Name of signer/);
    // In the order of the descriptor: whose words are not here are not told apart but by their keys.
    const others = dialog.getByRole("listitem").filter({ hasNotText: "on this device" });
    await others
      .first()
      .getByLabel(/^Name of signer/)
      .fill("One of the others");
    expect(await names.count()).toBe(3);
    await button(bob, "Save the names").click();
    await dialog.getByText("One of the others", { exact: true }).waitFor();
    await eventually(() => dialog.getByTestId("handed-out-descriptor").textContent()).toBe(descriptor);
    await looksRight(life.bob, "wallet-app-share-signers-light");
    await bob.keyboard.press("Escape");
    await go(bob, "PSBT");
    await bob.getByLabel("PSBT in base64").fill(psbt);
    await button(bob, "Open").click();
    await bob.getByText("1 of 2 signatures").waitFor();
    await bob.getByText("One more is missing, which this device can make.").waitFor();
    await button(bob, "Sign").click();
    await bob.getByTestId("confirm").click();
    await bob.getByText("complete", { exact: true }).waitFor();
    await button(bob, "Send").click();
    await bob.getByTestId("confirm").click();
    await steps(bob).waitFor();
    const txid = await openedTxid(bob);
    await life.network.mineWith(txid);
    await eventually(() => steps(bob).getAttribute("data-standing")).toBe("confirmed");
    await openInApp(page, `tx/${txid}`);
    await eventually(() => steps(page).getAttribute("data-standing")).toBe("confirmed");
    // Back to the wallets of one.
    for (const one of [page, bob]) {
      await go(one, "Wallets");
      await button(one, "Show Main account").first().click();
      await one.getByRole("button", { name: /^Switch account, now My wallet/ }).waitFor();
    }
  });
}

/** BIP32's first vector, for test networks. */
const PRIVATE_KEY =
  "tprv8ZgxMBicQKsPeDgjzdC36fs6bMjGApWDNLR9erAXMs5skhMv36j9MV5ecvfavji5khqjWaWSFhN3YcCUUdiKH6isR4Pwy3U5y5egddBr16m";

/** As it stands: a picture, axe, and on a phone nothing too wide. */
async function looksRight(view: WatchedPage, name: string): Promise<void> {
  await view.picture(name, true);
  await expectAccessible(view.page, name);
  await view.page.setViewportSize(PHONE);
  await expectFits(view.page, name);
  await view.page.setViewportSize(DESK);
}

async function saved(page: Page, name: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  return readFileSync(await download.path(), "utf8");
}
