import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { browserWindows, openByDefault } from "./browser-window.ts";

/** Behind the last page, and for the first one to come. */
const [GONE_MS, FIRST_MS] = [8_000, 60_000];

let dataFolder: string;

beforeEach(() => {
  vi.useFakeTimers();
  dataFolder = mkdtempSync(join(tmpdir(), "bitfleet-browser-window-"));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(dataFolder, { recursive: true, force: true });
});

/** A window of the wallet, the files that the browser was given, and how each of its tokens is used. */
async function opened() {
  const pages = { count: 0, comings: 0 };
  const shown: string[] = [];
  const use: (() => void)[] = [];
  const presence = { countOf: () => pages.count, comingsOf: () => pages.comings };
  const open = browserWindows(presence, (url) => void shown.push(fileURLToPath(url)));
  const address = {
    origin: "http://127.0.0.1:5",
    issueUrl: () => "",
    issueToken: (onOpened: () => void) => `token-${use.push(onOpened)}`,
  };
  const nothing = () => {};
  const window = await open(
    { app: "wallet", address, dataFolder, iconFile: "", hasDevtools: false },
    { say: nothing, openElsewhere: nothing, onDownload: nothing },
  );
  const closed = vi.fn();
  window.onClosed(closed);
  return { pages, shown, use, window, closed };
}

test("each opening has a file until its token is used, or void, or the window ends", async () => {
  const { shown, use, window, pages } = await opened();
  window.raise();
  window.raise();
  expect(shown.map((file) => existsSync(file))).toEqual([true, true, true]);
  use[1]!();
  expect(shown.map((file) => existsSync(file))).toEqual([true, false, true]);
  pages.count = 1;
  vi.advanceTimersByTime(FIRST_MS);
  expect(readdirSync(dataFolder)).toEqual([]);
  window.raise();
  expect(existsSync(shown[3]!)).toBe(true);
  window.close();
  expect(readdirSync(dataFolder)).toEqual([]);
});

test("what a process that was killed has left goes with the next window of the app, and nothing else does", async () => {
  const others = ["open-admin-1.html", "open-wallet-1.html.txt", "reopen-wallet-1.html", "vault.db"];
  for (const name of ["open-wallet.html", "open-wallet-7.html", ...others]) writeFileSync(join(dataFolder, name), "");
  const { window } = await opened();
  expect(readdirSync(dataFolder).sort()).toEqual([...others, "open-wallet-1.html"].sort());
  window.close();
});

test("a file that does not go ends nothing", async () => {
  const { shown, use, window, closed } = await opened();
  rmSync(shown[0]!);
  mkdirSync(shown[0]!);
  use[0]!();
  window.close();
  expect(closed).toHaveBeenCalledTimes(1);
});

test("the window ends some seconds after its last page, unless another one was asked for meanwhile", async () => {
  const { pages, window, closed } = await opened();
  pages.count = 1;
  vi.advanceTimersByTime(1_000);
  pages.count = 0;
  vi.advanceTimersByTime(GONE_MS - 1_000);
  // The browser may have to start first.
  window.raise();
  vi.advanceTimersByTime(FIRST_MS - 1_000);
  expect(closed).not.toHaveBeenCalled();
  pages.count = 1;
  vi.advanceTimersByTime(1_000);
  pages.count = 0;
  vi.advanceTimersByTime(GONE_MS - 1_000);
  expect(closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(closed).toHaveBeenCalledTimes(1);
});

test("a page that came and went between two looks was there", async () => {
  const { pages, closed } = await opened();
  pages.comings = 1;
  vi.advanceTimersByTime(GONE_MS - 1_000);
  expect(closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(closed).toHaveBeenCalledTimes(1);
});

test.runIf(process.platform === "linux")(
  "an opener that fails is told of, with the address, and one that does not is not",
  async () => {
    vi.useRealTimers();
    const path = process.env.PATH;
    const opener = join(dataFolder, "xdg-open");
    const told = async (script: string) => {
      writeFileSync(opener, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const onProblem = vi.fn();
      openByDefault("http://127.0.0.1:5/x", onProblem);
      return onProblem;
    };
    try {
      process.env.PATH = dataFolder;
      const failed = await told("exit 4");
      await expect.poll(() => failed.mock.calls).toHaveLength(1);
      expect(failed.mock.calls[0]![0]).toBe(
        "xdg-open ended with code 4. If no page has opened, open this address yourself: http://127.0.0.1:5/x",
      );
      const opened = await told('printf %s "$1" > "$0.shown"');
      await expect.poll(() => readFileSync(`${opener}.shown`, "utf8")).toBe("http://127.0.0.1:5/x");
      rmSync(opener);
      const onProblem = vi.fn();
      openByDefault("http://127.0.0.1:5/x", onProblem);
      await expect.poll(() => onProblem.mock.calls).toHaveLength(1);
      expect(onProblem.mock.calls[0]![0]).toContain("No program opens addresses here (xdg-open)");
      expect(opened).not.toHaveBeenCalled();
    } finally {
      process.env.PATH = path;
    }
  },
);
