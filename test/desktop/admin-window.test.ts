import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_KEYS } from "../../apps/admin/src/desktop/profile.ts";
import { DesktopHost } from "../browser/desktop-host.ts";
import { NodeProcess } from "../browser/node-process.ts";
import { PATIENT, whatIsNotBuilt } from "./desktop-process.ts";
import { HostWindow } from "./host-window.ts";
import { Screen, whyNoWebkit } from "./screen.ts";

const PASSPHRASE = "turtle harvest piano gravel";
const ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/** Blocks of the same second to the same address would be the same on both. */
const ADDRESS_B = "bcrt1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qzf4jry";
const ANSWER_MS = 2_000;
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
  });
  afterAll(async () => {
    await window?.close();
    await host?.remove();
    await Promise.all([alpha?.remove(), beta?.remove()]);
    await screen?.stop();
  });

  /** What is run answers by the title: an answer is lost where the page names itself anew in the same moment, and is asked for again. */
  const ask = async <Value>(body: string): Promise<Value> => {
    for (;;) {
      const asking = window.run<Value>(body).then((value) => ({ value }));
      const late = new Promise<undefined>((resolve) => setTimeout(resolve, ANSWER_MS, undefined));
      const answer = await Promise.race([asking, late]);
      if (answer !== undefined) return answer.value;
      asking.catch(() => undefined);
    }
  };
  const hasText = (wanted: string) => ask<boolean>(`return document.body.textContent.includes("${wanted}")`);
  /** Presses it once the answer is there, since it may be pressed but once. */
  const press = (element: string) => ask(`const found = ${element}; setTimeout(() => found.click(), 100)`);
  const button = (name: string) =>
    `[...document.querySelectorAll("button")].find((one) => [one.textContent, one.ariaLabel].includes("${name}"))`;
  const waitsForText = (wanted: string) => expect.poll(() => hasText(wanted), PATIENT).toBe(true);
  const tipOf = async (node: NodeProcess) => (await node.rpc<string>("getbestblockhash")).slice(0, 8);

  test("is unlocked by the keyboard, follows the last network live, and leaves nothing of it for the next", async () => {
    await waitsForText("Your networks are locked");
    await ask("document.querySelector('input[type=password]').focus()");
    screen.type(window.onScreen, PASSPHRASE);
    screen.key(window.onScreen, "Return");
    await waitsForText(await tipOf(alpha));
    await waitsForText("Live");
    await alpha.rpc("generatetoaddress", 1, ADDRESS);
    await waitsForText(await tipOf(alpha));

    screen.key(window.onScreen, "g");
    screen.key(window.onScreen, "2");
    await waitsForText(await tipOf(beta));
    expect(await hasText(await tipOf(alpha))).toBe(false);
    expect(await ask("return [localStorage, sessionStorage].some((one) => /key-[ab]/.test(JSON.stringify(one)))")).toBe(
      false,
    );
  });

  test("adds a network after a trial, and is locked by a button", async () => {
    await press(`document.querySelector('a[href="/networks"]')`);
    await waitsForText("2 networks");
    await press(button("Add a network"));
    await waitsForText("All may be left out");
    screen.type(window.onScreen, "Gamma");
    screen.key(window.onScreen, "Tab");
    screen.type(window.onScreen, alpha.url);
    screen.key(window.onScreen, "Return");
    await waitsForText("3 networks");
    await expect
      .poll(() => ask(`return ${button("Network: Gamma. Switch to another")} !== undefined`), PATIENT)
      .toBe(true);
    await press(button("Lock"));
    await waitsForText("Your networks are locked");
    expect(await hasText("Gamma")).toBe(false);
  });
});
