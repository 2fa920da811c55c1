import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { MINER_PACINGS } from "../../mining/miner.ts";
import { difficultyOf } from "../chain-json.ts";
import type { WebNode, WebState } from "../web/web-state.ts";

/** What Prometheus reads of a node: its process from the first look on, and what it does from when it answers. */
export class NodeMetrics {
  readonly #registry = new Registry();
  readonly #state: WebState;
  readonly #version: string;
  #hasNode = false;

  constructor(state: WebState, version: string) {
    this.#state = state;
    this.#version = version;
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All values as they are now, in Prometheus' text format. */
  async text(): Promise<string> {
    const { node } = this.#state;
    // Before that there is nothing to tell, and zeros would be untrue.
    if (node !== undefined && !this.#hasNode) {
      this.#hasNode = true;
      describeNode(this.#registry, node, this.#version);
    }
    // The event loop's mean lag, looked at twice within its resolution, is of no samples: left out, as what is not known is.
    return (await this.#registry.metrics()).replace(/^\S+ NaN\n?/gim, "");
  }
}

function describeNode(registry: Registry, node: WebNode, version: string): void {
  const { chain, mempool, miner, peers } = node;
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const labelled = (name: string, help: string, label: string, read: () => Readonly<Record<string, number>>) =>
    new Gauge({
      name,
      help,
      registers,
      labelNames: [label],
      collect() {
        for (const [value, count] of Object.entries(read())) this.set({ [label]: value }, count);
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      // The count is kept elsewhere; it only grows.
      collect() {
        this.reset();
        this.inc(read());
      },
    });

  new Gauge({ name: "bitfleet_info", help: "Always 1", registers, labelNames: ["version", "network"] }).set(
    { version, network: chain.network.name },
    1,
  );
  gauge("bitfleet_chain_height", "Height of the tip", () => chain.tip.height);
  gauge("bitfleet_chain_headers_height", "Height of the best header known", () => chain.bestHeader.height);
  gauge("bitfleet_chain_tip_timestamp_seconds", "Time of the tip's header", () => chain.tip.header.time);
  gauge("bitfleet_chain_difficulty", "Difficulty of the tip", () => difficultyOf(chain.tip.header.bits));
  gauge("bitfleet_chain_transactions", "Transactions of the active chain", () => chain.tip.chainTransactionCount);
  gauge("bitfleet_chain_initial_block_download", "1 while the node catches up with the network", () =>
    Number(chain.isInitialBlockDownload),
  );
  gauge("bitfleet_mempool_transactions", "Transactions that wait for a block", () => mempool.size);
  gauge("bitfleet_mempool_virtual_bytes", "Their virtual size", () => mempool.virtualSize);
  gauge("bitfleet_mempool_usage_bytes", "Memory that they take", () => mempool.usageBytes);
  gauge("bitfleet_mempool_min_feerate_sat_per_kvb", "Least that is paid for a place, in satoshis for 1000 vbytes", () =>
    Number(mempool.minFeerateSatPerKvb),
  );
  labelled("bitfleet_peers", "Nodes that this one is connected to, by who called", "direction", () => peers());
  counter("bitfleet_miner_hashes_total", "Hashes made since the start", () => Number(miner.status().hashCount));
  counter("bitfleet_miner_blocks_found_total", "Blocks found since the start", () => miner.status().foundCount);
  // No counter: it falls when a block becomes part of the chain again.
  gauge("bitfleet_miner_blocks_stale", "Of those found, blocks that are not part of the chain now", () => {
    return miner.status().staleCount;
  });
  gauge("bitfleet_miner_hashrate", "Hashes per second, while a block is looked for", () => {
    return miner.status().hashesPerSecond;
  });
  gauge("bitfleet_miner_interval_seconds", "Mean time between blocks that all miners together aim at", () => {
    return miner.status().intervalMs / 1000;
  });
  gauge(
    "bitfleet_miner_miners",
    "Miners that the last blocks show, this one included",
    () => miner.status().minerCount,
  );
  labelled("bitfleet_miner_pacing", "1 for what the miner does now, 0 for the rest", "pacing", () => {
    const { pacing } = miner.status();
    return Object.fromEntries(MINER_PACINGS.map((name) => [name, Number(name === pacing)]));
  });
}
