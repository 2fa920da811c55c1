import { spawn } from "node:child_process";
import type { Logger } from "./ports.ts";

/** Commands that run at once, so that a thousand events do not become a thousand shells. */
const COMMANDS_AT_ONCE_MAX = 8;
/** Commands that wait for their turn; what comes on top is left out, and the log says so. */
const COMMANDS_WAITING_MAX = 10_000;

/** Runs commands of the operator, few at a time. None of them can stop the node or keep it waiting. */
export class ShellQueue {
  readonly #option: string;
  readonly #log: Logger;
  readonly #waiting: string[] = [];
  #runningCount = 0;
  #leftOutCount = 0;

  /** `option` is named where commands are left out. */
  constructor(option: string, log: Logger) {
    this.#option = option;
    this.#log = log;
  }

  add(command: string): void {
    if (this.#waiting.length >= COMMANDS_WAITING_MAX) {
      this.#leftOutCount++;
      return;
    }
    this.#waiting.push(command);
    this.#runWaiting();
  }

  /** Commands that still wait are left out. */
  clear(): void {
    this.#waiting.length = 0;
  }

  #runWaiting(): void {
    while (this.#runningCount < COMMANDS_AT_ONCE_MAX) {
      const command = this.#waiting.shift();
      if (command === undefined) break;
      this.#runningCount++;
      void runShellCommand(command, this.#log).then(() => {
        this.#runningCount--;
        this.#runWaiting();
      });
    }
    if (this.#waiting.length > 0 || this.#leftOutCount === 0) return;
    this.#log.warn(`-${this.#option} is slower than what it is told of: ${this.#leftOutCount} commands were left out`);
    this.#leftOutCount = 0;
  }
}

/** Resolves when the command has ended, however it did. What it prints goes where the node's own output goes. */
export function runShellCommand(command: string, log: Logger): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error: NodeJS.ErrnoException) => {
      log.error(`runCommand error: could not start ${command}: ${error.code}`);
      resolve();
    });
    child.once("exit", (code, signal) => {
      if (code !== 0) log.error(`runCommand error: system(${command}) returned ${code ?? signal}`);
      resolve();
    });
  });
}
