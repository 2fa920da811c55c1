import { displayHash } from "@bitfleet/protocol/primitives/types.ts";
import type { Chain } from "./chain/chain.ts";
import type { Logger } from "./ports.ts";
import { runShellCommand, ShellQueue } from "./shell-queue.ts";

/** Shell commands that the operator wants to be run: `-startupnotify`, `-blocknotify` and `-alertnotify` (with `%s`), `-shutdownnotify`. */
export interface NotifyConfig {
  readonly startup: string | undefined;
  readonly block: string | undefined;
  readonly alert: string | undefined;
  readonly shutdown: readonly string[];
}

/** What a shell might take for more than text, within quotes or not; Core leaves the same out. */
const UNSAFE = /[^a-zA-Z0-9 .,;_/:?@()-]/g;

/** Runs the operator's commands. None of them can stop the node or keep the chain waiting. */
export class ShellNotify {
  readonly #config: NotifyConfig;
  readonly #log: Logger;
  readonly #blocks: ShellQueue;
  readonly #alerts: ShellQueue;
  #unsubscribe: (() => void) | undefined;

  constructor(config: NotifyConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#blocks = new ShellQueue("blocknotify", log);
    this.#alerts = new ShellQueue("alertnotify", log);
  }

  /**
   * To be called when the node has started: runs `-startupnotify`, `-alertnotify` for what there is to be warned of already, and from now
   * on `-blocknotify` for every new tip and `-alertnotify` for every new warning.
   */
  begin(chain: Pick<Chain, "events" | "isInitialBlockDownload" | "warnings">): void {
    const { startup, block, alert } = this.#config;
    if (startup) void runShellCommand(startup, this.#log);
    if (!chain.isInitialBlockDownload) for (const warning of chain.warnings()) this.#alert(warning);
    if (!block && !alert) return;
    this.#unsubscribe = chain.events.subscribe(
      (event) => {
        if (event.type === "warning-raised") this.#alert(event.warning);
        if (!block || event.type !== "tip-changed" || event.isInitialBlockDownload) return;
        this.#blocks.add(block.replaceAll("%s", displayHash(event.entry.hash)));
      },
      { name: "notifications" },
    );
  }

  #alert(warning: string): void {
    const { alert } = this.#config;
    if (alert) this.#alerts.add(alert.replaceAll("%s", `'${warning.replace(UNSAFE, "")}'`));
  }

  /** Runs `-shutdownnotify`, all at once, and waits for their end, as Core does. Blocks and warnings that still wait are left out. */
  async end(): Promise<void> {
    this.#unsubscribe?.();
    this.#blocks.clear();
    this.#alerts.clear();
    await Promise.all(this.#config.shutdown.map((command) => runShellCommand(command, this.#log)));
  }
}
