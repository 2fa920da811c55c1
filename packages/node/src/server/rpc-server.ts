import type { Clock, Logger } from "../ports.ts";
import type { RpcCredential, RpcWhitelist } from "./auth.ts";
import type { ListenAddress } from "./listen-address.ts";
import type { RpcHandlers } from "./rpc-dependencies.ts";
import type { Subnet } from "./subnet.ts";

export interface RpcServerOptions {
  /** -rpcbind and -rpcport; where several are given, one that can be taken suffices, as in Core. */
  readonly listen: readonly ListenAddress[];
  /** -rpcallowip. Loopback may always call. */
  readonly allow: readonly Subnet[];
  /** Cookie, -rpcuser/-rpcpassword and -rpcauth: see auth.ts. */
  readonly credentials: readonly RpcCredential[];
  /** -rpcwhitelist, -rpcwhitelistdefault. */
  readonly whitelist?: RpcWhitelist;
  /** -rpcworkqueue: calls that may wait; default 64. */
  readonly workQueueDepth?: number;
  /** -rpcthreads: calls answered at the same time; default 16. */
  readonly concurrency?: number;
  /** -rpcservertimeout: idle connections and slow requests are closed after this long; default 30 s. */
  readonly timeoutMs?: number;
}

export interface RpcServerDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

/** The JSON-RPC listener. It answers -28 from `listen` until `ready`. */
export interface RpcServer {
  /** Rejects with `ListenError` where no address can be taken. */
  listen(): Promise<void>;
  /** Where it listens, with the real ports. */
  readonly addresses: readonly ListenAddress[];
  /** What -28 answers say meanwhile: `Loading block index…`. */
  warmUp(status: string): void;
  /** From now on calls are answered. */
  ready(handlers: RpcHandlers): void;
  /** Takes no new calls, lets running ones answer, closes connections. */
  close(): Promise<void>;
}
