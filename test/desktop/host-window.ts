import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import type { FromWindow, ToWindow } from "../../apps/desktop/src/window/webkit/messages.ts";
import { PATIENT } from "./desktop-process.ts";
import { descendantsOf, type Screen, type ScreenWindow } from "./screen.ts";

/** Answers come over a pipe: to look for them costs nothing. */
const LOOKING = { timeout: PATIENT.timeout, interval: 30 } as const;
const ASK_AGAIN_MS = 3_000;
const HOST = path.resolve(import.meta.dirname, "../../dist/bitfleet-window.cjs");

/** A real WebKitGTK window, at the other end of its pipe: what the desktop's process is otherwise. */
export class HostWindow {
  readonly told: FromWindow[] = [];
  readonly child: ChildProcess;
  readonly #screen: Screen;
  #lastId = 0;

  private constructor(child: ChildProcess, screen: Screen) {
    this.child = child;
    this.#screen = screen;
    createInterface({ input: child.stdout! }).on("line", (line) => this.told.push(JSON.parse(line) as FromWindow));
  }

  static async open(screen: Screen, url: string, environment: NodeJS.ProcessEnv = {}): Promise<HostWindow> {
    const child = spawn(process.execPath, [HOST], {
      env: { ...process.env, DISPLAY: screen.display, ...environment },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const window = new HostWindow(child, screen);
    const { origin } = new URL(url);
    const size = { width: 1180, height: 860, isMaximized: false };
    const page = { url, origin, title: "Bitfleet Wallet", programClass: "bitfleet-host", iconFile: "", size };
    window.order({ do: "open", page: { ...page, hasDevtools: false } });
    // A script that runs while the page comes may keep it from coming.
    await window.tells("loaded");
    return window;
  }

  order(message: ToWindow): void {
    this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  /** The latest of a kind, once there is one. */
  async tells<Is extends FromWindow["is"]>(is: Is): Promise<FromWindow & { readonly is: Is }> {
    const isIt = (one: FromWindow): one is FromWindow & { readonly is: Is } => one.is === is;
    return vi.waitFor(() => {
      const found = this.told.findLast(isIt);
      if (found === undefined) throw new Error(`the window does not tell "${is}": ${JSON.stringify(this.told)}`);
      return found;
    }, PATIENT);
  }

  /**
   * What the body of an asynchronous function returns in the page, that may be run more than once: what threw is tried again, and so is what had no answer,
   * as where the page was loaded anew meanwhile. On a busy machine the first answer may come after the second question.
   */
  async look<Value>(body: string): Promise<Value> {
    const ids: number[] = [];
    let askAgainMs = 0;
    return vi.waitFor(() => {
      const answers = this.#answersOf(ids);
      const good = answers.find(({ error }) => error === undefined);
      if (good !== undefined) return JSON.parse(good.json!) as Value;
      if (answers.length === ids.length || Date.now() >= askAgainMs) {
        ids.push(this.#ask(body));
        askAgainMs = Date.now() + ASK_AGAIN_MS;
      }
      throw new Error(answers.at(-1)?.error ?? `the page does not answer: ${body}`);
    }, LOOKING);
  }

  /** The same, once alone. */
  async run<Value>(body: string): Promise<Value> {
    const id = this.#ask(body);
    const ran = await vi.waitFor(() => {
      const [found] = this.#answersOf([id]);
      if (found === undefined) throw new Error(`the page does not answer: ${body}`);
      return found;
    }, LOOKING);
    if (ran.error !== undefined) throw new Error(ran.error);
    return JSON.parse(ran.json!) as Value;
  }

  #ask(body: string): number {
    const id = ++this.#lastId;
    this.order({ do: "run", id, body });
    return id;
  }

  #answersOf(ids: readonly number[]): readonly (FromWindow & { readonly is: "ran" })[] {
    return this.told.filter((one) => one.is === "ran").filter(({ id }) => ids.includes(id));
  }

  get onScreen(): ScreenWindow {
    return this.#screen.windows("bitfleet-host").at(-1)!;
  }

  /** Ends the process that draws the page, as where the system has no memory left. */
  async endPage(): Promise<void> {
    const drawing = descendantsOf(this.child.pid!).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("WebKitWebProcess"),
    );
    process.kill(drawing!, "SIGKILL");
    await this.tells("crashed");
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.stdin!.end();
    await ended;
  }
}
