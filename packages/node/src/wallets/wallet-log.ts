import type { LogCategory, LogFacts, Logger } from "../ports.ts";

/** Names the wallet in front of every line, as Core's log does. */
export class WalletLog implements Logger {
  readonly #prefix: string;
  readonly #log: Logger;

  constructor(walletName: string, log: Logger) {
    this.#prefix = `[${walletName === "" ? "default wallet" : walletName}] `;
    this.#log = log;
  }

  debug(category: LogCategory, message: string, facts?: LogFacts): void {
    this.#log.debug(category, this.#prefix + message, facts);
  }

  info(message: string, facts?: LogFacts): void {
    this.#log.info(this.#prefix + message, facts);
  }

  warn(message: string, facts?: LogFacts): void {
    this.#log.warn(this.#prefix + message, facts);
  }

  error(message: string, facts?: LogFacts): void {
    this.#log.error(this.#prefix + message, facts);
  }

  child(module: string): Logger {
    return this.#log.child(module);
  }
}
