import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findPlaintext } from "../../apps/desktop/src/vault/plaintext-test-kit.ts";
import { whyNoChromium } from "./chromium.ts";
import { serveBuilt } from "./kit/serve-built.ts";
import { PATIENCE_MS } from "./page-kit.ts";
import { OwnChromium } from "./vault-page/own-chromium.ts";

const missing = whyNoChromium();
if (missing !== undefined)
  process.stderr.write(`\nSKIPPED: the tests of a browser's vault on its disk, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("a browser's profile on disk", () => {
  let served: Awaited<ReturnType<typeof serveBuilt>>;

  beforeAll(async () => {
    served = await serveBuilt(`${import.meta.dirname}/vault-page`);
  });

  afterAll(() => served?.close());

  const started = async (profile: string) => {
    const chromium = await OwnChromium.start(profile, served.url);
    await chromium.page.evaluate(() => window.vaultPage.use());
    return chromium;
  };

  test("has nothing of what is kept in clear", async () => {
    const profile = temporaryFolder();
    const chromium = await started(profile);
    await chromium.page.evaluate(async ({ phrase, address, label, apiKey, passphrase, next, unlocked }) => {
      const { vaultPage } = window;
      await vaultPage.create(passphrase);
      await vaultPage.write([
        { collection: "wallets", key: "w1", value: { phrase, name: label } },
        { collection: "addresses", key: `w1:${address}`, value: { address } },
        { collection: "labels", key: address, value: label },
        { collection: "networks", key: "network:1", value: { apiKey } },
      ]);
      await vaultPage.changePassphrase(passphrase, next);
      await vaultPage.write([{ collection: "labels", key: address }]);
      await vaultPage.lock();
      await vaultPage.unlock(next);
      // That the search finds what is there.
      localStorage.setItem("search", unlocked);
    }, SECRETS);
    await expect.poll(() => findPlaintext(profile, SECRETS).length, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
    const whileOpen = findPlaintext(profile, SECRETS);
    await chromium.close();
    const found = [...whileOpen, ...findPlaintext(profile, SECRETS)];
    expect(found.map((line) => line.split(" ")[0]).filter((name) => name !== "unlocked")).toEqual([]);
  });

  test("has every write that was told, whole, after the browser was killed", async () => {
    const profile = temporaryFolder();
    const first = await started(profile);
    await first.page.evaluate(() => window.vaultPage.create("correct horse battery"));
    await first.kill();
    for (let round = 1; round <= KILLS; round++) {
      const writing = await started(profile);
      const told: string[] = [];
      writing.page.on("console", (message) => told.push(message.text()));
      await writing.page.evaluate(() => window.vaultPage.unlock("correct horse battery"));
      void writing.page.evaluate(() => window.vaultPage.writeOn()).catch(() => {});
      await expect.poll(() => told.length, { timeout: PATIENCE_MS }).toBeGreaterThan(20 * round);
      await writing.kill();
      const last = Number(told.at(-1)!.split(" ")[1]);
      const reading = await started(profile);
      await reading.page.evaluate(() => window.vaultPage.unlock("correct horse battery"));
      const keys = new Set(await reading.page.evaluate(() => window.vaultPage.keys("labels")));
      for (let index = 0; index <= last; index++) {
        expect([keys.has(`${index}.0`), keys.has(`${index}.1`)]).toEqual([true, true]);
      }
      expect([...keys].filter((key) => !keys.has(key.replace(/\d$/, (half) => String(1 - Number(half)))))).toEqual([]);
      await reading.kill();
    }
  });

  test("has the old vault or the new one, whole, after the browser was killed while a backup took its place", async () => {
    const profile = temporaryFolder();
    const passphrases = ["the first passphrase", "the second passphrase"];
    const first = await started(profile);
    const backups = await first.page.evaluate(async (own) => {
      const { vaultPage } = window;
      const made: string[] = [];
      for (const [index, passphrase] of own.entries()) {
        await vaultPage.create(passphrase);
        await vaultPage.writeMany(300 * (index + 1), 1000);
        made.push(await vaultPage.backup(passphrase));
        if (index === 0) await vaultPage.destroy();
      }
      return made;
    }, passphrases);
    for (let round = 1; round <= 2 * KILLS; round++) {
      const replacing = round === 1 ? first : await started(profile);
      const told: string[] = [];
      replacing.page.on("console", (message) => told.push(message.text()));
      void replacing.page
        .evaluate(([files, own]) => window.vaultPage.replaceOn(files, own), [backups, passphrases] as const)
        .catch(() => {});
      await expect.poll(() => told.length, { timeout: PATIENCE_MS, interval: 1 }).toBeGreaterThan(round);
      await replacing.kill();
      const reading = await started(profile);
      const found = await reading.page.evaluate(async (own) => {
        for (const [index, passphrase] of own.entries()) {
          const isIt = await window.vaultPage.unlock(passphrase).then(
            () => true,
            (error: Error) => {
              if (!/wrong-passphrase/.test(error.message)) throw error;
              return false;
            },
          );
          if (isIt) return { index, count: (await window.vaultPage.keys("transactions")).length };
        }
        return undefined;
      }, passphrases);
      expect(found).toEqual({ index: found?.index, count: 300 * (found!.index + 1) });
      await reading.kill();
    }
  });

  test("opens with the old passphrase or the new one after the browser was killed while it changed", async () => {
    const profile = temporaryFolder();
    const first = await started(profile);
    await first.page.evaluate(async () => {
      await window.vaultPage.create("the first passphrase");
      await window.vaultPage.write([{ collection: "labels", key: "a", value: 1 }]);
    });
    let passphrases = ["the first passphrase", "the second passphrase"];
    for (let round = 1; round <= KILLS; round++) {
      const changing = round === 1 ? first : await started(profile);
      const told: string[] = [];
      changing.page.on("console", (message) => told.push(message.text()));
      if (round > 1) await changing.page.evaluate((now) => window.vaultPage.unlock(now!), passphrases[0]);
      void changing.page.evaluate(([now, next]) => window.vaultPage.changeOn(now!, next!), passphrases).catch(() => {});
      await expect.poll(() => told.length, { timeout: PATIENCE_MS }).toBeGreaterThan(10 * round);
      await changing.kill();
      const now = told.at(-1)!.slice("passphrase ".length);
      const other = passphrases.find((passphrase) => passphrase !== now)!;
      const reading = await started(profile);
      const outcome = await reading.page.evaluate(
        async ([first, second]) => {
          const isFirst = await window.vaultPage.unlock(first!).then(
            () => true,
            (error: Error) => /wrong-passphrase/.test(error.message) && false,
          );
          if (!isFirst) await window.vaultPage.unlock(second!);
          return { isFirst, keys: await window.vaultPage.keys("labels") };
        },
        [now, other],
      );
      expect(outcome.keys).toEqual(["a"]);
      passphrases = outcome.isFirst ? [now, other] : [other, now];
      await reading.kill();
    }
  });
});

const KILLS = 2;
const SECRETS = {
  phrase: "legal winner thank year wave sausage worth useful legal winner thank yellow",
  address: "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
  label: "rent of the blue house",
  apiKey: "wallet-5f3c9a7d2e8b4610",
  passphrase: "a passphrase of five words",
  next: "and then six of them instead",
  unlocked: "this text is stored in clear on purpose",
} as const;

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "bitfleet-profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  return folder;
}
