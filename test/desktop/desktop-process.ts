import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { vi } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const EXECUTABLE = path.join(ROOT, "packages/node/bin/bitfleet");
/** A window comes within a second, but not where everything else is tested beside it on a machine with two cores. */
export const PATIENT = { timeout: 60_000, interval: 100 } as const;
/** A step of many waits, of which a busy machine has been seen to need a quarter. */
export const STEP_MAX_MS = 300_000;

/** What these tests need built; `undefined` where all is there. */
export function whatIsNotBuilt(): string | undefined {
  const files = ["dist/bitfleet-desktop.cjs", "apps/admin/dist/index.html", "apps/wallet/dist/index.html"];
  return files.every((file) => existsSync(path.join(ROOT, file))) ? undefined : "not all is built (npm run build)";
}

/** `bitfleet wallet`, `bitfleet admin` … in a process of its own. */
export class DesktopProcess {
  readonly child: ChildProcess;
  output = "";
  errors = "";
  readonly #ended: Promise<unknown>;

  constructor(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    // Of the machine's screens it sees what the test gives it, and no other.
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
    this.child = spawn(process.execPath, [EXECUTABLE, ...words], {
      env: { ...rest, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (text) => (this.output += text));
    this.child.stderr?.on("data", (text) => (this.errors += text));
    this.#ended = once(this.child, "close");
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Until it has said something; fails where it ends before. */
  async says(what: string | RegExp): Promise<string> {
    const has = () => (typeof what === "string" ? this.output.includes(what) : what.test(this.output));
    await vi.waitFor(() => {
      if (!has()) throw new Error(`"${what}" was not said, but: ${this.output}${this.errors}`);
    }, PATIENT);
    return this.output;
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }
}
