import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { CHROMIUM_ARGUMENTS, CHROMIUM_PATH } from "../chromium.ts";

const START_TRIES = 1200;
const START_TRY_MS = 50;
const PORT_FILE = "DevToolsActivePort";

/** A Chromium with a profile on disk, that can be killed as a crash of the machine would. */
export class OwnChromium {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, browser: Browser, page: Page) {
    this.#process = process;
    this.#browser = browser;
    this.page = page;
  }

  static async start(profile: string, url: string, options: readonly string[] = []): Promise<OwnChromium> {
    // Where the run before listened, another program may by now.
    await rm(path.join(profile, PORT_FILE), { force: true });
    const args = [
      ...CHROMIUM_ARGUMENTS,
      ...options,
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ];
    const child = spawn(CHROMIUM_PATH, args, { stdio: "ignore", detached: true });
    // A test that fails in the middle leaves none behind.
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
    });
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await portOf(profile, child)}`);
    const page = await browser.contexts()[0]!.newPage();
    await page.goto(url);
    return new OwnChromium(child, browser, page);
  }

  /** Ends all of its processes at once. */
  async kill(): Promise<void> {
    const ended = once(this.#process, "exit");
    process.kill(-this.#process.pid!, "SIGKILL");
    await ended;
    await this.#browser.close();
  }

  async close(): Promise<void> {
    const ended = once(this.#process, "exit");
    const session = await this.#browser.newBrowserCDPSession();
    await session.send("Browser.close");
    await ended;
  }
}

/** Chromium writes it there once it listens. */
async function portOf(profile: string, child: ChildProcess): Promise<number> {
  for (let count = 0; count < START_TRIES; count++) {
    if (child.exitCode !== null) throw new Error(`Chromium ended with ${child.exitCode}`);
    const text = await readFile(path.join(profile, PORT_FILE), "utf8").catch(() => "");
    const port = Number(text.split("\n")[0]);
    const answer = port > 0 && (await fetch(`http://127.0.0.1:${port}/json/version`).catch(() => undefined));
    if (answer) return port;
    await new Promise((resume) => setTimeout(resume, START_TRY_MS));
  }
  throw new Error("Chromium does not listen");
}
