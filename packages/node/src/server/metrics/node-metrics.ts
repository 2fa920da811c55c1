import { MINER_PACINGS } from "../../mining/miner.ts";
import type { Peer } from "../../p2p/peer.ts";
import { difficultyOf } from "../chain-json.ts";
import type { RunningWebNode, WebNode } from "../web/web-state.ts";
import { counter, counterBy, gauge, gaugeBy, type Metric, type Sample } from "./exposition.ts";

/** What Prometheus reads of a node from when it answers: before that there is nothing to tell, and zeros would be untrue. */
export function nodeMetrics(node: RunningWebNode, version: string): readonly Metric[] {
  const { chain } = node;
  return [
    {
      name: "bitfleet_info",
      type: "gauge",
      help: "Always 1",
      samples: () => [{ labels: { version, network: chain.network.name }, value: 1 }],
    },
    ...chainMetrics(node),
    ...coinMetrics(node),
    ...mempoolMetrics(node),
    ...peerMetrics(node),
    ...indexMetrics(node),
    ...minerMetrics(node),
  ];
}

function chainMetrics({ chain, chainMeter, scripts }: RunningWebNode): readonly Metric[] {
  return [
    gauge("bitfleet_chain_height", "Height of the tip", () => chain.tip.height),
    gauge("bitfleet_chain_headers_height", "Height of the best header known", () => chain.bestHeader.height),
    gauge("bitfleet_chain_tip_timestamp_seconds", "Time of the tip's header", () => chain.tip.header.time),
    gauge("bitfleet_chain_tip_age_seconds", "How long ago the time of the tip's header is", () =>
      Math.max(Date.now() / 1000 - chain.tip.header.time, 0),
    ),
    gauge("bitfleet_chain_difficulty", "Difficulty of the tip", () => difficultyOf(chain.tip.header.bits)),
    gauge("bitfleet_chain_transactions", "Transactions of the active chain", () => chain.tip.chainTransactionCount),
    gauge("bitfleet_chain_verification_ratio", "Estimated share of all transactions that are verified", () =>
      chain.verificationProgress(),
    ),
    gauge("bitfleet_chain_initial_block_download", "1 while the node catches up with the network", () =>
      Number(chain.isInitialBlockDownload),
    ),
    gauge(
      "bitfleet_chain_warnings",
      "Warnings that the chain has, as getblockchaininfo shows them",
      () => chain.warnings().length,
    ),
    ...chainMeter.metrics(),
    gauge("bitfleet_script_workers", "Threads that check scripts", () => scripts?.workerCount),
    gauge("bitfleet_script_batches_waiting", "Batches of scripts that no thread has yet", () => {
      return scripts?.waitingBatchCount;
    }),
    gauge("bitfleet_storage_block_bytes", "Bytes of the block and undo files", () => chain.sizeOnDisk()),
  ];
}

function coinMetrics({ chain: { coins } }: WebNode): readonly Metric[] {
  return [
    gauge("bitfleet_coins_cache_entries", "Coins in memory, and spent ones not yet written", () => coins.cachedCount),
    gauge("bitfleet_coins_cache_dirty_entries", "Of those, changes not yet on disk", () => coins.dirtyCount),
    gauge("bitfleet_coins_cache_bytes", "Memory that they take", () => coins.usageBytes),
    gauge("bitfleet_coins_cache_max_bytes", "Memory that they may take", () => coins.cacheBytes),
    counterBy(
      "bitfleet_coins_lookups_total",
      "Coins asked for: found in memory, or looked for on disk",
      "result",
      () => ({
        hit: coins.lookups.hitCount,
        miss: coins.lookups.missCount,
      }),
    ),
  ];
}

function mempoolMetrics({ mempool, mempoolKeeper }: WebNode): readonly Metric[] {
  return [
    gauge("bitfleet_mempool_transactions", "Transactions that wait for a block", () => mempool.size),
    gauge("bitfleet_mempool_virtual_bytes", "Their virtual size", () => mempool.virtualSize),
    gauge("bitfleet_mempool_usage_bytes", "Memory that they take", () => mempool.usageBytes),
    gauge("bitfleet_mempool_max_bytes", "Memory that they may take", () => mempool.options.usageBytesMax),
    gauge("bitfleet_mempool_fees_satoshis", "Fees that they pay", () => Number(mempool.totalFee)),
    gauge(
      "bitfleet_mempool_min_feerate_sat_per_kvb",
      "Least that is paid for a place, in satoshis for 1000 vbytes",
      () => Number(mempool.minFeerateSatPerKvb),
    ),
    gauge("bitfleet_mempool_loaded", "1 when the mempool of the last run was read", () =>
      Number(mempoolKeeper.isLoaded),
    ),
  ];
}

function peerMetrics({ peers, p2p }: WebNode): readonly Metric[] {
  const { network, messageTraffic } = p2p;
  const messages = (read: (count: { readonly count: number; readonly bytes: number }) => number) => () =>
    (["received", "sent"] as const).flatMap((direction) =>
      [...messageTraffic.by(direction)].map(
        ([command, count]): Sample => ({ labels: { direction, command }, value: read(count) }),
      ),
    );
  return [
    gaugeBy("bitfleet_peers", "Nodes that this one is connected to, by who called", "direction", () => ({
      ...peers(),
    })),
    {
      name: "bitfleet_peer_connections",
      type: "gauge",
      help: "The same by transport and network too",
      samples: () => peerSamples(network.peers.all()),
    },
    counter("bitfleet_p2p_received_bytes_total", "Bytes that peers sent us", () => network.uploadLimit.bytesReceived),
    counter("bitfleet_p2p_sent_bytes_total", "Bytes that we sent peers", () => network.uploadLimit.bytesSent),
    {
      name: "bitfleet_p2p_messages_total",
      type: "counter",
      help: "Messages from and to peers, by command",
      samples: messages(({ count }) => count),
    },
    {
      name: "bitfleet_p2p_message_bytes_total",
      type: "counter",
      help: "Their bytes",
      samples: messages(({ bytes }) => bytes),
    },
  ];
}

function peerSamples(peers: Iterable<Peer>): readonly Sample[] {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const { isInbound, connection, options } of peers) {
    const direction = isInbound ? "inbound" : "outbound";
    const labels = { direction, transport: connection.transport, network: options.network };
    const key = Object.values(labels).join();
    const sample = counts.get(key);
    if (sample === undefined) counts.set(key, { labels, value: 1 });
    else sample.value++;
  }
  return [...counts.values()];
}

function indexMetrics({ indexes }: WebNode): readonly Metric[] {
  const all = (read: (index: (typeof indexes.all)[number]) => number) => () =>
    Object.fromEntries(indexes.all.map((index) => [index.name, read(index)]));
  return [
    gaugeBy(
      "bitfleet_index_height",
      "Height that an index has come to",
      "index",
      all(({ best }) => best?.height ?? 0),
    ),
    gaugeBy(
      "bitfleet_index_synced",
      "1 when an index has come to the tip",
      "index",
      all(({ isSynced }) => Number(isSynced)),
    ),
  ];
}

function minerMetrics({ miner }: WebNode): readonly Metric[] {
  return [
    counter("bitfleet_miner_hashes_total", "Hashes made since the start", () => Number(miner.status().hashCount)),
    counter("bitfleet_miner_blocks_found_total", "Blocks found since the start", () => miner.status().foundCount),
    // No counter: it falls when a block becomes part of the chain again.
    gauge("bitfleet_miner_blocks_stale", "Of those found, blocks that are not part of the chain now", () => {
      return miner.status().staleCount;
    }),
    gauge("bitfleet_miner_hashrate", "Hashes per second, while a block is looked for", () => {
      return miner.status().hashesPerSecond;
    }),
    gauge("bitfleet_miner_interval_seconds", "Mean time between blocks that all miners together aim at", () => {
      return miner.status().intervalMs / 1000;
    }),
    gauge(
      "bitfleet_miner_miners",
      "Miners that the last blocks show, this one included",
      () => miner.status().minerCount,
    ),
    gaugeBy("bitfleet_miner_pacing", "1 for what the miner does now, 0 for the rest", "pacing", () => {
      const { pacing } = miner.status();
      return Object.fromEntries(MINER_PACINGS.map((name) => [name, Number(name === pacing)]));
    }),
  ];
}
