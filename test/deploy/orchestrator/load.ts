import type { Agent } from "node:http";
import type { Client } from "@bitfleet/api/rest-client.ts";
import { type FreeCoin, spendFreely } from "../../browser/free-coins.ts";
import type { Cluster } from "./cluster.ts";
import { pause } from "./probes.ts";
import { apiOf } from "./shipped.ts";

const READ_PAUSE_MS = 60;
const PAY_PAUSE_MS = 300;
const FEE = 2_000n;
const NOBODY = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const AMOUNT = 50_000;

export interface LoadReport {
  readonly reads: number;
  /** Transactions that a web server said it had taken. */
  readonly acknowledged: readonly string[];
  /** Requests through the service that had no good answer, in a sentence each. */
  readonly failures: readonly string[];
  /** Payments that were refused while the wallet's only pod was being replaced. */
  readonly refusedByWallet: number;
}

/**
 * Callers who never rest, all through the service: two read on connections that they keep, two open one for each request, one pays
 * from the wallet, and one sends transactions of its own. `coins` are spent by the last one.
 */
export class Load {
  readonly #cluster: Cluster;
  readonly #stop = new AbortController();
  readonly #callers: Promise<void>[];
  readonly #failures: string[] = [];
  readonly #acknowledged: string[] = [];
  #reads = 0;
  #refusedByWallet = 0;

  constructor(cluster: Cluster, coins: readonly FreeCoin[]) {
    this.#cluster = cluster;
    const fresh = () => this.#client();
    const kept = () => this.#client(cluster.client.keepAlive());
    this.#callers = [
      this.#read("kept connection", kept()),
      this.#read("kept connection", kept()),
      this.#read("new connection", fresh()),
      this.#read("new connection", fresh()),
      this.#payFromWallet(fresh()),
      this.#sendOwn(fresh(), coins),
    ];
  }

  /** Ends the callers, each after its request, and tells what they met. */
  async stop(): Promise<LoadReport> {
    this.#stop.abort();
    await Promise.all(this.#callers);
    return {
      reads: this.#reads,
      acknowledged: this.#acknowledged,
      failures: this.#failures,
      refusedByWallet: this.#refusedByWallet,
    };
  }

  #client(connections?: Agent): Client {
    return apiOf(this.#cluster, undefined, connections, (error) => {
      const { code = "" } = error as NodeJS.ErrnoException;
      this.#failures.push(`no answer at ${(performance.now() / 1000).toFixed(2)} s: ${code} ${error.message}`);
    });
  }

  async #read(kind: string, api: Client): Promise<void> {
    await this.#repeat(READ_PAUSE_MS, `read on a ${kind}`, async () => {
      await api.blockchain();
      this.#reads += 1;
    });
  }

  async #sendOwn(api: Client, coins: readonly FreeCoin[]): Promise<void> {
    const left = [...coins];
    await this.#repeat(PAY_PAUSE_MS, "transaction", async () => {
      const coin = left.shift();
      // They are enough for what is to be shown; on a slow machine the rest takes longer.
      if (coin === undefined) return;
      const { hex } = spendFreely([coin], 1, FEE);
      const { txid } = await api.broadcastTransaction({ hex });
      this.#acknowledged.push(txid);
    });
  }

  async #payFromWallet(api: Client): Promise<void> {
    await this.#repeat(PAY_PAUSE_MS, "payment", async () => {
      const before = this.#walletPod();
      try {
        const { txid } = await api.sendFromWallet({ to_address: NOBODY, amount: AMOUNT, feerate: 3 });
        this.#acknowledged.push(txid!);
      } catch (error) {
        // There is one wallet node: while it is replaced nobody can pay, and callers are told so.
        const isReplaced = before === undefined || this.#walletPod() !== before;
        if ((error as { status?: number }).status !== 503 || !isReplaced) throw error;
        this.#refusedByWallet += 1;
      }
    });
  }

  /** The wallet's pod where it is ready. */
  #walletPod() {
    return this.#cluster.pods("StatefulSet/wallet").find(({ isReady }) => isReady);
  }

  async #repeat(pauseMs: number, what: string, call: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const beganMs = performance.now();
      await call().catch((error: Error) => {
        this.#failures.push(`${what} at ${(beganMs / 1000).toFixed(2)} s: ${error.message}`);
      });
      await pause(pauseMs, this.#stop.signal);
    }
  }
}
