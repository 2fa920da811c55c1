import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import type { FromWindow, ToWindow } from "../../apps/desktop/src/window/webkit/messages.ts";
import { PATIENT } from "./desktop-process.ts";
import type { Screen, ScreenWindow } from "./screen.ts";

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

  /** The same for what only looks: asked again where the page's title was overtaken by another. */
  look<Value>(body: string): Promise<Value> {
    return vi.waitFor(() => this.run<Value>(body, { timeout: 1_500, interval: 30 }), PATIENT);
  }

  /** What the body of an asynchronous function returns in the page. */
  async run<Value>(
    body: string,
    patience: { readonly timeout: number; readonly interval: number } = PATIENT,
  ): Promise<Value> {
    const id = ++this.#lastId;
    this.order({ do: "run", id, body });
    const isIt = (one: FromWindow): one is FromWindow & { readonly is: "ran" } => one.is === "ran" && one.id === id;
    const ran = await vi.waitFor(() => {
      const found = this.told.find(isIt);
      if (found === undefined) throw new Error(`the page does not answer: ${body}`);
      return found;
    }, patience);
    if (ran.error !== undefined) throw new Error(ran.error);
    return JSON.parse(ran.json!) as Value;
  }

  get onScreen(): ScreenWindow {
    return this.#screen.windows("bitfleet-host").at(-1)!;
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.stdin!.end();
    await ended;
  }
}
