import type { Chain } from "./chain/chain.ts";
import { type SystemClock, systemRandom } from "./clock.ts";
import type { NodeConfig } from "./config/config.ts";
import type { FilterIndex } from "./indexes/filter-index.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Mempool } from "./mempool/mempool.ts";
import { tcpSockets } from "./p2p/connections/tcp-sockets.ts";
import { P2pNode } from "./p2p/p2p-node.ts";
import type { Telemetry } from "./telemetry.ts";
import { socketTurn } from "./turns.ts";
import { userAgentOf } from "./version.ts";

export interface P2pParts {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly filterIndex: FilterIndex | undefined;
  readonly clock: SystemClock;
  readonly telemetry: Telemetry;
}

/** Reads what the node remembers of others, listens, and begins to connect. */
export function startP2p(config: NodeConfig, lifecycle: Lifecycle, parts: P2pParts): Promise<P2pNode> {
  const { chain, mempool, filterIndex, clock, telemetry } = parts;
  const start = async () => {
    const node = await P2pNode.load(
      {
        ...config.p2p,
        network: config.network,
        networkDir: config.networkDir,
        userAgent: userAgentOf(config.userAgentComments),
        minimumChainwork: config.chain.minimumChainwork ?? config.network.params.minimumChainwork,
        minRelayFeerate: config.mempool.minRelayFeerateSatPerKvb,
        isOwnNetwork: config.isOwnNetwork,
      },
      {
        chain,
        mempool,
        filterIndex,
        sockets: tcpSockets(systemRandom),
        clock,
        scheduler: clock.scheduler,
        random: systemRandom,
        log: telemetry.logger("net"),
        yield: socketTurn,
        onFatal: (error) => lifecycle.fail(error),
      },
    );
    await node.start();
    return node;
  };
  return lifecycle.start("peers", start, (node) => node.stop());
}
