import { type HashKey, hashKey } from "@bitfleet/protocol/primitives/types.ts";
import type { ScriptFlags } from "@bitfleet/protocol/script/flags.ts";
import type { ScriptFailure, ScriptVerifier, TransactionScripts } from "../ports.ts";

/** About what one transaction takes: its key and its place in a Map. Measured on Node 20. */
const ENTRY_BYTES = 130;

/**
 * Transactions whose scripts all passed, and under which flags, so that a block need not run those of a transaction that the
 * mempool has taken. A wtxid commits to everything the scripts see: witnesses and, by the txids it spends from, the outputs.
 * More flags only refuse more, so what passed under some flags passes under any part of them. The oldest are forgotten first.
 */
export class ScriptMemory {
  readonly #entriesMax: number;
  readonly #flags = new Map<HashKey, ScriptFlags>();

  /** `bytes` is about the memory it may take; 0 remembers nothing. */
  constructor(bytes: number) {
    this.#entriesMax = Math.floor(bytes / ENTRY_BYTES);
  }

  /** Transactions that it remembers. */
  get size(): number {
    return this.#flags.size;
  }

  /** Checks scripts with `verifier` and remembers those that pass: for transactions that a block is yet to come with. */
  remembering(verifier: ScriptVerifier): ScriptVerifier {
    return {
      verifyAll: async (transactions, flags) => {
        const failure = await verifier.verifyAll(transactions, flags);
        if (failure === undefined) for (const scripts of transactions) this.#remember(scripts, flags);
        return failure;
      },
      close: () => verifier.close(),
    };
  }

  /** Checks with `verifier` only what is not known to pass: for blocks. */
  recalling(verifier: ScriptVerifier): ScriptVerifier {
    return {
      verifyAll: (transactions, flags) => this.#verifyUnknown(verifier, transactions, flags),
      close: () => verifier.close(),
    };
  }

  async #verifyUnknown(
    verifier: ScriptVerifier,
    transactions: readonly TransactionScripts[],
    flags: ScriptFlags,
  ): Promise<ScriptFailure | undefined> {
    if (this.#flags.size === 0) return verifier.verifyAll(transactions, flags);
    const unknown: number[] = [];
    for (const [index, scripts] of transactions.entries()) if (!this.#isKnown(scripts, flags)) unknown.push(index);
    if (unknown.length === 0) return undefined;
    const failure = await verifier.verifyAll(
      unknown.map((index) => transactions[index]!),
      flags,
    );
    return failure && { ...failure, transactionIndex: unknown[failure.transactionIndex]! };
  }

  #isKnown({ tx }: TransactionScripts, flags: ScriptFlags): boolean {
    const passed = this.#flags.get(hashKey(tx.wtxid));
    return passed !== undefined && (passed & flags) === flags;
  }

  #remember({ tx }: TransactionScripts, flags: ScriptFlags): void {
    if (this.#entriesMax === 0) return;
    const key = hashKey(tx.wtxid);
    // Flags that it passed under one by one say nothing about all of them at once.
    this.#flags.delete(key);
    this.#flags.set(key, flags);
    if (this.#flags.size <= this.#entriesMax) return;
    for (const oldest of this.#flags.keys()) {
      this.#flags.delete(oldest);
      return;
    }
  }
}
