import type { Message } from "@bitfleet/protocol/wire/message.ts";
import { encodeMessage } from "@bitfleet/protocol/wire/message.ts";
import type { NetworkEndpoint, NetworkKind } from "@bitfleet/protocol/wire/network-address.ts";
import { ServiceFlag } from "@bitfleet/protocol/wire/services.ts";
import type { PermissionFlag, PermissionFlags } from "./addresses/permissions.ts";
import { hasPermission } from "./addresses/permissions.ts";
import { Backlog } from "./backlog.ts";

/** Why there is a connection. Names as getpeerinfo's `connection_type` shows them. */
export type ConnectionType =
  | "inbound"
  | "outbound-full-relay"
  | "block-relay-only"
  | "feeler"
  | "manual"
  | "addr-fetch";

/** The socket side of a peer, as everyone but the connection layer sees it. */
export interface PeerConnection {
  /** "v1", "v2", or "detecting" before the first bytes tell. */
  readonly transport: "v1" | "v2" | "detecting";
  /** BIP324 session id as bytes; undefined on v1. */
  readonly sessionId: Uint8Array | undefined;
  readonly isOpen: boolean;
  /** More waits to be sent than `-maxsendbuffer` allows: answer nothing more until it drained. */
  readonly isSendPaused: boolean;
  /** Hands a message to the transport; does nothing on a closed connection. */
  send(type: string, payload: Uint8Array): void;
  /** Resolves when {@link isSendPaused} is false or the connection is over: between two large answers. */
  whenSendable(): Promise<void>;
  /** Ends the connection once what was sent has left, or at once where it does not leave. */
  close(): void;
  readonly statistics: ConnectionStatistics;
}

/** Traffic of one connection. Times are seconds since 1970 as the (possibly mocked) clock has them, 0 for never. */
export interface ConnectionStatistics {
  readonly lastSendSeconds: number;
  readonly lastReceiveSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Bytes by message type; types we do not know are counted as `*other*`. */
  readonly bytesSentByType: ReadonlyMap<string, number>;
  readonly bytesReceivedByType: ReadonlyMap<string, number>;
}

/** What is fixed when a connection begins. */
export interface PeerOptions {
  /** Counts up over the life of the node. */
  readonly id: number;
  /** `peer=<id>`, with `-logips` also the address: how the log calls it. */
  readonly label: string;
  readonly connectionType: ConnectionType;
  /** The other side's address. For outbound connections to names, what the name resolved to, or undefined behind a proxy. */
  readonly endpoint: NetworkEndpoint | undefined;
  /** Our side's address. */
  readonly localEndpoint: NetworkEndpoint | undefined;
  /** As the operator or the address manager named it: `host:port`. */
  readonly name: string;
  /** Network through which we are connected. */
  readonly network: NetworkKind;
  readonly permissions: PermissionFlags;
  /** Milliseconds since 1970, as the (possibly mocked) clock has it. */
  readonly connectedMs: number;
  /** Our service bits towards this peer. */
  readonly ourServices: bigint;
  /** Keyed hash of the peer's network group, for eviction. */
  readonly networkGroupKey: bigint;
  /** Discouraged before it connected: the first to be evicted. */
  readonly isPreferredForEviction: boolean;
  /** Nonce of our `version`. */
  readonly nonce: bigint;
  /** The connection was made to a `-onion` or `-proxy`: the peer sees the proxy's address, not ours. */
  readonly isInboundOnion: boolean;
}

/** A connected node and what both sides have agreed on. State of single subjects lives with their modules, keyed by the peer. */
export class Peer {
  readonly options: PeerOptions;
  readonly connection: PeerConnection;
  readonly backlog = new Backlog();

  /** Version that their `version` named; 0 before it came. */
  version = 0;
  /** The smaller of both versions: what both speak. */
  commonVersion = 0;
  services = 0n;
  /** As sent, without characters that could confuse a terminal or a log. */
  userAgent = "";
  startingHeight = -1;
  /** They asked for transaction announcements (BIP37), at first or by a later bloom filter. */
  relaysTransactions = false;
  /** They loaded a bloom filter. */
  hasBloomFilter = false;
  /** BIP339: announce by wtxid. */
  usesWtxidRelay = false;
  /** BIP155. */
  wantsAddrV2 = false;
  /** Their clock minus ours, seconds. */
  timeOffsetSeconds = 0;
  /** Our address as they see it, from their `version`. */
  ourEndpoint: NetworkEndpoint | undefined;
  /** Their `verack` came: everything may be sent. */
  isReady = false;
  /** Misbehaved: to be discouraged and disconnected at the next turn. */
  shouldDiscourage = false;
  /** BIP152: we asked them to announce by compact block at once, and they asked us. */
  highBandwidthTo = false;
  highBandwidthFrom = false;
  /** Seconds since 1970 of the last block and the last transaction that were news to us; 0 for never. */
  lastBlockSeconds = 0;
  lastTransactionSeconds = 0;
  /** Shortest ping, milliseconds. Infinity before the first pong. */
  minPingUs = Number.POSITIVE_INFINITY;

  constructor(options: PeerOptions, connection: PeerConnection) {
    this.options = options;
    this.connection = connection;
  }

  get id(): number {
    return this.options.id;
  }

  get isInbound(): boolean {
    return this.options.connectionType === "inbound";
  }

  get isManual(): boolean {
    return this.options.connectionType === "manual";
  }

  get isBlockOnly(): boolean {
    return this.options.connectionType === "block-relay-only";
  }

  get isFeeler(): boolean {
    return this.options.connectionType === "feeler";
  }

  get isAddressFetch(): boolean {
    return this.options.connectionType === "addr-fetch";
  }

  get isFullRelay(): boolean {
    return this.options.connectionType === "outbound-full-relay";
  }

  /** Chosen by us from the address manager, for good: full relay or block relay. */
  get isOutboundOrBlockRelay(): boolean {
    return this.isFullRelay || this.isBlockOnly;
  }

  /** We expect them to serve blocks: they said so, or are no light client at least. */
  get servesBlocks(): boolean {
    return (this.services & (ServiceFlag.NETWORK | ServiceFlag.NETWORK_LIMITED)) !== 0n;
  }

  /** They keep recent blocks only (BIP159). */
  get isLimited(): boolean {
    return (this.services & ServiceFlag.NETWORK) === 0n && (this.services & ServiceFlag.NETWORK_LIMITED) !== 0n;
  }

  get servesWitnesses(): boolean {
    return (this.services & ServiceFlag.WITNESS) !== 0n;
  }

  has(permission: PermissionFlag): boolean {
    return hasPermission(this.options.permissions, permission);
  }

  send(message: Message): void {
    const { type, payload } = encodeMessage(message);
    this.connection.send(type, payload);
  }

  /** Sends a payload that is encoded already, such as a block from disk. */
  sendEncoded(type: string, payload: Uint8Array): void {
    this.connection.send(type, payload);
  }

  /** How the log calls the peer: `peer=<id>`, with `-logips` the address too. */
  toString(): string {
    return this.options.label;
  }
}
