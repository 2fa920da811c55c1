import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MadeUpEsplora } from "../functional/made-up-esplora.ts";
import { expectAccessible } from "./accessibility.ts";
import { JSON_TYPE, NodeGate } from "./node-gate.ts";
import { NodeProcess } from "./node-process.ts";
import { eventually } from "./page-kit.ts";
import { ADDRESS, button, go, heading, WalletDevices, whyNoWalletApp } from "./wallet-app-devices.ts";
import { enterWords, PASSPHRASE, setUpWallet, someWords, unlockWallet } from "./wallet-app-kit.ts";
import { tile } from "./wallet-app-money/screens.ts";

const missing = whyNoWalletApp();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of the networks of the wallet app, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("the wallet app follows a network", () => {
  let devices: WalletDevices;

  beforeAll(async () => {
    devices = await WalletDevices.start();
  });
  afterEach(() => devices.closePages());
  afterAll(() => devices?.stop());

  test("and takes nothing from another chain, until that is meant", async () => {
    const other = await NodeProcess.start();
    try {
      await other.rpc("generatetoaddress", 3, ADDRESS);
      const view = await devices.open("/wallet-app/", {}, other);
      const { page } = view;
      await setUpWallet(page, someWords());
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      await go(page, "Receive");
      const address = (await page.getByTestId("address").textContent())!.trim();
      await other.rpc("generatetoaddress", 1, address);
      await go(page, "Home");
      await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/50\.00000000/);

      await other.rpc("invalidateblock", await other.rpc("getblockhash", 1));
      await other.rpc("generatetoaddress", 6, ADDRESS);
      // Looked at when a connection begins.
      await button(page, "Lock").click();
      await unlockWallet(page);
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Refused");
      await page.getByTestId("connection").click();
      await heading(page, "Settings");
      await view.picture("wallet-app-refused-dark");
      await expectAccessible(page, "refused");
      await button(page, "Use this chain from now on").click();
      await page.getByRole("dialog").getByText("Histories and heights of all wallets").waitFor();
      await page.getByTestId("confirm").click();
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      await go(page, "Home");
      await eventually(() => page.getByRole("heading", { level: 1 }).textContent()).toMatch(/ 0\.00000000/);
    } finally {
      await other.remove();
    }
  });

  test("and has it show that payments are in their blocks: a made-up confirmation is told as not believed", async () => {
    const gate = await NodeGate.open(devices.node.url);
    try {
      const view = await devices.open("/wallet-app/", {}, gate);
      const { page } = view;
      await setUpWallet(page, someWords());
      await go(page, "Receive");
      const address = (await page.getByTestId("address").textContent())!.trim();
      // Of every payment the server says that it is in block 2, where it is not.
      const block = { block_hash: await devices.node.rpc("getblockhash", 2), block_height: 2 };
      gate.change((path, text) => {
        if (!path.startsWith("/api/v1/watch/history")) return text;
        const { data, ...envelope } = JSON.parse(text);
        const items = data.items.map((item: object) => ({ ...item, ...block }));
        return JSON.stringify({ ...envelope, data: { ...data, items } });
      }, JSON_TYPE);
      await devices.node.rpc("generatetoaddress", 1, address);
      await go(page, "Home");
      await page.getByText("not believed", { exact: true }).first().waitFor();
      await eventually(() => tile(page, "On its way in").textContent()).toBe("50.00000000BTC");
      await eventually(() => tile(page, "Can be spent").textContent()).toBe("0.00000000BTC");
      await page.getByTestId("entry").first().click();
      const proof = page.getByTestId("proof");
      await proof.getByText("The server's proof does not hold: treat it as not confirmed.").waitFor();
      await view.picture("wallet-app-proof-broken-dark", true);
      await expectAccessible(page, "a proof that does not hold");
      await proof.getByRole("link", { name: "To the settings" }).waitFor();

      // The truth is asked for with the next block.
      gate.change(undefined);
      await devices.node.rpc("generatetoaddress", 1, ADDRESS);
      await proof.getByText("Proved by its block.").waitFor();
      await view.picture("wallet-app-proof-dark", true);
    } finally {
      await gate.close();
    }
  });

  test("and looks anew, when it is told to, where a server stays behind what another one made up", async () => {
    const time = Math.floor(Date.now() / 1000);
    const server = await MadeUpEsplora.start("testnet4", { height: 200_000, time });
    const view = await devices.open();
    const { page } = view;
    await button(page, "Begin").click();
    await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await page.getByLabel("The same once more").fill(PASSPHRASE);
    await button(page, "Encrypt this device").click();
    const form = page.getByRole("form", { name: "Look what answers there" });
    await form.getByLabel("Address of the server").fill(server.url);
    await form.getByRole("button", { name: "Look what answers there" }).click();
    // Not the page's own server, which may answer first.
    await page.getByRole("form", { name: "Use this network" }).getByRole("button").last().click();
    await enterWords(page, someWords());
    const connection = () => page.getByTestId("connection").textContent();
    await eventually(connection).toBe("Polling");
    server.height = 140_000;
    await button(page, "Lock").click();
    await unlockWallet(page);
    await eventually(connection).toBe("Offline");
    await page.getByText("It lags behind, and is asked again.").waitFor();
    await page.clock.setFixedTime(Date.now() + 180_000);
    await button(page, "Try now").click();
    await eventually(connection).toBe("Refused");
    await page.getByText("a server before it told of blocks that do not exist").waitFor();
    await page.getByText("Known up to block 200,000.").waitFor();
    await view.picture("wallet-app-behind-dark");
    await expectAccessible(page, "behind");
    await button(page, "Look anew").click();
    await page.getByRole("dialog").getByText("so do payments made here").waitFor();
    await page.getByTestId("confirm").click();
    await eventually(connection).toBe("Polling");
  });

  test("at other servers too, which are tried, named, changed and removed in the settings", async () => {
    const other = await NodeProcess.start(["-webcors=*"]);
    try {
      await other.rpc("generatetoaddress", 7, ADDRESS);
      const { page, view } = await devices.openWallet();
      await go(page, "Settings");
      await button(page, "Add a network").click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Address of the server").fill(new URL(other.url).host);
      await dialog.getByRole("button", { name: "Look what answers there" }).click();
      await eventually(() => dialog.getByTestId("network-facts").textContent()).toMatch(/Regtest.*7/);
      await dialog.getByLabel("Name", { exact: true }).fill("The other");
      await dialog.getByRole("button", { name: "Use this network" }).click();
      const row = page.getByRole("list", { name: "Networks" }).getByRole("listitem").filter({ hasText: "The other" });
      await eventually(() => row.textContent()).toContain(other.url);
      await row.getByRole("button", { name: "Change The other" }).click();
      await dialog.getByRole("button", { name: "Look what answers there" }).click();
      await dialog.getByLabel("Name", { exact: true }).fill("Another one");
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Another one", { exact: true }).waitFor();
      await page.getByRole("list", { name: "Networks" }).getByRole("button", { name: "Remove Another one" }).click();
      await page.getByTestId("confirm").click();
      await eventually(() => page.getByRole("list", { name: "Networks" }).getByRole("listitem").count()).toBe(1);
      await view.picture("wallet-app-networks-dark");
      await page.getByRole("button", { name: /^Look anew on / }).click();
      await page.getByRole("dialog").getByText("Histories and heights of all wallets").waitFor();
      await page.getByTestId("confirm").click();
      await eventually(() => page.getByTestId("connection").textContent()).toBe("Live");
      // A network with a wallet on it cannot be removed.
      expect(
        await page
          .getByRole("list", { name: "Networks" })
          .getByRole("button", { name: /^Remove/ })
          .count(),
      ).toBe(0);
    } finally {
      await other.remove();
    }
  });
});
