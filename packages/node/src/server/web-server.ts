import type { Chain } from "../chain/chain.ts";
import type { Clock, Logger } from "../ports.ts";
import type { ListenAddress } from "./listen-address.ts";

export interface WebServerOptions {
  readonly listen: ListenAddress;
  /** Folder of the built admin page (apps/admin/dist). Where it is absent `/` explains how to build it. */
  readonly pageFolder?: string;
  /** Version of this software, for /health. */
  readonly version: string;
}

export interface WebServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the routes read once the node runs. */
export interface WebNode {
  readonly chain: Chain;
  /** Transactions waiting for a block. */
  readonly mempoolSize: () => number;
  readonly peerCount: () => number;
}

/** The HTTP server of page, health and read-only API. Alive from `listen`, ready after `ready`. */
export interface WebServer {
  /** Rejects with `ListenError`. */
  listen(): Promise<void>;
  /** Where it listens, with the real port. */
  readonly address: ListenAddress;
  ready(node: WebNode): void;
  /** /health/ready answers 503 from now on, so that balancers turn away while requests still end. */
  drain(): void;
  close(): Promise<void>;
}
