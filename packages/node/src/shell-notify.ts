import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { ChainEvents } from "./chain/chain-events.ts";
import type { Logger } from "./ports.ts";
import { runShellCommand, ShellQueue } from "./shell-queue.ts";

/** Shell commands that the operator wants to be run: `-startupnotify`, `-blocknotify` (with `%s`) and `-shutdownnotify`. */
export interface NotifyConfig {
  readonly startup: string | undefined;
  readonly block: string | undefined;
  readonly shutdown: readonly string[];
}

/** Runs the operator's commands. None of them can stop the node or keep the chain waiting. */
export class ShellNotify {
  readonly #config: NotifyConfig;
  readonly #log: Logger;
  readonly #blocks: ShellQueue;
  #unsubscribe: (() => void) | undefined;

  constructor(config: NotifyConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#blocks = new ShellQueue("blocknotify", log);
  }

  /** To be called when the node has started: runs `-startupnotify`, and from now on `-blocknotify` for every new tip. */
  begin(events: Pick<ChainEvents, "subscribe">): void {
    const { startup, block } = this.#config;
    if (startup !== undefined && startup !== "") void runShellCommand(startup, this.#log);
    if (block === undefined || block === "") return;
    this.#unsubscribe = events.subscribe(
      (event) => {
        if (event.type !== "tip-changed" || event.isInitialBlockDownload) return;
        this.#blocks.add(block.replaceAll("%s", displayHash(event.entry.hash)));
      },
      { name: "blocknotify" },
    );
  }

  /** Runs `-shutdownnotify`, all at once, and waits for their end, as Core does. Blocks that still wait are left out. */
  async end(): Promise<void> {
    this.#unsubscribe?.();
    this.#blocks.clear();
    await Promise.all(this.#config.shutdown.map((command) => runShellCommand(command, this.#log)));
  }
}
