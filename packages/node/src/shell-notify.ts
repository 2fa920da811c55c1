import { spawn } from "node:child_process";
import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ChainEvents } from "./chain/chain-events.ts";
import type { Logger } from "./ports.ts";

/** Shell commands that the operator wants to be run: `-startupnotify`, `-blocknotify` (with `%s`) and `-shutdownnotify`. */
export interface NotifyConfig {
  readonly startup: string | undefined;
  readonly block: string | undefined;
  readonly shutdown: readonly string[];
}

/** Commands of `-blocknotify` that run at once, so that a thousand blocks do not become a thousand shells. */
const COMMANDS_AT_ONCE_MAX = 8;
/** Blocks whose command waits for its turn; what comes on top is left out, and the log says so. */
const BLOCKS_WAITING_MAX = 10_000;

/** Runs the operator's commands. None of them can stop the node or keep the chain waiting. */
export class ShellNotify {
  readonly #config: NotifyConfig;
  readonly #log: Logger;
  readonly #waiting: string[] = [];
  #runningCount = 0;
  #leftOutCount = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(config: NotifyConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /** To be called when the node has started: runs `-startupnotify`, and from now on `-blocknotify` for every new tip. */
  begin(events: Pick<ChainEvents, "subscribe">): void {
    const { startup, block } = this.#config;
    if (startup !== undefined && startup !== "") void this.#run(startup);
    if (block === undefined || block === "") return;
    this.#unsubscribe = events.subscribe(
      (event) => {
        if (event.type !== "tip-changed" || event.isInitialBlockDownload) return;
        this.#enqueue(block.replaceAll("%s", displayHash(event.entry.hash)));
      },
      { name: "blocknotify" },
    );
  }

  /** Runs `-shutdownnotify`, all at once, and waits for their end, as Core does. Blocks that still wait are left out. */
  async end(): Promise<void> {
    this.#unsubscribe?.();
    this.#waiting.length = 0;
    await Promise.all(this.#config.shutdown.map((command) => this.#run(command)));
  }

  #enqueue(command: string): void {
    if (this.#waiting.length >= BLOCKS_WAITING_MAX) {
      this.#leftOutCount++;
      return;
    }
    this.#waiting.push(command);
    this.#runWaiting();
  }

  #runWaiting(): void {
    while (this.#runningCount < COMMANDS_AT_ONCE_MAX) {
      const command = this.#waiting.shift();
      if (command === undefined) break;
      this.#runningCount++;
      void this.#run(command).then(() => {
        this.#runningCount--;
        this.#runWaiting();
      });
    }
    if (this.#waiting.length > 0 || this.#leftOutCount === 0) return;
    this.#log.warn(`-blocknotify is slower than the chain: no command was run for ${this.#leftOutCount} blocks`);
    this.#leftOutCount = 0;
  }

  /** Resolves when the command has ended, however it did. What it prints goes where the node's own output goes. */
  #run(command: string): Promise<void> {
    return new Promise((resolve) => {
      const child = spawn(command, { shell: true, stdio: ["ignore", "inherit", "inherit"] });
      child.once("error", (error: NodeJS.ErrnoException) => {
        this.#log.error(`runCommand error: could not start ${command}: ${error.code}`);
        resolve();
      });
      child.once("exit", (code, signal) => {
        if (code !== 0) this.#log.error(`runCommand error: system(${command}) returned ${code ?? signal}`);
        resolve();
      });
    });
  }
}
