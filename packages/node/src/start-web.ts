import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPrivateNetwork } from "@bitfleet/protocol/consensus/private-network.ts";
import type { Chain } from "./chain/chain.ts";
import type { NodeConfig } from "./config/config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { isToldOfPeers } from "./p2p/connections/added-nodes.ts";
import type { P2pNode } from "./p2p/p2p-node.ts";
import type { Clock, Logger } from "./ports.ts";
import type { StorageWatchOptions, WatchedPlace } from "./server/health/storage-watch.ts";
import type { TipStanding } from "./server/health/tip-standing.ts";
import type { RpcMeter } from "./server/metrics/rpc-meter.ts";
import type { NetworkControl } from "./server/network-control.ts";
import type { ProbeServer } from "./server/web/probe-server.ts";
import type { WebServer } from "./server/web/web-server.ts";
import { startAccess } from "./start-access.ts";
import { VERSION } from "./version.ts";

export interface WebTools {
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts the calls of JSON-RPC, for /metrics. */
  readonly rpcMeter: RpcMeter | undefined;
}

/** What the launcher knows of its own files and of its process, for the web server. */
export interface WebPrograms {
  /** Folder of the built page. */
  readonly pageFolder?: string;
  /** Folder of the built wallet app. */
  readonly walletFolder?: string;
  /** Folder of the files of the interactive API reference; where npm installed them if absent. */
  readonly referenceFolder?: string;
  /** Calls back whenever the log is to go on in a new file; returns what ends that. Absent where the process is not the node's own. */
  readonly followLogRotation?: (reopen: () => void) => () => void;
  /** What the node `self` can do to the network in a folder (`-webnetwork`); nothing where absent. */
  readonly networkControl?: (folder: string, self: string) => Promise<NetworkControl>;
}

/** The web server, listening; `undefined` where none is wanted. */
export async function startWeb(
  config: NodeConfig,
  lifecycle: Lifecycle,
  { clock, log, rpcMeter }: WebTools,
  programs: WebPrograms,
): Promise<WebServer | undefined> {
  if (config.web === undefined) return undefined;
  const { host, port, networkFolder, access: accessConfig, ...options } = config.web;
  const access = await startAccess(accessConfig, config.network.name, lifecycle, { clock, log, ...programs });
  const { createWebServer } = await import("./server/web/web-server.ts");
  // By the name of its folder the node is known to the others.
  const network = networkFolder && (await programs.networkControl?.(networkFolder, basename(config.baseDir)));
  const { WalletForwarder } = await import("./server/rest/wallet-forwarder.ts");
  const walletNode = config.walletNode && new WalletForwarder(config.walletNode, log);
  const server = createWebServer(
    {
      ...options,
      listen: { host, port },
      trustedProxies: accessConfig.trustedProxies,
      pageFolder: programs.pageFolder ?? fileURLToPath(new URL("../../../apps/admin/dist", import.meta.url)),
      walletFolder: programs.walletFolder ?? fileURLToPath(new URL("../../../apps/wallet/dist", import.meta.url)),
      referenceFolder: programs.referenceFolder,
      version: VERSION,
      watched: watchedOf(config),
      rpcWhitelist: config.rpc?.whitelist,
    },
    {
      clock,
      log,
      access,
      metricSources: rpcMeter === undefined ? [] : [rpcMeter],
      network: network || undefined,
      walletNode,
    },
  );
  return lifecycle.start(
    "web server",
    async () => {
      await server.listen();
      return server;
    },
    () => server.close(),
  );
}

/** Health and metrics alone, of a node without a page; `undefined` where nobody asked for them. */
export async function startProbes(
  config: NodeConfig,
  lifecycle: Lifecycle,
  { clock, log, rpcMeter }: WebTools,
): Promise<ProbeServer | undefined> {
  const { probeListen: listen } = config;
  if (listen === undefined) return undefined;
  const { ProbeServer } = await import("./server/web/probe-server.ts");
  const options = { listen, version: VERSION, watched: watchedOf(config) };
  const server = new ProbeServer(options, { clock, log, metricSources: rpcMeter === undefined ? [] : [rpcMeter] });
  return lifecycle.start(
    "health and metrics",
    async () => {
      await server.listen();
      return server;
    },
    () => server.close(),
  );
}

export interface TipStandingParts {
  readonly chain: Chain;
  readonly p2p: P2pNode;
  readonly clock: Clock;
  /** The chain had blocks before anybody was connected. */
  readonly hadBlocks: boolean;
}

/** What says whether the node is at the tip of its network, for the health of `server`; nothing without one. */
export async function startTipStanding(
  server: WebServer | ProbeServer | undefined,
  lifecycle: Lifecycle,
  { chain, p2p, clock, hadBlocks }: TipStandingParts,
): Promise<TipStanding | undefined> {
  if (server === undefined) return undefined;
  const { TipStanding } = await import("./server/health/tip-standing.ts");
  const isAlone = isPrivateNetwork(chain.network) || p2p.options.connect !== undefined;
  const options = { expectsPeers: isToldOfPeers(p2p) || !isAlone, hadBlocks };
  return lifecycle.start(
    "standing of the tip",
    () => {
      const standing = new TipStanding(options, { chain, peers: p2p.network, clock });
      standing.start();
      return standing;
    },
    (standing) => standing.stop(),
  );
}

const watchedOf = (config: NodeConfig): StorageWatchOptions => ({
  places: placesOf(config),
  sizes: databasesOf(config),
});

/** Directories that the node must be able to write to. */
function placesOf({ networkDir, blocksDir }: NodeConfig): readonly WatchedPlace[] {
  const data = { name: "data", path: networkDir };
  return blocksDir.startsWith(join(networkDir, "/")) ? [data] : [data, { name: "blocks", path: blocksDir }];
}

/** Where the databases are. Not the block files, whose sizes the chain knows. */
function databasesOf({ networkDir }: NodeConfig): Readonly<Record<string, string>> {
  return {
    chainstate: join(networkDir, "chainstate"),
    "block-index": join(networkDir, "blocks", "index"),
    indexes: join(networkDir, "indexes"),
  };
}
