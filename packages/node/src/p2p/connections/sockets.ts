import type { NetworkAddress, NetworkEndpoint } from "@bitfleet/protocol/wire/network-address.ts";

/** Reaches other nodes: TCP in the real world, memory in a simulation. */
export interface SocketPort {
  /** Rejects with `SocketError` where nobody answers within `timeoutMs`. */
  connect(target: DialTarget, options: DialOptions): Promise<PeerSocket>;
  /** Takes connections. Rejects with `SocketError` where the address cannot be used. */
  listen(endpoint: NetworkEndpoint, onSocket: (socket: PeerSocket) => void): Promise<Listener>;
  /** Addresses of a host name, at most `countMax`, none where it has none or the resolver fails. */
  resolve(host: string, countMax: number): Promise<readonly NetworkAddress[]>;
}

/** An address, or a name that only a proxy may resolve. */
export type DialTarget = NetworkEndpoint | { readonly host: string; readonly port: number };

/** Where a stream is connected to: a host's port, or a socket in the file system. */
export type StreamPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** A SOCKS5 proxy. Random credentials for each connection make Tor keep them on separate circuits. */
export type SocksProxy = StreamPlace & { readonly credentials: "random" | "none" };

/** What a path of a socket in the file system begins with in options and answers. */
export const UNIX_SOCKET_PREFIX = "unix:";

/** `host:port`, or `unix:` with the path. */
export function placeText(place: StreamPlace): string {
  if ("path" in place) return `${UNIX_SOCKET_PREFIX}${place.path}`;
  return `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`;
}

export interface DialOptions {
  readonly timeoutMs: number;
  readonly proxy?: SocksProxy;
  readonly signal: AbortSignal;
}

export interface Listener {
  /** Where it listens, with the port that the system chose where 0 was asked for. */
  readonly endpoint: NetworkEndpoint;
  close(): Promise<void>;
}

/** One byte stream. The callbacks are set once, by who takes it over, before anything can arrive. */
export interface PeerSocket {
  /** Undefined where a proxy connects us to a name. */
  readonly remote: NetworkEndpoint | undefined;
  readonly local: NetworkEndpoint | undefined;
  /** Bytes written and not yet taken by the system. */
  readonly queuedSize: number;
  write(bytes: Uint8Array): void;
  /** Stops and resumes reading: the other side is held back by TCP's flow control. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends. */
  end(): void;
  /** Ends at once. */
  destroy(): void;
  start(callbacks: SocketCallbacks): void;
}

export interface SocketCallbacks {
  readonly onData: (bytes: Uint8Array) => void;
  /** What was written has been taken. */
  readonly onDrain: () => void;
  /** Called once. `error` is undefined where the other side ended in order. */
  readonly onClose: (error: Error | undefined) => void;
}

/** A connection that did not come about. `isProxyFailure`: the proxy's fault, which says nothing about the target. */
export class SocketError extends Error {
  readonly isProxyFailure: boolean;

  constructor(message: string, isProxyFailure = false) {
    super(message);
    this.name = "SocketError";
    this.isProxyFailure = isProxyFailure;
  }
}
