import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FIXTURE_PASSPHRASE, FIXTURE_RECORDS } from "../../apps/desktop/src/vault/version-1-test-kit.ts";
import { VAULT_TESTS } from "../../packages/vault/src/vault-conformance.ts";
import { launchChromium, WatchedPage, whyNoChromium } from "./chromium.ts";
import { serveBuilt } from "./kit/serve-built.ts";
import { PATIENCE_MS } from "./page-kit.ts";

const missing = whyNoChromium();
if (missing !== undefined) process.stderr.write(`\nSKIPPED: the tests of a browser's vault, since ${missing}\n\n`);

describe.skipIf(missing !== undefined)("a vault in the browser", () => {
  let browser: Browser;
  let served: Awaited<ReturnType<typeof serveBuilt>>;
  let view: WatchedPage;

  beforeAll(async () => {
    [browser, served] = await Promise.all([launchChromium(), serveBuilt(`${import.meta.dirname}/vault-page`)]);
    view = await WatchedPage.open(browser, served.url);
  });

  afterEach(() => {
    expect(view.complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    served?.close();
  });

  test.each(VAULT_TESTS.map(({ name }) => name))("%s", async (name) => {
    await view.page.evaluate((rule) => window.vaultPage.conforms(rule), name);
  });

  test("opens what the first version wrote", async () => {
    const dump = JSON.parse(
      readFileSync(path.resolve(import.meta.dirname, "../vault-fixtures/version-1-browser.json"), "utf8"),
    );
    const found = await view.page.evaluate(
      async ({ stored, passphrase, places }) => {
        await window.vaultPage.load("first", stored);
        window.vaultPage.use({ name: "first" });
        await window.vaultPage.unlock(passphrase);
        return Promise.all(places.map(([collection, key]) => window.vaultPage.get(collection, key)));
      },
      {
        stored: dump,
        passphrase: FIXTURE_PASSPHRASE,
        places: FIXTURE_RECORDS.map(({ collection, key }) => [collection, key] as const),
      },
    );
    expect(found).toEqual(FIXTURE_RECORDS.map(({ value }) => value));
  });

  test("20,000 transactions of 1 kB open", async () => {
    const times = await view.page.evaluate(async () => {
      window.vaultPage.use({ name: "large", isCostly: true });
      return window.vaultPage.measure(20_000, 1000);
    });
    console.info(`20,000 transactions of 1 kB, in ms: ${JSON.stringify(times)}`);
    expect(times.backupBytes).toBeGreaterThan(20_000_000);
  });

  test("the page answers while a passphrase is worked on", async () => {
    const ticks = await view.page.evaluate(async () => {
      const shares: number[] = [];
      window.vaultPage.use({ name: "slow", isCostly: true, onProgress: (share) => shares.push(share) });
      let isDone = false;
      let count = 0;
      const tick = () => {
        count++;
        if (!isDone) setTimeout(tick, 0);
      };
      tick();
      await window.vaultPage.create("a passphrase of the page");
      isDone = true;
      return {
        count,
        isRising: shares.every((share, index) => share > (shares[index - 1] ?? -1)),
        last: shares.at(-1),
      };
    });
    expect(ticks.count).toBeGreaterThan(5);
    expect(ticks).toMatchObject({ isRising: true, last: 1 });
  });

  test("a second tab is told that it is open in another, until that one is locked, left or crashes", async () => {
    const context = view.page.context();
    const openPage = async () => {
      const page = await context.newPage();
      await page.goto(served.url);
      await page.evaluate(() => window.vaultPage.use({ name: "tabs" }));
      return page;
    };
    const unlocked = (page: Page) => page.evaluate(() => window.vaultPage.unlock("correct horse battery"));
    const [first, second] = [await openPage(), await openPage()];
    await first.evaluate(() => window.vaultPage.create("correct horse battery"));
    await expect(unlocked(second)).rejects.toThrow(/in-use: .*another window or tab/);
    await expect(second.evaluate(() => window.vaultPage.destroy())).rejects.toThrow(/in-use/);
    await first.evaluate(() => window.vaultPage.lock());
    await unlocked(second);
    await expect(unlocked(first)).rejects.toThrow(/in-use/);
    await second.reload();
    await unlocked(first);
    await first.close();
    const third = await openPage();
    await unlocked(third);
    const session = await context.newCDPSession(third);
    const crashed = third.waitForEvent("crash");
    void session.send("Page.crash").catch(() => {});
    await crashed;
    const fourth = await openPage();
    await unlocked(fourth);
    await Promise.all([third.close(), fourth.close(), second.close()]);
  });

  // A disk that is really full makes Chromium throw away, now and then, all that a page has stored: here only the look at it says so.
  test("where the disk has no space for a large write nothing of it is there, and later ones are", async () => {
    const { page } = view;
    const found = await page.evaluate(async () => {
      const { vaultPage } = window;
      vaultPage.use({ name: "full" });
      await vaultPage.create("correct horse battery");
      const full = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
      Object.defineProperty(navigator.storage, "getDirectory", { value: full, configurable: true });
      await vaultPage.write([{ collection: "labels", key: "small", value: 1 }]);
      const told = await vaultPage.writeMany(2000, 1000).catch((error: Error) => error.message);
      const during = await vaultPage.keys("transactions");
      Reflect.deleteProperty(navigator.storage, "getDirectory");
      await vaultPage.writeMany(2000, 1000);
      await vaultPage.lock();
      await vaultPage.unlock("correct horse battery");
      const after = (await vaultPage.keys("transactions")).length;
      return { told, during, after, labels: await vaultPage.keys("labels") };
    });
    expect(found).toEqual({
      told: expect.stringMatching(/^no-space: .*nothing was changed/),
      during: [],
      after: 2000,
      labels: ["small"],
    });
  });

  test("where the browser gives no more space nothing is written or replaced, and all is as before", async () => {
    const { page } = view;
    const session = await page.context().newCDPSession(page);
    const quota = (bytes?: number) =>
      session.send("Storage.overrideQuotaForOrigin", {
        origin: served.url,
        ...(bytes !== undefined && { quotaSize: bytes }),
      });
    const backup = await page.evaluate(async () => {
      const { vaultPage } = window;
      vaultPage.use({ name: "quota" });
      await vaultPage.create("of the backup");
      await vaultPage.writeMany(1000, 1000);
      const bytes = await vaultPage.backup("of the backup");
      await vaultPage.destroy();
      await vaultPage.create("correct horse battery");
      await vaultPage.write([{ collection: "labels", key: "old", value: 1 }]);
      return bytes;
    });
    await quota(1);
    // Chromium adds up what a page has stored now and then.
    const written = () =>
      page.evaluate(() =>
        window.vaultPage.write([{ collection: "labels", key: "old", value: "x".repeat(100_000) }]).then(
          () => "done",
          (error: Error) => error.message,
        ),
      );
    await expect.poll(written, { timeout: PATIENCE_MS }).toMatch(/^no-space: .*nothing was changed/);
    const told = await page.evaluate(async (bytes) => {
      const { vaultPage } = window;
      const outcome = (work: Promise<unknown>) =>
        work.then(
          () => "done",
          (error: Error) => error.message,
        );
      const change = await outcome(vaultPage.changePassphrase("correct horse battery", "another passphrase"));
      const replacement = await outcome(vaultPage.replace(bytes, "of the backup", "a third of these"));
      const labels = await vaultPage.keys("labels");
      return { change, replacement, labels, transactions: await vaultPage.keys("transactions") };
    }, backup);
    await quota();
    expect(told).toMatchObject({ labels: ["old"], transactions: [] });
    expect(told.replacement).toMatch(/^no-space: .*nothing was changed/);
    // So little may still be taken.
    expect(told.change).toMatch(/^(done|no-space: .*nothing was changed.*)$/);
    const passphrase = told.change === "done" ? "another passphrase" : "correct horse battery";
    const after = await page.evaluate(
      async ([bytes, now]) => {
        const { vaultPage } = window;
        await vaultPage.lock();
        await vaultPage.unlock(now);
        const before = await vaultPage.keys("labels");
        await vaultPage.replace(bytes, "of the backup", "a third of these");
        return { before, labels: await vaultPage.keys("labels"), count: (await vaultPage.keys("transactions")).length };
      },
      [backup, passphrase] as const,
    );
    expect(after).toEqual({ before: ["old"], labels: [], count: 1000 });
  });

  test("a second tab neither writes nor opens while a backup takes the place of the first one's vault", async () => {
    const context = view.page.context();
    const openPage = async () => {
      const page = await context.newPage();
      await page.goto(served.url);
      await page.evaluate(() => window.vaultPage.use({ name: "replaced" }));
      return page;
    };
    const [first, second] = [await openPage(), await openPage()];
    const backup = await first.evaluate(async () => {
      const { vaultPage } = window;
      await vaultPage.create("of the backup");
      await vaultPage.writeMany(3000, 1000);
      const bytes = await vaultPage.backup("of the backup");
      await vaultPage.destroy();
      await vaultPage.create("correct horse battery");
      return bytes;
    });
    const replacing = first.evaluate(
      (bytes) => window.vaultPage.replace(bytes, "of the backup", "a new passphrase"),
      backup,
    );
    let isDone = false;
    void replacing.then(() => {
      isDone = true;
    });
    const outcomes = new Set<string>();
    while (!isDone) {
      const tried = (passphrase: string) =>
        second.evaluate((text) => window.vaultPage.unlock(text).catch((error: Error) => error.message), passphrase);
      outcomes.add(String(await tried("correct horse battery")).split(":")[0]!);
      outcomes.add(
        String(await second.evaluate(() => window.vaultPage.destroy().catch((error: Error) => error.message))).split(
          ":",
        )[0]!,
      );
    }
    await replacing;
    expect([...outcomes]).toEqual(["in-use"]);
    expect((await first.evaluate(() => window.vaultPage.keys("transactions"))).length).toBe(3000);
    await Promise.all([first.close(), second.close()]);
  });

  test("who clears what the page has stored ends it", async () => {
    const { page } = view;
    const session = await page.context().newCDPSession(page);
    await page.evaluate(async () => {
      window.vaultPage.use({ name: "cleared" });
      await window.vaultPage.create("correct horse battery");
    });
    await session.send("Storage.clearDataForOrigin", { origin: served.url, storageTypes: "indexeddb" });
    await expect
      .poll(() => page.evaluate(() => window.vaultPage.state()), { timeout: PATIENCE_MS })
      .toEqual({ kind: "absent" });
    await expect(page.evaluate(() => window.vaultPage.keys("labels"))).rejects.toThrow(/^page.evaluate: Error: locked/);
  });

  test("a page that may not encrypt is told so", async () => {
    // Only by name or loopback address a page without https is one that encrypts.
    const told = await view.page.evaluate(async () => {
      Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
      window.vaultPage.use({ name: "unsupported" });
      const message = await window.vaultPage.state().catch((error: Error) => error.message);
      Reflect.deleteProperty(crypto, "subtle");
      return message;
    });
    expect(told).toMatch(/^unsupported: .*https:/);
  });
});
